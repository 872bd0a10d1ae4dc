using System.Text;

namespace Ai3.Tensors.Tests;

public class NpyFileTests
{
    [Fact]
    public void TheBytesAreThoseOfNumPy()
    {
        using Tensor tensor = Tensor.From(new short[] { 1, -2 }, [2]);
        using var stream = new MemoryStream();
        NpyFile.Write(stream, tensor);
        byte[] expected = [0x93, .. "NUMPY"u8, 1, 0, 0x76, 0, .. Encoding.ASCII.GetBytes("{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }".PadRight(117) + "\n"), 1, 0, 0xFE, 0xFF];
        Assert.Equal(expected, stream.ToArray());
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Float16)]
    [InlineData(DType.Int8)]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Int16)]
    [InlineData(DType.UInt16)]
    [InlineData(DType.Int32)]
    [InlineData(DType.UInt32)]
    [InlineData(DType.Int64)]
    [InlineData(DType.UInt64)]
    [InlineData(DType.Bool)]
    [InlineData(DType.Complex64)]
    [InlineData(DType.Complex128)]
    public void EveryTypeComesBack(DType type)
    {
        Shape[] shapes = [Shape.Scalar, [5], [2, 3, 4], [2, 0, 3]];
        foreach (Shape shape in shapes)
        {
            using Tensor tensor = Tensor.Zeros(type, shape);
            for (int i = 0; i < tensor.AsBytes().Length; i++)
                tensor.AsBytes()[i] = type == DType.Bool ? (byte)(i % 2) : (byte)(i * 7);
            using Tensor back = RoundTrip(tensor);
            Assert.Equal((type, shape), (back.Type, back.Shape));
            Assert.Equal(tensor.AsBytes().ToArray(), back.AsBytes().ToArray());
        }
    }

    [Fact]
    public void StringsComeBack()
    {
        string[] texts = ["", "a", "\U0001F600 smile", "ü"];
        using Tensor back = RoundTrip(Tensor.From(texts, [2, 2]));
        Assert.Equal(texts, back.AsStrings().ToArray());
    }

    [Fact]
    public void BigEndianAndFortranOrderAreRead()
    {
        // [[1, 2, 3], [4, 5, 6]] with the first axis fastest.
        byte[] elements = [0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6];
        using Tensor tensor = NpyFile.Read(Stream("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }", elements));
        Assert.Equal([1, 2, 3, 4, 5, 6], tensor.AsSpan<short>().ToArray());
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,), }")]
    [InlineData("{'descr': '<U99999', 'fortran_order': False, 'shape': (4611686018427387904,), }")]
    [InlineData("{'descr': '<U0', 'fortran_order': False, 'shape': (4611686018427387904,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }")]
    [InlineData("{'descr': '")]
    [InlineData("")]
    public void ABadHeaderIsRefused(string header)
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, Stream(header, new byte[4]).ToArray());
        Assert.Throws<InvalidDataException>(() => NpyFile.Read(path));
        File.WriteAllBytes(path, Stream(header, new byte[4]).ToArray()[..7]);
        Assert.Throws<InvalidDataException>(() => NpyFile.Read(path));
        File.Delete(path);
    }

    private static Tensor RoundTrip(Tensor tensor)
    {
        using var stream = new MemoryStream();
        NpyFile.Write(stream, tensor);
        Assert.Equal(0, (stream.Length - tensor.ByteLength) % (tensor.Type == DType.String ? 4 : 64));
        stream.Position = 0;
        return NpyFile.Read(stream);
    }

    private static MemoryStream Stream(string header, byte[] elements) =>
        new([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. elements]);
}
