using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>FeatureVectorizer: matrices beside each other as f32, each cut or filled up with zeros to its entry of inputdimensions.</summary>
internal sealed class FeatureVectorizerOp : HostOp
{
    public static FeatureVectorizerOp V1 { get; } =
        new() { Domain = MachineLearningOps.Domain, Name = "FeatureVectorizer", MinInputs = 1, MaxInputs = int.MaxValue };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        ImmutableArray<long> widths = node.Attributes.Ints("inputdimensions");
        if (!widths.IsDefaultOrEmpty && (widths.Length != node.Inputs.Length || widths.Any(w => w < 0)))
            throw new OpException($"inputdimensions [{string.Join(",", widths)}] must have an entry of 0 or more for each of {node.Inputs.Length} inputs");
        Dim rows = node.Fresh(), sum = 0;
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            TensorFact x = node.Tensor(i);
            if (x.Type is not (DType.Float32 or DType.Float64 or DType.Int64 or DType.Int32 or DType.Undefined))
                throw new OpException($"input {i} is {x.Type.ShortName()}, must be f32, f64, i64 or i32");
            if (x.Shape is { Rank: not (1 or 2) })
                throw new OpException($"input {i} is {x.Shape}, must be [features] or [rows,features]");
            sum += widths.IsDefaultOrEmpty ? x.Shape?[^1] ?? node.Fresh() : widths[i];
            if (x.Shape is not null)
                rows = MovementFacts.Merge(rows, x.Shape.Rank == 2 ? x.Shape[0] : 1, "the numbers of rows of the inputs");
        }
        return [new TensorFact(DType.Float32, SymbolicShape.Create(rows, sum))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        ImmutableArray<long> widths = node.Attributes.Ints("inputdimensions");
        Tensor y = memory.Zeros(DType.Float32, ((TensorFact)Infer(node)[0]).KnownShape);
        long column = 0;
        for (int i = 0; i < inputs.Count; i++)
        {
            var x = (Tensor)inputs[i]!;
            long width = widths.IsDefaultOrEmpty ? x.Shape[^1] : widths[i];
            Copy(x, y, column, Math.Min(width, x.Shape[^1]));
            column += width;
        }
        return [y];
    }

    private static unsafe void Copy(Tensor x, Tensor y, long column, long count)
    {
        var to = (float*)y.Address;
        for (long row = 0; row < y.Shape[0]; row++)
            for (long i = 0; i < count; i++)
                to[row * y.Shape[1] + column + i] = (float)ElementAccess.Read((void*)x.Address, x.Type, row * x.Shape[^1] + i);
        GC.KeepAlive(x);
    }
}
