using Ai3.Onnx.Protos;
using Ai3.Runtime;

namespace Ai3.Onnx;

/// <summary>Model to ModelProto.</summary>
internal static class ModelEncoder
{
    public static ModelProto Encode(Model model, ExternalWriter? external)
    {
        var imports = new SortedDictionary<string, int>(model.Opsets, StringComparer.Ordinal);
        var versions = new VersionedOps(imports);
        ModelMetadata metadata = model.Metadata;
        var proto = new ModelProto
        {
            Graph = new GraphEncoder(new TensorEncoder(external), versions).Encode(model.Spec),
            IrVersion = metadata.IrVersion > 0 ? metadata.IrVersion : IrFor(model.Opsets.GetValueOrDefault("", Opsets.Newest)),
            ModelVersion = metadata.Version,
            Domain = metadata.Domain,
            DocString = metadata.Description,
        };
        int split = metadata.Producer.LastIndexOf(' ');
        proto.ProducerName = split < 0 ? metadata.Producer : metadata.Producer[..split];
        proto.ProducerVersion = metadata.Producer[(split < 0 ? metadata.Producer.Length : split + 1)..];
        proto.MetadataProps.Add(metadata.Properties.Select(p => new StringStringEntryProto { Key = p.Key, Value = p.Value }));
        proto.Functions.Add(versions.Functions);
        if (versions.Functions.Any())
            proto.IrVersion = Math.Max(proto.IrVersion, FunctionsIr);
        proto.OpsetImport.Add(imports.Select(i => new OperatorSetIdProto { Domain = i.Key, Version = i.Value }));
        return proto;
    }

    // The first version of the format with functions of the model.
    private const long FunctionsIr = 8;

    // The version of the format that ONNX released together with a version of ai.onnx; 4 is the first that lets initializers be no inputs.
    private static long IrFor(int opset) => opset switch
    {
        <= 9 => 4,
        10 => 5,
        11 => 6,
        <= 14 => 7,
        <= 18 => 8,
        <= 20 => 9,
        <= 22 => 10,
        23 => 11,
        24 => 12,
        _ => 13,
    };
}
