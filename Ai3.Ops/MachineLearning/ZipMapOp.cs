using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ZipMap: for each row of scores a map from labels to scores.</summary>
internal sealed class ZipMapOp : HostOp
{
    public static ZipMapOp V1 { get; } = new() { Domain = MachineLearningOps.Domain, Name = "ZipMap", MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        ClassLabels labels = ClassLabels.Read(node.Attributes, "classlabels_int64s", "classlabels_strings");
        TensorFact x = node.Tensor(0);
        if (x.Type is not (DType.Float32 or DType.Undefined))
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be f32");
        if (x.Shape is not null && (x.Shape.Rank is not (1 or 2) || (x.Shape[^1].TryGetValue(out long columns) && columns != labels.Count)))
            throw new OpException($"input 0 is {x.Shape}, must have {labels.Count} columns, one for each label");
        if ((labels.IsText ? labels.Strings.Distinct().Count() : labels.Integers.Distinct().Count()) != labels.Count)
            throw new OpException("a label is there twice, keys of a map must differ");
        return [new SequenceFact(new MapFact(labels.Type, new TensorFact(DType.Float32, Shape.Scalar)))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        var x = (Tensor)inputs[0]!;
        ClassLabels labels = ClassLabels.Read(node.Attributes, "classlabels_int64s", "classlabels_strings");
        object[] keys = labels.IsText ? [.. labels.Strings] : [.. labels.Integers.Select(i => (object)i)];
        var scalar = new TensorFact(DType.Float32, Shape.Scalar);
        // All scores share one memory, which lives as long as one of them does.
        var storage = new NativeBuffer(x.ByteLength);
        x.CopyTo(Tensor.Over(storage, 0, x.Type, x.Shape));
        var maps = new Value[x.Shape.Rank == 2 ? x.Shape[0] : 1];
        for (int row = 0; row < maps.Length; row++)
        {
            var entries = new KeyValuePair<object, Value>[keys.Length];
            for (int c = 0; c < keys.Length; c++)
                entries[c] = new(keys[c], Tensor.Over(storage, ((long)row * keys.Length + c) * sizeof(float), DType.Float32, Shape.Scalar));
            maps[row] = new MapValue(labels.Type, scalar, entries);
        }
        return [new SequenceValue(new MapFact(labels.Type, scalar), maps)];
    }
}
