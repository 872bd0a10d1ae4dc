using Ai3.Runtime;

namespace Ai3.NativeAot;

/// <summary>ai3_model: a model with what C reads of it.</summary>
internal sealed unsafe class ModelHandle : IHandleTarget
{
    private readonly NativeArena _arena = new();

    public ModelHandle(Model model)
    {
        Model = model;
        Inputs = new ValueInfos(model.Inputs, _arena);
        Outputs = new ValueInfos(model.Outputs, _arena);
        ModelMetadata metadata = model.Metadata;
        Info = new AbiModelInfo
        {
            InputCount = Inputs.Count,
            OutputCount = Outputs.Count,
            IrVersion = metadata.IrVersion,
            ModelVersion = metadata.Version,
            GraphName = _arena.Text(model.Graph.Name),
            Producer = _arena.Text(metadata.Producer),
            Domain = _arena.Text(metadata.Domain),
            Description = _arena.Text(metadata.Description),
            OpsetCount = model.Opsets.Count,
            PropertyCount = metadata.Properties.Count,
            OpsetDomains = _arena.Texts([.. model.Opsets.Keys]),
            OpsetVersions = _arena.Numbers([.. model.Opsets.Values]),
            PropertyKeys = _arena.Texts([.. metadata.Properties.Keys]),
            PropertyValues = _arena.Texts([.. metadata.Properties.Values]),
        };
    }

    public static string TypeName => "ai3_model";

    public Model Model { get; }

    public AbiModelInfo Info { get; }

    public ValueInfos Inputs { get; }

    public ValueInfos Outputs { get; }

    public void Dispose()
    {
        Model.Dispose();
        _arena.Dispose();
    }
}
