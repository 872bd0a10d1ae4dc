using System.Collections.Immutable;
using Ai3.Onnx.Protos;
using Ai3.Runtime;
using static Ai3.Onnx.Protos.AttributeProto.Types;

namespace Ai3.Onnx;

/// <summary>AttributeProto to the values that <see cref="Ai3.Ops.Attributes"/> holds; subgraphs are the graph decoder's.</summary>
internal sealed class AttributeDecoder(TensorDecoder tensors, SparseDecoder sparse, TypeDecoder types)
{
    /// <summary>The type of the value, and that nothing else is there.</summary>
    /// <remarks>Writers without field presence leave zero, empty strings and empty lists out; then the value is that.</remarks>
    public static AttributeType TypeOf(AttributeProto proto, string what)
    {
        var held = Held(proto);
        AttributeType said = proto.Type;
        if (held.Count > 1 || (held.Count == 1 && said != AttributeType.Undefined && held[0] != said))
            throw new OnnxFormatException($"{what} has type {Name(said)} but holds {string.Join(" and ", held.Select(Name))}; it must hold what its type says");
        if (said != AttributeType.Undefined)
            return said;
        return held.Count == 1 ? held[0] : throw new OnnxFormatException($"{what} has neither a type nor a value");
    }

    /// <summary>A value that is no graph.</summary>
    public object Decode(AttributeProto proto, AttributeType type, string what, UnsupportedFeature where) => type switch
    {
        AttributeType.Float => proto.F,
        AttributeType.Int => proto.I,
        AttributeType.String => Text.Decode(proto.S),
        AttributeType.Floats => proto.Floats.ToImmutableArray(),
        AttributeType.Ints => proto.Ints.ToImmutableArray(),
        AttributeType.Strings => proto.Strings.Select(Text.Decode).ToImmutableArray(),
        AttributeType.Tensor => tensors.Decode(proto.T ?? throw Missing(what), what),
        AttributeType.SparseTensor => sparse.Decode(proto.SparseTensor ?? throw Missing(what), what),
        AttributeType.TypeProto => types.Decode(proto.Tp ?? throw Missing(what), what) ?? throw Missing(what),
        AttributeType.Tensors or AttributeType.SparseTensors or AttributeType.TypeProtos or AttributeType.Graphs =>
            throw new UnsupportedModelException([where with { Reason = $"attribute '{proto.Name}' is of type {Name(type)}" }]),
        _ => throw new OnnxFormatException($"{what} has type {(int)type}; known are 1 (FLOAT) to 14 (TYPE_PROTOS)"),
    };

    public static OnnxFormatException Missing(string what) => new($"{what} has no value");

    private static List<AttributeType> Held(AttributeProto p)
    {
        var held = new List<AttributeType>(1);
        Add(p.HasF, AttributeType.Float);
        Add(p.HasI, AttributeType.Int);
        Add(p.HasS, AttributeType.String);
        Add(p.T is not null, AttributeType.Tensor);
        Add(p.G is not null, AttributeType.Graph);
        Add(p.Floats.Count > 0, AttributeType.Floats);
        Add(p.Ints.Count > 0, AttributeType.Ints);
        Add(p.Strings.Count > 0, AttributeType.Strings);
        Add(p.Tensors.Count > 0, AttributeType.Tensors);
        Add(p.Graphs.Count > 0, AttributeType.Graphs);
        Add(p.SparseTensor is not null, AttributeType.SparseTensor);
        Add(p.SparseTensors.Count > 0, AttributeType.SparseTensors);
        Add(p.Tp is not null, AttributeType.TypeProto);
        Add(p.TypeProtos.Count > 0, AttributeType.TypeProtos);
        return held;

        void Add(bool present, AttributeType type)
        {
            if (present)
                held.Add(type);
        }
    }

    private static string Name(AttributeType type) => type switch
    {
        AttributeType.Undefined => "UNDEFINED",
        AttributeType.Float => "FLOAT",
        AttributeType.Int => "INT",
        AttributeType.String => "STRING",
        AttributeType.Tensor => "TENSOR",
        AttributeType.Graph => "GRAPH",
        AttributeType.Floats => "FLOATS",
        AttributeType.Ints => "INTS",
        AttributeType.Strings => "STRINGS",
        AttributeType.Tensors => "TENSORS",
        AttributeType.Graphs => "GRAPHS",
        AttributeType.SparseTensor => "SPARSE_TENSOR",
        AttributeType.SparseTensors => "SPARSE_TENSORS",
        AttributeType.TypeProto => "TYPE_PROTO",
        AttributeType.TypeProtos => "TYPE_PROTOS",
        _ => ((int)type).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
