using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What a pool computes of its window.</summary>
public enum PoolKind
{
    /// <summary>The largest element; NaN if one is NaN.</summary>
    Max,
    /// <summary>The mean.</summary>
    Average,
    /// <summary>The p-norm: (sum of |x|^p)^(1/p).</summary>
    Lp,
}

/// <summary>
/// A pool over any number of spatial axes: input [n, c, in...] to output [n, c, out...]. A window without an element of the
/// input gives the lowest value (Max), NaN (Average) or 0 (Lp).
/// </summary>
public sealed record PoolingProblem : Problem
{
    /// <summary>What is computed.</summary>
    public required PoolKind Kind { get; init; }

    /// <summary>The element type of input and output.</summary>
    public required DType Type { get; init; }

    /// <summary>Images.</summary>
    public required long N { get; init; }

    /// <summary>Channels.</summary>
    public required long C { get; init; }

    /// <summary>The window along each spatial axis, outermost first.</summary>
    public required ImmutableArray<WindowAxis> Axes { get; init; }

    /// <summary>Average: whether padding counts as elements. Ceil mode's overhang never does.</summary>
    public bool CountIncludePad { get; init; }

    /// <summary>Lp: the exponent p.</summary>
    public float Exponent { get; init; } = 2;

    /// <summary>Max: whether output 1 gives the flat index of the first largest (or first NaN) element.</summary>
    public bool Indices { get; init; }

    /// <summary>Whether indices count the first spatial axis fastest.</summary>
    public bool ColumnMajor { get; init; }

    /// <summary>True if there is one window a channel, and it is all of it.</summary>
    public bool IsGlobal => Axes.All(a => a.IsWhole);

    /// <summary>True if padding is counted; the attribute means nothing to other kinds.</summary>
    internal bool CountsPadding => CountIncludePad && Kind == PoolKind.Average;

    /// <summary>Elements of a window.</summary>
    internal double WindowSize => Axes.Aggregate(1.0, (size, a) => size * a.Kernel);

    /// <inheritdoc/>
    public override string Key => $"{Name(Kind)}/{Type.ShortName()} n{N} c{C} in{Join(a => a.In)} k{Join(a => a.Kernel)} s{Join(a => a.Stride)}"
        + $" pb{Join(a => a.PadBegin)} pe{Join(a => a.PadEnd)} d{Join(a => a.Dilation)} out{Join(a => a.Out)}"
        + (CountsPadding ? " pad" : "") + (Kind == PoolKind.Lp ? $" p={KeyWords.Real(Exponent)}" : "") + (Indices ? ColumnMajor ? " colidx" : " idx" : "");

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, Shape.Create([N, C, .. Axes.Select(a => a.In)]))];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs
    {
        get
        {
            Shape shape = Shape.Create([N, C, .. Axes.Select(a => a.Out)]);
            return [new TensorType(Type, shape), Indices ? new TensorType(DType.Int64, shape) : TensorType.Absent];
        }
    }

    /// <inheritdoc/>
    public override double Flops => Axes.Aggregate((double)N * C, (f, a) => f * a.Out * a.Kernel);

    /// <summary>Reads a key, or gives null.</summary>
    public static PoolingProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { } words || !ElementTypes.IsKnown(words.Type)
            || words.Int("n") is not (>= 0 and var n) || words.Int("c") is not (>= 0 and var c)
            || words.Ints("in", 0) is not { Length: > 0 } input || words.Ints("out", 0) is not { } output
            || words.Ints("k", 0) is not { } kernel || words.Ints("s", 1) is not { } stride || words.Ints("d", 1) is not { } dilation
            || words.Ints("pb", 0) is not { } begin || words.Ints("pe", 0) is not { } end)
            return null;
        int rank = input.Length;
        ImmutableArray<long>[] lists = [output, kernel, stride, dilation, begin, end];
        if (lists.Any(l => l.Length != rank) || lists.Skip(1).Any(l => l.Any(v => v > WindowAttributes.Limit)))
            return null;
        ImmutableArray<WindowAxis> axes =
            [.. Enumerable.Range(0, rank).Select(i => new WindowAxis(input[i], output[i], kernel[i], stride[i], begin[i], end[i], dilation[i]))];
        if (axes.Any(a => a.In > WindowAttributes.Limit || a.Out > (a.In + a.PadBegin + a.PadEnd) / a.Stride + 1))
            return null;
        foreach (PoolKind kind in Enum.GetValues<PoolKind>())
            if (words.Name == Name(kind))
                return new PoolingProblem
                {
                    Kind = kind,
                    Type = words.Type,
                    N = n,
                    C = c,
                    Axes = axes,
                    CountIncludePad = words.Has("pad"),
                    Exponent = words.Float("p") ?? 2,
                    Indices = kind == PoolKind.Max && (words.Has("idx") || words.Has("colidx")),
                    ColumnMajor = words.Has("colidx"),
                };
        return null;
    }

    private static string Name(PoolKind kind) => kind switch { PoolKind.Max => "maxpool", PoolKind.Average => "averagepool", _ => "lppool" };

    private string Join(Func<WindowAxis, long> number) => KeyWords.Join(Axes.Select(number));
}
