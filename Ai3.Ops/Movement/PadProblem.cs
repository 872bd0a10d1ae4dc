using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The data with Begin[i] elements before and End[i] after along axis i; negative numbers cut off. What is left after cutting is
/// what the modes reflect, repeat or wrap.
/// </summary>
internal sealed record PadProblem : Problem
{
    public const string Name = "pad";

    /// <summary>The data, then pads (already part of the problem), the constant (read at run time, may be absent) and axes.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    public required ImmutableArray<long> Begin { get; init; }

    public required ImmutableArray<long> End { get; init; }

    public required PadMode Mode { get; init; }

    /// <summary>The bits of the constant where no input gives it.</summary>
    public ulong ValueBits { get; init; }

    public required TensorType Output { get; init; }

    public TensorType Data => Operands[0];

    /// <summary>True if the constant is input 2.</summary>
    public bool HasValueInput => Operands.Length > 2 && !Operands[2].IsAbsent;

    public override ImmutableArray<TensorType> Inputs => Operands;

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("begin", Begin), MovementKey.Word("end", End),
        Mode.ToString().ToLowerInvariant(), ValueBits == 0 ? "" : MovementKey.Word("bits", unchecked((long)ValueBits)));

    public static PadProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Inputs, r.Ints("begin"), r.Ints("end"),
        Enum.GetValues<PadMode>().First(m => r.Has(m.ToString().ToLowerInvariant())), unchecked((ulong)r.Int("bits", 0))));

    /// <exception cref="OpException">Types, shapes or pads contradict each other.</exception>
    public static PadProblem Create(ImmutableArray<TensorType> operands, ImmutableArray<long> begin, ImmutableArray<long> end, PadMode mode, ulong valueBits)
    {
        if (operands.IsEmpty || operands[0].IsAbsent)
            throw new OpException("the data is missing");
        if (operands.Length > 2 && !operands[2].IsAbsent && (operands[2].Type != operands[0].Type || operands[2].Shape.Count != 1))
            throw new OpException($"constant_value is {operands[2]}, must be one {operands[0].Type.ShortName()} like the data");
        return new PadProblem
        {
            Operands = operands,
            Begin = begin,
            End = end,
            Mode = mode,
            ValueBits = valueBits,
            Output = MovementFacts.Operand(operands[0].Type, OutputShape(operands[0].Shape, begin, end, mode)),
        };
    }

    /// <exception cref="OpException">The pads do not fit the shape.</exception>
    public static SymbolicShape OutputShape(SymbolicShape data, ImmutableArray<long> begin, ImmutableArray<long> end, PadMode mode)
    {
        if (begin.Length != data.Rank || end.Length != data.Rank)
            throw new OpException($"pads have {begin.Length} + {end.Length} entries, must have {data.Rank} for each side of {data}");
        var dims = new Dim[data.Rank];
        for (int i = 0; i < dims.Length; i++)
        {
            dims[i] = data[i] + begin[i] + end[i];
            if (!data[i].TryGetValue(out long extent))
                continue;
            Int128 left = extent - Cut(begin[i]) - Cut(end[i]);
            if (left < 0)
                throw new OpException($"pads {begin[i]} and {end[i]} cut off more than the {extent} elements of axis {i} of {data}");
            if (left == 0 && mode != PadMode.Constant && !dims[i].Is(0))
                throw new OpException($"axis {i} of {data} has no elements left to pad from; only mode constant can pad it");
        }
        return SymbolicShape.Create(dims);
    }

    private static Int128 Cut(long pad) => pad < 0 ? -(Int128)pad : 0;
}
