using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The loop nest of an element-wise operation over dense operands, with neighbouring axes merged: the output is walked in
/// memory order, in rows of <see cref="Row"/> elements along which each operand steps by 1 element or stands still.
/// </summary>
internal sealed class BroadcastPlan
{
    private readonly long[] _outerDims;
    private readonly long[][] _outerStrides;

    private BroadcastPlan(long count, long row, long[] outerDims, BroadcastOperand[] operands, long[][] outerStrides)
    {
        Count = count;
        Row = row;
        _outerDims = outerDims;
        Operands = operands;
        _outerStrides = outerStrides;
    }

    /// <summary>Output elements.</summary>
    public long Count { get; }

    /// <summary>Output elements in a row.</summary>
    public long Row { get; }

    /// <summary>How each operand is walked.</summary>
    public BroadcastOperand[] Operands { get; }

    /// <summary>True if the operands must be walked row by row: a row is shorter than the output and some operand is neither dense nor one element.</summary>
    public bool HasRows => Array.Exists(Operands, static o => o.Kind == OperandKind.Rows);

    /// <summary>Plans operands whose dimensions are those of the output or 1, all of the output's rank and row-major.</summary>
    public static BroadcastPlan Of(ReadOnlySpan<long> output, params ReadOnlySpan<long[]> operands)
    {
        long count = ShapeMath.Product(output);
        if (count == 0)
            return new BroadcastPlan(0, 1, [], new BroadcastOperand[operands.Length], []);
        var strides = new long[operands.Length][];
        for (int k = 0; k < operands.Length; k++)
        {
            strides[k] = ShapeMath.RowMajorStrides(operands[k]);
            for (int i = 0; i < output.Length; i++)
                if (operands[k][i] == 1)
                    strides[k][i] = 0;
        }
        var dims = new List<long>();
        var merged = Array.ConvertAll(strides, static _ => new List<long>());
        for (int i = 0; i < output.Length; i++)
        {
            if (output[i] == 1)
                continue;
            bool merges = dims.Count > 0;
            for (int k = 0; k < strides.Length && merges; k++)
                merges = merged[k][^1] == strides[k][i] * output[i];
            if (merges)
                dims[^1] *= output[i];
            else
                dims.Add(output[i]);
            for (int k = 0; k < strides.Length; k++)
            {
                if (merges)
                    merged[k][^1] = strides[k][i];
                else
                    merged[k].Add(strides[k][i]);
            }
        }
        if (dims.Count == 0)
        {
            dims.Add(1);
            foreach (List<long> s in merged)
                s.Add(0);
        }
        var walked = new BroadcastOperand[operands.Length];
        for (int k = 0; k < walked.Length; k++)
            walked[k] = Walk(merged[k], dims);
        return new BroadcastPlan(count, dims[^1], [.. dims[..^1]], walked, Array.ConvertAll(merged, s => s[..^1].ToArray()));
    }

    /// <summary>The first element of operand <paramref name="k"/> for an output row, in elements.</summary>
    public long RowOffset(int k, long row)
    {
        long[] strides = _outerStrides[k];
        long offset = 0;
        for (int i = strides.Length - 1; i >= 0 && row != 0; i--)
        {
            (row, long index) = Math.DivRem(row, _outerDims[i]);
            offset += index * strides[i];
        }
        return offset;
    }

    /// <summary>
    /// The first element of operand <paramref name="k"/> for an output row, and how many rows from there on lie how many elements apart.
    /// </summary>
    public (long Offset, long Rows, nint Stride) RowRun(int k, long row) =>
        _outerDims.Length == 0 ? (0, 1, 0) : (RowOffset(k, row), _outerDims[^1] - row % _outerDims[^1], (nint)_outerStrides[k][^1]);

    /// <summary>The element of operand <paramref name="k"/> for output element <paramref name="position"/>.</summary>
    public int Index(int k, long position)
    {
        (long row, long column) = Math.DivRem(position, Row);
        return (int)(RowOffset(k, row) + column * Operands[k].Step);
    }

    private static BroadcastOperand Walk(List<long> strides, List<long> dims)
    {
        bool dense = true, one = true;
        long expected = 1;
        for (int i = dims.Count - 1; i >= 0; i--)
        {
            dense &= strides[i] == expected;
            one &= strides[i] == 0;
            expected *= dims[i];
        }
        OperandKind kind = one ? OperandKind.One : dense ? OperandKind.Dense : OperandKind.Rows;
        return new BroadcastOperand(kind, (int)strides[^1]);
    }
}

/// <summary>How an operand is walked.</summary>
internal enum OperandKind
{
    /// <summary>Element for element with the output.</summary>
    Dense,
    /// <summary>One element for all.</summary>
    One,
    /// <summary>Row by row: each output row has its own start.</summary>
    Rows,
}

/// <summary>An operand of a <see cref="BroadcastPlan"/>.</summary>
/// <param name="Kind">How it is walked.</param>
/// <param name="Step">Elements from one output element to the next in a row: 0 or 1.</param>
internal readonly record struct BroadcastOperand(OperandKind Kind, int Step);
