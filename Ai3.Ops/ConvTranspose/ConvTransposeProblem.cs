using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y[n, m, o] = bias[m] + sum of x[n, c, i] * w[c, m, k] over all c of m's group and all i, k with i * stride + k * dilation - padBegin = o, along every
/// spatial axis. Inputs x [n, c, in...], w [c, m / group, kernel...], bias [m].
/// </summary>
public sealed record ConvTransposeProblem : Problem
{
    /// <summary>The element type of all operands.</summary>
    public required DType Type { get; init; }

    /// <summary>Images.</summary>
    public required long N { get; init; }

    /// <summary>Input channels.</summary>
    public required long C { get; init; }

    /// <summary>Output channels.</summary>
    public required long M { get; init; }

    /// <summary>Groups, which divide C and M.</summary>
    public required long Group { get; init; }

    /// <summary>
    /// The geometry along each spatial axis, outermost first, with In and Out of this operator: the window of the convolution whose
    /// transpose it is slides over the output.
    /// </summary>
    public required ImmutableArray<WindowAxis> Axes { get; init; }

    /// <summary>Whether there is a bias.</summary>
    public bool HasBias { get; init; }

    internal long GroupC => C / Group;

    internal long GroupM => M / Group;

    internal long Taps => Axes.Aggregate(1L, (product, a) => product * a.Kernel);

    internal long InPlane => Axes.Aggregate(1L, (product, a) => product * a.In);

    internal long OutPlane => Axes.Aggregate(1L, (product, a) => product * a.Out);

    /// <summary>The most products an output is a sum of.</summary>
    internal double Terms => Axes.Aggregate((double)GroupC, (product, a) => product * Math.Min(a.In, ShapeMath.CeilDiv(a.Kernel, a.Stride / Gcd(a.Stride, a.Dilation))));

    /// <inheritdoc/>
    public override string Key => $"convtranspose/{Type.ShortName()} n{N} c{C} m{M} g{Group} in{Join(a => a.In)} k{Join(a => a.Kernel)} s{Join(a => a.Stride)}"
        + $" pb{Join(a => a.PadBegin)} pe{Join(a => a.PadEnd)} d{Join(a => a.Dilation)} out{Join(a => a.Out)}{(HasBias ? " bias" : "")}{(IsConstant(1) ? "" : " dyn")}";

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs =>
    [
        new TensorType(Type, Shape.Create([N, C, .. Axes.Select(a => a.In)])),
        new TensorType(Type, Shape.Create([C, GroupM, .. Axes.Select(a => a.Kernel)])),
        HasBias ? new TensorType(Type, [M]) : TensorType.Absent,
    ];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([N, M, .. Axes.Select(a => a.Out)]))];

    /// <inheritdoc/>
    public override double Flops => 2.0 * N * C * GroupM * Taps * InPlane;

    /// <summary>Reads a key, or gives null.</summary>
    public static ConvTransposeProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: "convtranspose" } words || !words.Type.IsFloat()
            || words.Int("n") is not (>= 0 and var n) || words.Int("c") is not (>= 0 and var c) || words.Int("m") is not (>= 0 and var m)
            || words.Int("g") is not (>= 1 and var group) || c % group != 0 || m % group != 0
            || words.Ints("in", 0) is not { Length: > 0 } input || words.Ints("out", 0) is not { } output
            || words.Ints("k", 1) is not { } kernel || words.Ints("s", 1) is not { } stride || words.Ints("d", 1) is not { } dilation
            || words.Ints("pb", 0) is not { } begin || words.Ints("pe", 0) is not { } end)
            return null;
        ImmutableArray<long>[] lists = [input, output, kernel, stride, dilation, begin, end];
        if (lists.Any(l => l.Length != input.Length || l.Any(v => v > WindowAttributes.Limit)))
            return null;
        return new ConvTransposeProblem
        {
            Type = words.Type,
            N = n,
            C = c,
            M = m,
            Group = group,
            Axes = [.. Enumerable.Range(0, input.Length).Select(i => new WindowAxis(input[i], output[i], kernel[i], stride[i], begin[i], end[i], dilation[i]))],
            HasBias = words.Has("bias"),
            ConstantInputs = words.Has("dyn") ? 0u : words.Has("bias") ? 0b110u : 0b10u,
        };
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);

    private string Join(Func<WindowAxis, long> number) => KeyWords.Join(Axes.Select(number));
}
