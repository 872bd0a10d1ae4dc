using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What makes the operands of a quantisation fit together.</summary>
internal static class QuantizeChecks
{
    /// <summary>True for the types that numbers are quantised to.</summary>
    public static bool IsQuantized(DType type) => type is DType.UInt8 or DType.Int8 or DType.UInt16 or DType.Int16 or DType.UInt4 or DType.Int4
        or DType.UInt2 or DType.Int2 || Float8Format.Of(type) is not null;

    /// <summary>True for the types of scales.</summary>
    public static bool IsScale(DType type) => type is DType.Float32 or DType.Float16 or DType.BFloat16 or DType.Float8E8M0;

    /// <summary>True for the real types that are quantised.</summary>
    public static bool IsReal(DType type) => type is DType.Float32 or DType.Float16 or DType.BFloat16;

    /// <summary>True if a scale of this shape is one for all.</summary>
    public static bool IsPerTensor(SymbolicShape scale) => scale.Rank == 0 || scale.Rank == 1 && scale[0].Is(1);

    /// <summary>The axis and block of the scale, checked as far as the shapes are known.</summary>
    /// <exception cref="OpException">The shapes contradict each other.</exception>
    public static (int Axis, long Block) Layout(SymbolicShape x, SymbolicShape scale, long axis, long block)
    {
        if (block < 0)
            throw new OpException($"block_size is {block}, must be 0 or more");
        if (block == 0 && IsPerTensor(scale))
            return (0, 0);
        if (block == 0 && scale.Rank != 1)
            throw new OpException($"scale has shape {scale}, must be a scalar or have one axis unless block_size is given");
        if (x.Rank == 0)
            throw new OpException($"scale has shape {scale} for a scalar, must be a scalar");
        int at = x.Rank == 1 && block == 0 ? 0 : ShapeMath.NormalizeAxis(axis, x.Rank);
        if (block == 0)
        {
            if (scale[0].IsKnown && x[at].IsKnown && scale[0] != x[at])
                throw new OpException($"scale has {scale[0]} elements, must have {x[at]} like axis {at} of the input, or one");
            return (at, 0);
        }
        if (scale.Rank != x.Rank)
            throw new OpException($"scale has shape {scale}, must have {x.Rank} axes like the input where block_size is given");
        for (int i = 0; i < x.Rank; i++)
        {
            if (!x[i].TryGetValue(out long extent) || !scale[i].TryGetValue(out long scales))
                continue;
            long wanted = i == at ? ShapeMath.CeilDiv(extent, block) : extent;
            if (scales != wanted)
                throw new OpException($"scale has {scales} elements along axis {i}, must have {wanted}");
        }
        return (at, block);
    }

    /// <summary>True if a problem that did not come from inference passes every check.</summary>
    public static bool IsValid(QuantizeProblem p)
    {
        try
        {
            if (p.Block == 0 && !IsPerTensor(p.Scale.Shape) && p.Axis >= p.Input.Shape.Rank)
                return false;
            Layout(p.Input.Shape, p.Scale.Shape, p.Axis, p.Block);
            if (!p.ZeroPoint.IsAbsent && p.ZeroPoint.Shape.Count != p.Scale.Shape.Count)
                return false;
            DType quantized = p.Dequantize ? p.Input.Type : p.OutputType, real = p.Dequantize ? p.OutputType : p.Input.Type;
            return (IsQuantized(quantized) || p.Dequantize && quantized == DType.Int32) && (IsReal(real) || !p.Dequantize && real == DType.Int32)
                && (IsScale(p.Scale.Type) || !p.Dequantize && p.Scale.Type == DType.Int32) && (p.ZeroPoint.IsAbsent || p.ZeroPoint.Type == quantized)
                && p.Precision is DType.Float32 or DType.Float16 or DType.BFloat16 or DType.Float64;
        }
        catch (Exception e) when (e is OpException or ShapeException)
        {
            return false;
        }
    }
}
