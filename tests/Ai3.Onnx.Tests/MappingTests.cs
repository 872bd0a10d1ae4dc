using System.Diagnostics;
using Ai3.Runtime;
using Ai3.Tensors;
using Google.Protobuf;

namespace Ai3.Onnx.Tests;

public class MappingTests
{
    private const long Gigabyte = 1 << 30;

    [Fact]
    public void AModelOfAGigabyteTakesNoMemory()
    {
        string path = Path.Combine(Path.GetTempPath(), $"ai3-{Guid.NewGuid():N}.onnx");
        try
        {
            WriteSparse(path);
            long managed = GC.GetTotalAllocatedBytes();
            long resident = ResidentBytes();
            using (Model model = OnnxModel.Load(path))
            {
                Tensor weights = model.Spec.Initializers.Single().Value;
                Assert.Equal(Gigabyte, weights.ByteLength);
                Assert.True(weights.IsReadOnly);
                Assert.InRange(GC.GetTotalAllocatedBytes() - managed, 0, 16 << 20);
                Assert.InRange(ResidentBytes() - resident, long.MinValue, 64 << 20);
                Assert.Equal(0, weights.AsBytes()[1 << 29]);
                Assert.Equal(7, weights.AsBytes()[^1]);
            }
            Make.Refuses<LimitExceededException>(() => OnnxModel.Load(path, ImportLimits.Untrusted), "bytes, the limit is 1073741824");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void DisposedModelsGiveTheirFileBack()
    {
        string path = Path.Combine(Path.GetTempPath(), $"ai3-{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, Make.WithInitializer(Make.Raw("w", DType.UInt8, [1, 2], 2)).ToByteArray());
        Model model = OnnxModel.Load(path);
        Tensor tensor = model.Spec.Initializers[0].Value;
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.Address);
        File.Delete(path);
    }

    // The head of a file whose one tensor is at the end; all but its last byte is a hole.
    private static void WriteSparse(string path)
    {
        using FileStream file = File.Create(path);
        using var tensor = new MemoryStream();
        Make.Tensor("w", DType.UInt8, Gigabyte).WriteTo(tensor);
        byte[] rawHead = [0x4A, 0x80, 0x80, 0x80, 0x80, 0x04];
        using var graph = new MemoryStream();
        var graphOut = new CodedOutputStream(graph);
        graphOut.WriteTag(5, WireFormat.WireType.LengthDelimited);
        graphOut.WriteUInt64((ulong)(tensor.Length + rawHead.Length + Gigabyte));
        graphOut.Flush();
        var fileOut = new CodedOutputStream(file, leaveOpen: true);
        fileOut.WriteRawTag(0x08);
        fileOut.WriteUInt64(8);
        fileOut.WriteRawTag(0x42);
        fileOut.WriteBytes(ByteString.CopyFrom(0x10, 17));
        fileOut.WriteTag(7, WireFormat.WireType.LengthDelimited);
        fileOut.WriteUInt64((ulong)(graph.Length + tensor.Length + rawHead.Length + Gigabyte));
        fileOut.Flush();
        file.Write(graph.ToArray());
        file.Write(tensor.ToArray());
        file.Write(rawHead);
        file.Position += Gigabyte - 1;
        file.WriteByte(7);
    }

    private static long ResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
