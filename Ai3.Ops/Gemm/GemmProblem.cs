using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Y = Alpha op(A) op(B) + Beta C: matrices [M, K] and [K, N] in the last two dimensions, the dimensions before them broadcast.
/// Serves Gemm and MatMul.
/// </summary>
/// <remarks>
/// A of rank 1 stands for [1, K], B of rank 1 for [K, 1]; Y then lacks M or N. C broadcasts to [M, N], the same for every batch.
/// </remarks>
public sealed record GemmProblem : Problem, IFusable<GemmProblem>
{
    /// <summary>The element type of all operands.</summary>
    public required DType Type { get; init; }

    /// <summary>The shape of A: [..., M, K], transposed [..., K, M], or [K].</summary>
    public required Shape ShapeA { get; init; }

    /// <summary>The shape of B: [..., K, N], transposed [..., N, K], or [K].</summary>
    public required Shape ShapeB { get; init; }

    /// <summary>The shape of C, of rank 2 or less; null if there is none.</summary>
    public Shape? ShapeC { get; init; }

    /// <summary>Whether A is stored as [K, M].</summary>
    public bool TransA { get; init; }

    /// <summary>Whether B is stored as [N, K].</summary>
    public bool TransB { get; init; }

    /// <summary>The factor of the product.</summary>
    public float Alpha { get; init; } = 1;

    /// <summary>The factor of C.</summary>
    public float Beta { get; init; } = 1;

    /// <inheritdoc/>
    public Fusion Fusion { get; init; } = Fusion.None;

    /// <inheritdoc/>
    public int FusedInputIndex => 3;

    /// <inheritdoc/>
    public GemmProblem WithFusion(Fusion fusion) => this with { Fusion = fusion };

    /// <summary>Rows of Y.</summary>
    public long M => ShapeA.Rank == 1 ? 1 : ShapeA[TransA ? ^1 : ^2];

    /// <summary>Columns of Y.</summary>
    public long N => ShapeB.Rank == 1 ? 1 : ShapeB[TransB ? ^2 : ^1];

    /// <summary>Terms of a sum.</summary>
    public long K => ShapeA[TransA ? ^2 : ^1];

    /// <summary>The dimensions of A before its matrix.</summary>
    public ReadOnlySpan<long> BatchA => ShapeA.AsSpan()[..Math.Max(ShapeA.Rank - 2, 0)];

    /// <summary>The dimensions of B before its matrix.</summary>
    public ReadOnlySpan<long> BatchB => ShapeB.AsSpan()[..Math.Max(ShapeB.Rank - 2, 0)];

    /// <summary>The dimensions of Y before its matrix: those of A and B broadcast.</summary>
    public long[] Batch
    {
        get
        {
            ReadOnlySpan<long> a = BatchA, b = BatchB;
            var batch = new long[Math.Max(a.Length, b.Length)];
            for (int i = 1; i <= batch.Length; i++)
            {
                long left = i <= a.Length ? a[^i] : 1;
                batch[^i] = left != 1 ? left : i <= b.Length ? b[^i] : 1;
            }
            return batch;
        }
    }

    /// <summary>The shape of Y.</summary>
    public Shape ShapeY
    {
        get
        {
            List<long> dims = [.. Batch];
            if (ShapeA.Rank > 1)
                dims.Add(M);
            if (ShapeB.Rank > 1)
                dims.Add(N);
            return Shape.Create([.. dims]);
        }
    }

    /// <summary>How C is laid over [M, N].</summary>
    internal GemmBias Bias
    {
        get
        {
            if (ShapeC is not { } c)
                return GemmBias.None;
            bool rows = c.Rank == 2 && c[0] != 1, columns = c.Rank > 0 && c[^1] != 1;
            return rows ? columns || N == 1 ? GemmBias.Matrix : GemmBias.Row : columns || N == 1 ? GemmBias.Column : GemmBias.Scalar;
        }
    }

    /// <inheritdoc/>
    public override double Flops => 2.0 * K * ShapeY.Count;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs
    {
        get
        {
            var inputs = ImmutableArray.CreateBuilder<TensorType>();
            inputs.Add(new TensorType(Type, ShapeA));
            inputs.Add(new TensorType(Type, ShapeB));
            inputs.Add(ShapeC is { } c ? new TensorType(Type, c) : TensorType.Absent);
            if (Fusion.Residual)
                inputs.Add(new TensorType(Type, ShapeY));
            if (Fusion.Prologue)
            {
                var channels = new TensorType(Type, [ShapeA.Rank > 1 ? ShapeA[1] : 1]);
                inputs.Add(channels);
                inputs.Add(channels);
            }
            return inputs.ToImmutable();
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, ShapeY)];

