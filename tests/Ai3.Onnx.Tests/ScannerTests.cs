using System.Text;
using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;
using Google.Protobuf;

namespace Ai3.Onnx.Tests;

/// <summary>Bytes written out by hand: what the walk over the encoding takes and refuses.</summary>
public class ScannerTests
{
    // ir_version 8, one import of version 17, an empty graph.
    private static readonly byte[] Smallest = [0x08, 8, 0x42, 2, 0x10, 17, 0x3A, 0];

    [Fact]
    public void TheSmallestModelLoads()
    {
        using Model model = OnnxModel.Load(Smallest);
        Assert.Equal(17, model.Opsets[""]);
        Assert.Empty(model.Graph.Nodes);
    }

    [Theory]
    [InlineData("0808 4202", "message cut after its length", "field 8 of ModelProto claims 2 bytes, but the file is cut short", 2)]
    [InlineData("0808 420210", "message cut in its contents", "claims 2 bytes", 2)]
    [InlineData("08", "number missing", "a number in ModelProto runs past the end", 1)]
    [InlineData("0880", "number cut", "a number in ModelProto runs past the end", 1)]
    [InlineData("08 80808080808080808080 01", "number of 11 bytes", "takes more than 64 bits", 1)]
    [InlineData("08 FFFFFFFFFFFFFFFFFF 02", "number of 65 bits", "takes more than 64 bits", 1)]
    [InlineData("3805", "graph as a number", "field 7 of ModelProto has wire type 0", 0)]
    [InlineData("3A FFFFFFFFFFFFFFFF3F", "a graph of 2^62 bytes", "claims 4611686018427387903 bytes", 0)]
    [InlineData("3B3C", "a group", "field 7 of ModelProto has wire type 3", 0)]
    [InlineData("0F", "wire type 7", "field 1 of ModelProto has wire type 7, which ONNX does not use", 0)]
    [InlineData("0005", "field 0", "field number 0 in ModelProto", 0)]
    [InlineData("FDFF", "tag cut", "a number in ModelProto runs past the end", 0)]
    [InlineData("FD0100", "4 bytes cut", "field 31 of ModelProto takes 4 bytes, but its message ends 1 bytes on", 0)]
    [InlineData("3A04 2A04 0000", "tensor longer than its graph", "field 5 of GraphProto claims 4 bytes", 2)]
    [InlineData("3A03 2A01 48 0000", "raw_data as a number", "field 9 of TensorProto has wire type 0", 4)]
    public void BrokenEncodingsAreRefusedWithTheirPlace(string hex, string what, string message, long offset)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        OnnxFormatException error = Make.Refuses<OnnxFormatException>(() => OnnxModel.Load(bytes), message);
        Assert.True(error.Message.Contains($"(at byte {offset})", StringComparison.Ordinal), $"{what}: {error.Message}");
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 5\n", "Git LFS pointer")]
    [InlineData("{\"a\": 1}", "JSON")]
    [InlineData("<!DOCTYPE html><html></html>", "HTML")]
    [InlineData("hello there", "this is text")]
    [InlineData("PK\u0003\u0004abcd", "ZIP archive")]
    public void OtherTextFilesAreNamed(string text, string message) =>
        Make.Refuses<OnnxFormatException>(() => OnnxModel.Load(Encoding.UTF8.GetBytes(text)), message);

    [Theory]
    [InlineData("89504E470D0A1A0A0000", "PNG")]
    [InlineData("894844460D0A1A0A0000", "HDF5")]
    [InlineData("1F8B080000000000", "gzip")]
    [InlineData("1C00000054464C3314", "TensorFlow Lite")]
    [InlineData("200000004F52544D00", "ONNX Runtime")]
    [InlineData("", "the file is empty")]
    public void OtherBinaryFilesAreNamed(string hex, string message) =>
        Make.Refuses<OnnxFormatException>(() => OnnxModel.Load(Convert.FromHexString(hex)), message);

    [Fact]
    public void EveryCutOfAModelIsRefusedOrSmaller()
    {
        byte[] bytes = Make.Model(Make.Node("Neg", ["x"], ["y"])).ToByteArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            Exception error = Assert.ThrowsAny<Exception>(() => OnnxModel.Load(cut));
            Assert.True(error is OnnxFormatException or GraphException, $"{length} bytes: {error}");
        }
    }

    [Fact]
    public void WeightsAreNotInTheSkeleton()
    {
        byte[] bytes = Make.WithInitializer(Make.Raw("w", DType.UInt8, new byte[100_000], 100_000)).ToByteArray();
        ArraySegment<byte> skeleton = SkeletonScanner.Scan(bytes, MessageKind.ModelProto, ImportLimits.Default);
        Assert.InRange(skeleton.Count, 1, 200);
        RawHandle handle = RawHandle.Read(ModelProto.Parser.ParseFrom(skeleton.Array, 0, skeleton.Count).Graph.Initializer[0].RawData.Span);
        Assert.Equal(100_000, handle.Length);
        Assert.True(bytes.AsSpan((int)handle.Offset, 100_000).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void MessagesAreCounted() => Make.Refuses<LimitExceededException>(
        () => Make.Load(Make.Model(Make.Node("Neg", ["x"], ["y"])), ImportLimits.Default with { Messages = 5 }), "more than 5 messages");

    [Fact]
    public void TypesNestWithinLimits()
    {
        var type = new TypeProto { TensorType = new() { ElemType = 1 } };
        for (int i = 0; i < 200; i++)
            type = new TypeProto { SequenceType = new() { ElemType = type } };
        ModelProto model = Make.Model();
        model.Graph.ValueInfo.Add(new ValueInfoProto { Name = "deep", Type = type });
        Make.Refuses<LimitExceededException>(() => Make.Load(model), "nested more than");
    }

    [Fact]
    public void NumbersMayTakeMoreBytesThanNeeded()
    {
        using Model model = OnnxModel.Load(new byte[] { 0x88, 0x80, 0, 0x88, 0x80, 0, 0x42, 0x82, 0, 0x10, 17, 0x3A, 0 });
        Assert.Equal(8, model.Metadata.IrVersion);
    }

    [Fact]
    public void TextThatIsNotUtf8IsTakenOrRefused()
    {
        // producer_name FF.
        byte[] bytes = [0x12, 1, 0xFF, .. Smallest];
        try
        {
            OnnxModel.Load(bytes).Dispose();
        }
        catch (OnnxFormatException)
        {
        }
    }

    [Fact]
    public void NamesWithLineBreaksKeepMessagesOnOneLine() => Make.Refuses<GraphException>(
        () => Make.Load(Make.Model(Make.Node("Neg", ["a\nb"], ["y"]))), "a\\u000Ab");
}
