using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Pad.</summary>
internal sealed class MovementPadProblems : ProblemGenerator<PadProblem>
{
    protected override PadProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = MovementRandom.Type(request, random);
        PadMode mode = random.Pick(Enum.GetValues<PadMode>());
        long[] dims = MovementRandom.Dims(request, random, 0, 4, zero: mode == PadMode.Constant);
        var begin = new long[dims.Length];
        var end = new long[dims.Length];
        for (int i = 0; i < dims.Length; i++)
        {
            if (random.Chance(0.4))
                continue;
            // One element stays, for the modes that repeat what is there.
            int cut = (int)Math.Max(0, dims[i] - 1);
            begin[i] = random.Between(-Math.Min(cut, 3), 5);
            end[i] = random.Between(-Math.Min(cut + (int)Math.Min(0, begin[i]), 3), 5);
        }
        ImmutableArray<TensorType> operands = [new(type, Shape.Create(dims))];
        if (random.Chance(0.6))
            operands = [.. operands, new(DType.Int64, [2 * dims.Length]), random.Chance(0.7) ? new(type, random.Chance(0.5) ? [1] : Shape.Scalar) : TensorType.Absent];
        return PadProblem.Create(operands, [.. begin], [.. end], mode, operands.Length == 1 && type == DType.Float32 ? random.Pick(0ul, 0x3FC00000ul) : 0);
    }

    protected override IEnumerable<PadProblem> Shrink(PadProblem p)
    {
        if (p.Operands.Length > 1)
            yield return PadProblem.Create(p.Operands[..1], p.Begin, p.End, p.Mode, p.ValueBits);
        for (int i = 0; i < p.Begin.Length; i++)
        {
            if (p.Begin[i] != 0)
                yield return PadProblem.Create(p.Operands, p.Begin.SetItem(i, p.Begin[i] - Math.Sign(p.Begin[i])), p.End, p.Mode, p.ValueBits);
            if (p.End[i] != 0)
                yield return PadProblem.Create(p.Operands, p.Begin, p.End.SetItem(i, p.End[i] - Math.Sign(p.End[i])), p.Mode, p.ValueBits);
        }
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Data.Shape))
            if (extent + Math.Min(0, p.Begin[axis]) + Math.Min(0, p.End[axis]) >= 1)
                yield return PadProblem.Create(p.Operands.SetItem(0, p.Data with { Shape = MovementRandom.With(p.Data.Shape, axis, extent) }), p.Begin, p.End, p.Mode, p.ValueBits);
    }
}
