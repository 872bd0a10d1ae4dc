using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>TfIdfVectorizer: for each row, how often the n-grams of a pool occur, with tokens skipped in between.</summary>
internal sealed class TfIdfVectorizerOp : HostOp
{
    private static readonly ConditionalWeakTable<Attributes, NgramPool> s_pools = [];

    public static TfIdfVectorizerOp V9 { get; } = new() { Name = "TfIdfVectorizer", Since = 9, MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        NgramPool pool = s_pools.GetValue(node.Attributes, NgramPool.Read);
        if (x.Type != DType.Undefined && (x.Type is not (DType.String or DType.Int32 or DType.Int64) || x.Type == DType.String != pool.IsText))
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be {(pool.IsText ? "string" : "i32 or i64")} like the pool");
        if (x.Shape is { Rank: > 2 })
            throw new OpException($"input 0 is {x.Shape}, must be [C] or [N,C]");
        SymbolicShape? shape = x.Shape is null ? null : x.Shape.Rank == 2 ? SymbolicShape.Create(x.Shape[0], pool.Columns) : SymbolicShape.Create(pool.Columns);
        return [new TensorFact(DType.Float32, shape)];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        var x = (Tensor)inputs[0]!;
        NgramPool pool = s_pools.GetValue(node.Attributes, NgramPool.Read);
        bool isMatrix = x.Shape.Rank == 2;
        long rows = isMatrix ? x.Shape[0] : 1, length = isMatrix ? x.Shape[1] : x.Count;
        Tensor y = memory.Zeros(DType.Float32, isMatrix ? [rows, pool.Columns] : [pool.Columns]);
        int[] tokens = pool.Tokens(x);
        for (long r = 0; r < rows; r++)
            pool.Count(tokens.AsSpan((int)(r * length), (int)length), y.AsSpan<float>().Slice((int)(r * pool.Columns), (int)pool.Columns));
        return [y];
    }
}
