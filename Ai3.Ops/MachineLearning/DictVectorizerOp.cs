using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>DictVectorizer: the values of a map in the order of a vocabulary, as a row; zeros or empty strings for keys that are missing.</summary>
internal sealed class DictVectorizerOp : HostOp
{
    public static DictVectorizerOp V1 { get; } = new() { Domain = MachineLearningOps.Domain, Name = "DictVectorizer", MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        ClassLabels vocabulary = ClassLabels.Read(node.Attributes, "int64_vocabulary", "string_vocabulary");
        (DType key, DType value) = MapFacts.Of(node, DType.Int64, DType.Float32, DType.Float64, DType.String);
        if (key != DType.Undefined && key != vocabulary.Type)
            throw new OpException($"input 0 has keys of {key.ShortName()}, must be {vocabulary.Type.ShortName()} like the vocabulary");
        return [new TensorFact(value, Shape.Create(1, vocabulary.Count))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        var map = (MapValue)inputs[0]!;
        ClassLabels vocabulary = ClassLabels.Read(node.Attributes, "int64_vocabulary", "string_vocabulary");
        var values = new Dictionary<object, Value>();
        foreach ((object key, Value value) in map.Entries)
            values[key] = value;
        Tensor y = memory.Zeros(MapFacts.Of(node).Value, [1, vocabulary.Count]);
        for (int i = 0; i < vocabulary.Count; i++)
            if (values.TryGetValue(vocabulary.IsText ? vocabulary.Strings[i] : vocabulary.Integers[i], out Value? value))
                ElementRuns.Copy((Tensor)value, 0, y, i, 1);
        return [y];
    }
}
