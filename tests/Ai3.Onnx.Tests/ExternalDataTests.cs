using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;
using Google.Protobuf;

namespace Ai3.Onnx.Tests;

public sealed class ExternalDataTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ai3-external-").FullName;
    private readonly string _folder;

    public ExternalDataTests()
    {
        _folder = Directory.CreateDirectory(Path.Combine(_root, "model")).FullName;
        File.WriteAllBytes(Path.Combine(_root, "secret.bin"), new byte[16]);
        File.WriteAllBytes(Path.Combine(_folder, "w.bin"), [.. Enumerable.Range(0, 16).Select(i => (byte)i)]);
        Directory.CreateDirectory(Path.Combine(_folder, "sub"));
        File.WriteAllBytes(Path.Combine(_folder, "sub", "w.bin"), [9, 9, 9, 9]);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory, InlineData(true), InlineData(false)]
    public void DataIsReadFromTheFolder(bool mapped)
    {
        ImportLimits limits = mapped ? ImportLimits.Default : ImportLimits.Untrusted;
        Assert.Equal([4, 5, 6, 7], Load(limits, ("location", "w.bin"), ("offset", "4"), ("length", "4")).AsBytes().ToArray());
        Assert.Equal([0, 1, 2, 3], Load(limits, ("location", "./w.bin")).AsBytes().ToArray());
        Assert.Equal([9, 9, 9, 9], Load(limits, ("location", "sub/w.bin"), ("checksum", "anything")).AsBytes().ToArray());
        Assert.Equal(mapped, Load(limits, ("location", "w.bin")).IsReadOnly);
    }

    [Theory]
    [InlineData("../secret.bin")]
    [InlineData("sub/../../secret.bin")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("..\\secret.bin")]
    [InlineData("sub\\w.bin")]
    [InlineData("w.bin/")]
    [InlineData("sub//w.bin")]
    [InlineData("w.bin\0")]
    public void PathsThatLeaveTheFolderAreRefused(string path) =>
        Make.Refuses<OnnxFormatException>(() => Load(null, ("location", path)), "stays in the model's folder");

    [Theory]
    [InlineData("offset", "abc", "offset 'abc'")]
    [InlineData("offset", "-1", "offset '-1'")]
    [InlineData("offset", " 1", "offset ' 1'")]
    [InlineData("offset", "9223372036854775808", "offset '9223372036854775808'")]
    [InlineData("offset", "9223372036854775800", "4 bytes at 9223372036854775800 of 'w.bin', which has 16 bytes")]
    [InlineData("offset", "13", "4 bytes at 13 of 'w.bin'")]
    [InlineData("offset", "17", "4 bytes at 17 of 'w.bin'")]
    [InlineData("length", "5", "external data has 5 bytes, u8[4] takes 4")]
    [InlineData("basepath", "/", "the key 'basepath'")]
    public void EntriesAreChecked(string key, string value, string message)
    {
        Make.Refuses<OnnxFormatException>(() => Load(null, ("location", "w.bin"), (key, value)), message);
        Make.Refuses<OnnxFormatException>(() => Load(ImportLimits.Untrusted, ("location", "w.bin"), (key, value)), message);
    }

    [Fact]
    public void EntriesMustBeThereOnce()
    {
        Make.Refuses<OnnxFormatException>(() => Load(null, ("location", "w.bin"), ("location", "w.bin")), "'location' twice");
        Make.Refuses<OnnxFormatException>(() => Load(null, ("offset", "0")), "no location");
    }

    [Fact]
    public void FilesMustBeFilesThatExist()
    {
        Make.Refuses<OnnxFormatException>(() => Load(null, ("location", "absent.bin")), "does not exist");
        Make.Refuses<OnnxFormatException>(() => Load(null, ("location", "sub")), "does not exist");
    }

    [Fact]
    public void BytesWithoutAFolderHaveNoExternalData() =>
        Make.Refuses<OnnxFormatException>(() => Make.LoadTensor(External(("location", "w.bin"))), "give a base folder");

    [Fact]
    public void LinksThatLeaveTheFolderAreRefused()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "link.bin"), Path.Combine(_root, "secret.bin"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "up"), _root);
        File.CreateSymbolicLink(Path.Combine(_folder, "inside.bin"), "w.bin");
        File.CreateSymbolicLink(Path.Combine(_folder, "circle.bin"), "circle.bin");
        File.CreateSymbolicLink(Path.Combine(_folder, "device.bin"), "/dev/zero");
        Make.Refuses<OnnxFormatException>(() => Load(null, ("location", "link.bin")), "outside of the model's folder");
        Make.Refuses<OnnxFormatException>(() => Load(ImportLimits.Untrusted, ("location", "up/secret.bin")), "outside of the model's folder");
        Make.Refuses<OnnxFormatException>(() => Load(null, ("location", "circle.bin")), "circle.bin");
        Make.Refuses<OnnxFormatException>(() => Load(null, ("location", "device.bin")), "a link to what is no file");
        Assert.Equal([0, 1, 2, 3], Load(null, ("location", "inside.bin")).AsBytes().ToArray());
    }

    [Fact]
    public void ALinkedModelMayHaveItsDataBesideTheRealFile()
    {
        File.WriteAllBytes(Path.Combine(_folder, "blob-model"), Make.WithInitializer(External(("location", "data.bin"))).ToByteArray());
        string snapshot = Directory.CreateDirectory(Path.Combine(_root, "snapshot")).FullName;
        File.CreateSymbolicLink(Path.Combine(snapshot, "m.onnx"), Path.Combine(_folder, "blob-model"));
        File.CreateSymbolicLink(Path.Combine(snapshot, "data.bin"), Path.Combine(_folder, "w.bin"));
        using Model model = OnnxModel.Load(Path.Combine(snapshot, "m.onnx"));
        Assert.Equal([0, 1, 2, 3], model.Spec.Initializers[0].Value.AsBytes().ToArray());
    }

    [Fact]
    public void PipesAreNotOpened()
    {
        string pipe = Path.Combine(_folder, "pipe.bin");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [pipe]))
            mkfifo.WaitForExit();
        Make.Refuses<OnnxFormatException>(() => Load(null, ("location", "pipe.bin")), "which has 0 bytes");
    }

    [Fact]
    public void DataIsInOnePlace()
    {
        Make.Refuses<OnnxFormatException>(() => Make.LoadTensor(External(("location", "w.bin")).With(t => t.RawData = ByteString.CopyFrom(1, 2, 3, 4)), null, _folder), "in one place");
        Make.Refuses<OnnxFormatException>(() => Make.LoadTensor(External(("location", "w.bin")).With(t => t.DataType = (int)DType.String), null, _folder), "strings");
    }

    [Fact]
    public void CopiesAreCounted() => Make.Refuses<LimitExceededException>(
        () => Load(ImportLimits.Untrusted with { ExternalBytes = 3 }, ("location", "w.bin")), "more than 3 bytes");

    private static TensorProto External(params (string Key, string Value)[] entries) => Make.Tensor("w", DType.UInt8, 4).With(t =>
    {
        t.DataLocation = TensorProto.Types.DataLocation.External;
        t.ExternalData.Add(entries.Select(e => new StringStringEntryProto { Key = e.Key, Value = e.Value }));
    });

    private Tensor Load(ImportLimits? limits, params (string Key, string Value)[] entries) => Make.LoadTensor(External(entries), limits, _folder);
}
