using System.Collections.Immutable;
using System.Diagnostics;
using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx;

/// <summary>Bytes of a model file to a model.</summary>
internal static class ModelDecoder
{
    /// <summary>The oldest version of the format that names operator sets.</summary>
    public const int OldestIr = 3;

    /// <summary>The newest version of the format known.</summary>
    public const int NewestIr = 14;

    /// <summary>The model; it owns the source from here on, also when reading fails.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="modelFile">The file they are from; null if from none.</param>
    /// <param name="baseFolder">The folder of external data; null for none.</param>
    /// <param name="limits">Limits.</param>
    public static Model Decode(TensorStorage source, string? modelFile, string? baseFolder, ImportLimits limits)
    {
        using Activity? span = Telemetry.Source.StartActivity("load");
        using var context = new ImportContext(source, modelFile, baseFolder, limits);
        try
        {
            ReadOnlySpan<byte> bytes = FileBytes.Window(source, 0, (int)source.ByteLength);
            ModelProto proto = MessageReader.Parse(bytes, MessageKind.ModelProto, ModelProto.Parser, limits);
            if (Problem(proto) is string problem)
                throw new OnnxFormatException(FileKind.Recognise(bytes) is string hint ? $"{hint}: {problem}" : problem);
            if (proto.IrVersion is < OldestIr or > NewestIr)
                throw new UnsupportedModelException([new UnsupportedFeature("", "ir_version", 0, $"version {proto.IrVersion} of the file format; known are {OldestIr} to {NewestIr}")]);
            Dictionary<string, int> opsets = Opsets.Decode(proto.OpsetImport, "the model");
            var decoder = new GraphDecoder(context, proto, opsets);
            GraphSpec graph = decoder.Decode(proto.Graph, decoder.MainScope, 0);
            return Model.Create(graph, opsets, Metadata(proto), context.Storage);
        }
        catch
        {
            context.Storage.Dispose();
            throw;
        }
        finally
        {
            GC.KeepAlive(source);
        }
    }

    private static string? Problem(ModelProto proto)
    {
        if (proto.IrVersion <= 0)
            return $"ir_version is {(proto.HasIrVersion ? proto.IrVersion : "missing")}; it is the version of the file format, {OldestIr} to {NewestIr}";
        if (proto.Graph is null)
            return "the model has no graph";
        return proto.OpsetImport.Count == 0 && proto.IrVersion >= OldestIr ? "the model has no opset_import; it must say which versions of the operators it means" : null;
    }

    private static ModelMetadata Metadata(ModelProto proto)
    {
        var properties = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in proto.MetadataProps)
            properties[entry.Key] = entry.Value;
        string producer = proto.ProducerVersion.Length > 0 ? $"{proto.ProducerName} {proto.ProducerVersion}" : proto.ProducerName;
        return new ModelMetadata(proto.IrVersion, producer, proto.Domain, proto.ModelVersion, proto.DocString, properties.ToImmutable());
    }
}
