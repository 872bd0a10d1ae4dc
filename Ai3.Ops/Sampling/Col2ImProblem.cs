using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// An image from columns, each a block of it: y[n, c, position] is the sum of all x[n, (c, tap), block] whose block has the tap at the position.
/// </summary>
/// <remarks>x [n, c*taps, blocks] -> y [n, c, image...]; blocks slide over the image like windows of a convolution.</remarks>
internal sealed record Col2ImProblem : Problem
{
    public const string Name = "col2im";

    public required DType Type { get; init; }

    public required long N { get; init; }

    public required long C { get; init; }

    /// <summary>For each axis of the image: In its length, Out the blocks along it, Kernel the block's length.</summary>
    public required ImmutableArray<WindowAxis> Axes { get; init; }

    public long Taps => Axes.Aggregate(1L, (n, a) => ShapeMath.Multiply(n, a.Kernel));

    public long Blocks => Axes.Aggregate(1L, (n, a) => ShapeMath.Multiply(n, a.Out));

    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, [N, ShapeMath.Multiply(C, Taps), Blocks])];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([N, C, .. Axes.Select(a => a.In)]))];

    public override double Flops => (double)N * C * Taps * Blocks;

    public override string Key => $"{Name}/{Type.ShortName()} n{N} c{C} in{Join(a => a.In)} out{Join(a => a.Out)} k{Join(a => a.Kernel)} s{Join(a => a.Stride)}"
        + $" pb{Join(a => a.PadBegin)} pe{Join(a => a.PadEnd)} d{Join(a => a.Dilation)}";

    public static Col2ImProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: Name } words || words.Int("n") is not (>= 0 and var n) || words.Int("c") is not (>= 0 and var c)
            || words.Ints("in", 0) is not { Length: > 0 } input || words.Ints("out", 0) is not { } output || words.Ints("k", 1) is not { } kernel
            || words.Ints("s", 1) is not { } stride || words.Ints("d", 1) is not { } dilation || words.Ints("pb", 0) is not { } begin || words.Ints("pe", 0) is not { } end)
            return null;
        ImmutableArray<long>[] lists = [input, output, kernel, stride, dilation, begin, end];
        return lists.Any(l => l.Length != input.Length || l.Any(v => v > WindowAttributes.Limit)) ? null : new Col2ImProblem
        {
            Type = words.Type,
            N = n,
            C = c,
            Axes = [.. Enumerable.Range(0, input.Length).Select(i => new WindowAxis(input[i], output[i], kernel[i], stride[i], begin[i], end[i], dilation[i]))],
        };
    }

    private string Join(Func<WindowAxis, long> number) => KeyWords.Join(Axes.Select(number));
}
