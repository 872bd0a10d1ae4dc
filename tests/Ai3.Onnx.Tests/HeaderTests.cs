using Ai3.Onnx.Protos;
using Ai3.Runtime;

namespace Ai3.Onnx.Tests;

public class HeaderTests
{
    [Theory]
    [InlineData(3), InlineData(8), InlineData(14)]
    public void KnownVersionsOfTheFormatLoad(long version)
    {
        ModelProto model = Make.Model();
        model.IrVersion = version;
        Assert.Equal(version, Make.Load(model).Metadata.IrVersion);
    }

    [Theory]
    [InlineData(0, "ir_version is 0"), InlineData(-3, "ir_version is -3")]
    public void BrokenVersionsOfTheFormatAreRefused(long version, string message)
    {
        ModelProto model = Make.Model();
        model.IrVersion = version;
        Make.Refuses<OnnxFormatException>(() => Make.Load(model), message);
        model.ClearIrVersion();
        Make.Refuses<OnnxFormatException>(() => Make.Load(model), "ir_version is missing");
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(15), InlineData(long.MaxValue)]
    public void OtherVersionsOfTheFormatAreUnsupported(long version)
    {
        ModelProto model = Make.Model();
        model.IrVersion = version;
        Make.Refuses<UnsupportedModelException>(() => Make.Load(model), $"version {version} of the file format", "known are 3 to 14");
    }

    [Fact]
    public void GraphAndImportsMustBeThere()
    {
        ModelProto model = Make.Model();
        model.Graph = null;
        Make.Refuses<OnnxFormatException>(() => Make.Load(model), "no graph");
        model = Make.Model();
        model.OpsetImport.Clear();
        Make.Refuses<OnnxFormatException>(() => Make.Load(model), "no opset_import");
    }

    [Theory]
    [InlineData("", 1), InlineData("", 28), InlineData("ai.onnx", 17), InlineData("ai.onnx.ml", 5), InlineData("anything", 0), InlineData("anything", 1000)]
    public void KnownVersionsOfOperatorsLoad(string domain, long version)
    {
        ModelProto model = Make.Model();
        model.OpsetImport.Clear();
        model.OpsetImport.Add(Make.Import(domain, version));
        Assert.Equal((int)version, Make.Load(model).Opsets[domain == "ai.onnx" ? "" : domain]);
    }

    [Theory]
    [InlineData("", 0), InlineData("", -1), InlineData("", 29), InlineData("ai.onnx", 999), InlineData("ai.onnx.ml", 6), InlineData("anything", -1), InlineData("anything", 1L << 40)]
    public void OtherVersionsOfOperatorsAreUnsupported(string domain, long version)
    {
        ModelProto model = Make.Model();
        model.OpsetImport.Add(Make.Import(domain, version));
        Make.Refuses<UnsupportedModelException>(() => Make.Load(model), $"imports version {version}");
    }

    [Fact]
    public void OfSeveralImportsTheHighestCounts()
    {
        ModelProto model = Make.Model();
        model.OpsetImport.Add([Make.Import("ai.onnx", 19), Make.Import("", 11)]);
        Assert.Equal(19, Make.Load(model).Opsets[""]);
    }

    [Fact]
    public void MetadataIsKept()
    {
        ModelProto model = Make.Model();
        model.ProducerName = "maker";
        model.ProducerVersion = "1.2";
        model.Domain = "org.example";
        model.ModelVersion = 7;
        model.DocString = "text";
        model.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        ModelMetadata metadata = Make.Load(model).Metadata;
        Assert.Equal(("maker 1.2", "org.example", 7L, "text", "v"), (metadata.Producer, metadata.Domain, metadata.Version, metadata.Description, metadata.Properties["k"]));
    }
}
