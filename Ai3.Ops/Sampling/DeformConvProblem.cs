using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A convolution whose every tap reads x at its own place plus an offset, linearly between samples and zero outside, times a mask.
/// </summary>
/// <remarks>
/// x [n, c, in...], w [m, c/group, k...], offset [n, offsetGroups*taps*axes, out...] (for each tap the axes, outermost first), bias [m],
/// mask [n, offsetGroups*taps, out...] -> y [n, m, out...]. Channels share offsets within an offset group. An offset that is NaN gives NaN.
/// </remarks>
internal sealed record DeformConvProblem : Problem
{
    public const string Name = "deformconv";

    public required DType Type { get; init; }

    public required long N { get; init; }

    public required long C { get; init; }

    public required long M { get; init; }

    public long Group { get; init; } = 1;

    public long OffsetGroups { get; init; } = 1;

    public required ImmutableArray<WindowAxis> Axes { get; init; }

    public bool HasBias { get; init; }

    public bool HasMask { get; init; }

    public long Taps => Axes.Aggregate(1L, (n, a) => ShapeMath.Multiply(n, a.Kernel));

    public long Positions => Axes.Aggregate(1L, (n, a) => ShapeMath.Multiply(n, a.Out));

    /// <summary>Terms of a sum.</summary>
    public long Depth => ShapeMath.Multiply(C / Group, Taps);

    public override ImmutableArray<TensorType> Inputs
    {
        get
        {
            long[] output = [.. Axes.Select(a => a.Out)];
            return
            [
                new TensorType(Type, Shape.Create([N, C, .. Axes.Select(a => a.In)])),
                new TensorType(Type, Shape.Create([M, C / Group, .. Axes.Select(a => a.Kernel)])),
                new TensorType(Type, Shape.Create([N, ShapeMath.Multiply(OffsetGroups * Axes.Length, Taps), .. output])),
                HasBias ? new TensorType(Type, [M]) : TensorType.Absent,
                HasMask ? new TensorType(Type, Shape.Create([N, ShapeMath.Multiply(OffsetGroups, Taps), .. output])) : TensorType.Absent,
            ];
        }
    }

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([N, M, .. Axes.Select(a => a.Out)]))];

    public override double Flops => 2.0 * N * M * Positions * Depth;

    public override string Key => $"{Name}/{Type.ShortName()} n{N} c{C} m{M} g{Group} og{OffsetGroups} in{Join(a => a.In)} out{Join(a => a.Out)} k{Join(a => a.Kernel)} s{Join(a => a.Stride)}"
        + $" pb{Join(a => a.PadBegin)} pe{Join(a => a.PadEnd)} d{Join(a => a.Dilation)}" + (HasBias ? " bias" : "") + (HasMask ? " mask" : "");

    public static DeformConvProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: Name } words || !words.Type.IsFloat() || words.Int("n") is not (>= 0 and var n) || words.Int("c") is not (>= 0 and var c)
            || words.Int("m") is not (>= 0 and var m) || words.Int("g") is not (>= 1 and var group) || words.Int("og") is not (>= 1 and var offsetGroups)
            || c % group != 0 || m % group != 0 || c % offsetGroups != 0
            || words.Ints("in", 0) is not { Length: > 0 } input || words.Ints("out", 0) is not { } output || words.Ints("k", 1) is not { } kernel
            || words.Ints("s", 1) is not { } stride || words.Ints("d", 1) is not { } dilation || words.Ints("pb", 0) is not { } begin || words.Ints("pe", 0) is not { } end)
            return null;
        ImmutableArray<long>[] lists = [input, output, kernel, stride, dilation, begin, end];
        return lists.Any(l => l.Length != input.Length || l.Any(v => v > WindowAttributes.Limit)) ? null : new DeformConvProblem
        {
            Type = words.Type,
            N = n,
            C = c,
            M = m,
            Group = group,
            OffsetGroups = offsetGroups,
            Axes = [.. Enumerable.Range(0, input.Length).Select(i => new WindowAxis(input[i], output[i], kernel[i], stride[i], begin[i], end[i], dilation[i]))],
            HasBias = words.Has("bias"),
            HasMask = words.Has("mask"),
        };
    }

    private string Join(Func<WindowAxis, long> number) => KeyWords.Join(Axes.Select(number));
}