    /// <summary>
    /// <c>gemm/f32 m197 n768 k768</c>, then where they apply: <c>a[12] b[12]</c> (batch dimensions), <c>va vb</c> (rank 1),
    /// <c>ta tb</c> (transposed), <c>c[768]</c>, <c>alpha0.5 beta2</c>, fused parts, <c>dyn</c> (B is no constant).
    /// </summary>
    public override string Key
    {
        get
        {
            var key = new StringBuilder(FormattableString.Invariant($"gemm/{Type.ShortName()} m{M} n{N} k{K}"));
            if (!BatchA.IsEmpty)
                key.Append(CultureInfo.InvariantCulture, $" a[{string.Join(",", BatchA.ToArray())}]");
            if (!BatchB.IsEmpty)
                key.Append(CultureInfo.InvariantCulture, $" b[{string.Join(",", BatchB.ToArray())}]");
            key.Append(ShapeA.Rank == 1 ? " va" : "").Append(ShapeB.Rank == 1 ? " vb" : "").Append(TransA ? " ta" : "").Append(TransB ? " tb" : "");
            if (ShapeC is { } c)
                key.Append(CultureInfo.InvariantCulture, $" c{c}");
            if (Alpha != 1)
                key.Append(CultureInfo.InvariantCulture, $" alpha{Alpha:R}");
            if (Beta != 1)
                key.Append(CultureInfo.InvariantCulture, $" beta{Beta:R}");
            return key.Append(Fusion).Append(IsConstant(1) ? "" : " dyn").ToString();
        }
    }

    /// <summary>Reads a key; null if it is none of a Gemm problem.</summary>
    public static GemmProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        DType type = words[0].StartsWith("gemm/", StringComparison.Ordinal) ? DTypes.Parse(words[0][5..]) : DType.Undefined;
        if (type == DType.Undefined || words.Length < 4 || !Size(words[1], 'm', out long m) || !Size(words[2], 'n', out long n) || !Size(words[3], 'k', out long k))
            return null;
        long[] batchA = [], batchB = [];
        bool vectorA = false, vectorB = false, constant = true;
        var problem = new GemmProblem { Type = type, ShapeA = Shape.Scalar, ShapeB = Shape.Scalar };
        Fusion fusion = Fusion.None;
        foreach (string word in words[4..])
            switch (word)
            {
                case "va": vectorA = true; break;
                case "vb": vectorB = true; break;
                case "ta": problem = problem with { TransA = true }; break;
                case "tb": problem = problem with { TransB = true }; break;
                case "dyn": constant = false; break;
                case "add": fusion = fusion with { Residual = true }; break;
                case "bn": fusion = fusion with { Prologue = true }; break;
                case var _ when word.StartsWith("bn+", StringComparison.Ordinal) && Activation.TryParse(word[3..], out Activation prologue):
                    fusion = fusion with { Prologue = true, PrologueActivation = prologue };
                    break;
                case var _ when Dims(word, 'a', out long[] dims): batchA = dims; break;
                case var _ when Dims(word, 'b', out long[] dims): batchB = dims; break;
                case var _ when Dims(word, 'c', out long[] dims): problem = problem with { ShapeC = Shape.Create(dims) }; break;
                case var _ when Factor(word, "alpha", out float alpha): problem = problem with { Alpha = alpha }; break;
                case var _ when Factor(word, "beta", out float beta): problem = problem with { Beta = beta }; break;
                case var _ when Activation.TryParse(word, out Activation activation): fusion = fusion with { Activation = activation }; break;
                default: return null;
            }
        return problem with
        {
            ShapeA = vectorA ? [k] : Shape.Create([.. batchA, problem.TransA ? k : m, problem.TransA ? m : k]),
            ShapeB = vectorB ? [k] : Shape.Create([.. batchB, problem.TransB ? n : k, problem.TransB ? k : n]),
            Fusion = fusion,
            ConstantInputs = constant ? problem.ShapeC is null ? 2u : 6u : 0,
        };
    }

    private static bool Size(string word, char letter, out long value)
    {
        value = 0;
        return word.Length > 1 && word[0] == letter && long.TryParse(word.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static bool Dims(string word, char letter, out long[] dims)
    {
        dims = [];
        if (word.Length < 3 || word[0] != letter || word[1] != '[' || word[^1] != ']')
            return false;
        string[] parts = word[2..^1].Split(',', StringSplitOptions.RemoveEmptyEntries);
        dims = new long[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out dims[i]))
                return false;
        return true;
    }

    private static bool Factor(string word, string name, out float value)
    {
        value = 0;
        return word.StartsWith(name, StringComparison.Ordinal) && float.TryParse(word.AsSpan(name.Length), CultureInfo.InvariantCulture, out value);
    }
}

/// <summary>How the C of a Gemm is laid over [M, N].</summary>
internal enum GemmBias
{
    None,
    /// <summary>One value for all.</summary>
    Scalar,
    /// <summary>[N]: one value a column.</summary>
    Column,
    /// <summary>[M, 1]: one value a row.</summary>
    Row,
    /// <summary>[M, N].</summary>
    Matrix,
}
