using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y = A B with B [K, N] of 2-, 4- or 8-bit codes in blocks along K: B[k, n] = (code - zero[n, k / Block]) * scale[n, k / Block], plus a bias [N].
/// </summary>
/// <remarks>Inputs: A [..., K], codes [N, blocks, Block*Bits/8] bytes, scales [N*blocks], zero points (absent, packed codes or the type of A), absent, bias.</remarks>
public sealed record NBitsProblem : Problem
{
    /// <summary>The element type of A, scales, bias and y.</summary>
    public required DType Type { get; init; }

    /// <summary>The shape of A.</summary>
    public required Shape ShapeA { get; init; }

    /// <summary>Columns of B.</summary>
    public required long N { get; init; }

    /// <summary>Rows of B.</summary>
    public required long K { get; init; }

    /// <summary>Bits of a code: 2, 4 or 8.</summary>
    public required int Bits { get; init; }

    /// <summary>Codes that share a scale: a power of two, 16 or more.</summary>
    public required long Block { get; init; }

    /// <summary>The type of zero points: undefined where there are none (then 2^(Bits-1)), uint8 for packed codes, or <see cref="Type"/>.</summary>
    public DType ZeroType { get; init; }

    /// <summary>Whether a bias is there.</summary>
    public bool HasBias { get; init; }

    /// <summary>Blocks along K.</summary>
    public long Blocks => ShapeMath.CeilDiv(K, Block);

    /// <summary>Bytes of the codes of one column.</summary>
    public long ColumnBytes => ShapeMath.Multiply(Blocks, Block * Bits / 8);

    /// <summary>Bytes of the packed zero points of one column.</summary>
    public long ZeroBytes => ShapeMath.CeilDiv(Blocks * Bits, 8);

    /// <summary>Rows of A.</summary>
    public long M => ShapeA.CountOf(..^1);

    /// <inheritdoc/>
    public override double Flops => 2.0 * M * N * K;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs =>
    [
        new TensorType(Type, ShapeA),
        new TensorType(DType.UInt8, [N, Blocks, Block * Bits / 8]),
        new TensorType(Type, [N * Blocks]),
        ZeroType == DType.Undefined ? TensorType.Absent : new TensorType(ZeroType, [ZeroType == DType.UInt8 ? N * ZeroBytes : N * Blocks]),
        TensorType.Absent,
        HasBias ? new TensorType(Type, [N]) : TensorType.Absent,
    ];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([.. ShapeA.AsSpan()[..^1], N]))];

    /// <summary><c>nbits/f32 a[1,64] n128 bits4 block32 zu8 b dyn</c>.</summary>
    public override string Key => FormattableString.Invariant($"nbits/{Type.ShortName()} a{ShapeA} n{N} bits{Bits} block{Block}")
        + (ZeroType == DType.Undefined ? "" : $" z{ZeroType.ShortName()}") + (HasBias ? " b" : "") + (IsConstant(1) ? "" : " dyn");

    /// <summary>Reads a key; null if it is none of such a product.</summary>
    public static NBitsProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        if (words.Length < 5 || !words[0].StartsWith("nbits/", StringComparison.Ordinal) || !TensorTypeText.TryParse("f32" + words[1][1..], out TensorType a) || a.Shape.Rank == 0
            || !Number(words[2], "n", out long n) || !Number(words[3], "bits", out long bits) || !Number(words[4], "block", out long block))
            return null;
        DType type = DTypes.Parse(words[0][6..]), zero = DType.Undefined;
        bool bias = false, constant = true;
        foreach (string word in words[5..])
            switch (word)
            {
                case "b": bias = true; break;
                case "dyn": constant = false; break;
                case var _ when word.StartsWith('z') && DTypes.Parse(word[1..]) is not DType.Undefined and var named: zero = named; break;
                default: return null;
            }
        if (type is not (DType.Float32 or DType.Float16 or DType.BFloat16) || bits is not (2 or 4 or 8) || block < 16 || !long.IsPow2(block)
            || zero != DType.Undefined && zero != DType.UInt8 && zero != type)
            return null;
        return new NBitsProblem
        {
            Type = type,
            ShapeA = a.Shape,
            N = n,
            K = a.Shape[^1],
            Bits = (int)bits,
            Block = block,
            ZeroType = zero,
            HasBias = bias,
            ConstantInputs = constant ? 0b101110u : 0,
        };
    }

    private static bool Number(string word, string name, out long value)
    {
        value = 0;
        return word.StartsWith(name, StringComparison.Ordinal) && long.TryParse(word[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
