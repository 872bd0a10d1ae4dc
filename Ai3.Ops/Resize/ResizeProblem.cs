using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>One axis of a resize.</summary>
/// <param name="In">Input samples.</param>
/// <param name="Out">Output samples.</param>
/// <param name="Scale">The scale as given; 0 where it is Out / In.</param>
/// <param name="Start">Begin of the region of interest, 0 for the first sample and 1 for the last.</param>
/// <param name="End">End of the region of interest.</param>
internal readonly record struct ResizeAxis(long In, long Out, double Scale = 0, double Start = 0, double End = 1)
{
    /// <summary>True if the axis stays as it is, whatever the coordinates are.</summary>
    public bool IsIdentity => In == Out && Scale is 0 or 1 && Start == 0 && End == 1;

    /// <summary>Output samples for an input sample.</summary>
    public double Ratio => Scale != 0 ? Scale : (double)Out / In;
}

/// <summary>The input resampled along its axes: Resize and Upsample.</summary>
internal sealed record ResizeProblem : Problem
{
    public const string Name = "resize";

    public required DType Type { get; init; }

    public required ImmutableArray<ResizeAxis> Axes { get; init; }

    public required ResizeMode Mode { get; init; }

    public required ResizeCoordinates Coordinates { get; init; }

    /// <summary>Nearest: the rounding.</summary>
    public NearestRounding Rounding { get; init; }

    /// <summary>Cubic: the coefficient a.</summary>
    public float CubicA { get; init; } = -0.75f;

    /// <summary>Linear and cubic: weights outside the input are zero, and the others add up to 1.</summary>
    public bool ExcludeOutside { get; init; }

    /// <summary>Linear and cubic: the filter is stretched along axes that shrink.</summary>
    public bool Antialias { get; init; }

    /// <summary>TfCropAndResize: the value outside the input.</summary>
    public float Extrapolation { get; init; }

    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, Shape.Create([.. Axes.Select(a => a.In)]))];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([.. Axes.Select(a => a.Out)]))];

    /// <summary>Input samples that an output sample is made of along an axis, the most.</summary>
    public double TapsOf(ResizeAxis axis)
    {
        if (Mode == ResizeMode.Nearest || axis.IsIdentity)
            return 1;
        double support = Mode == ResizeMode.Linear ? 2 : 4;
        return Math.Min(Math.Max(axis.In, 1), Antialias && axis.In > 0 ? support * Math.Max(1, 1 / axis.Ratio) + 1 : support);
    }

    public override double Flops => Axes.Aggregate(2.0, (f, a) => f * a.Out * TapsOf(a));

    public override string Key
    {
        get
        {
            string key = $"{Name}/{Type.ShortName()} in{KeyWords.Join(Axes.Select(a => a.In))} out{KeyWords.Join(Axes.Select(a => a.Out))} {Word(Mode)} {Word(Coordinates)}";
            if (Axes.Any(a => a.Scale != 0))
                key += $" scale={KeyWords.Join(Axes.Select(a => a.Scale))}";
            if (Axes.Any(a => a.Start != 0 || a.End != 1))
                key += $" start={KeyWords.Join(Axes.Select(a => a.Start))} end={KeyWords.Join(Axes.Select(a => a.End))}";
            if (Mode == ResizeMode.Nearest)
                key += $" {Word(Rounding)}";
            if (Mode == ResizeMode.Cubic)
                key += $" a={KeyWords.Real(CubicA)}";
            if (Coordinates == ResizeCoordinates.TfCropAndResize)
                key += $" outside={KeyWords.Real(Extrapolation)}";
            return key + (ExcludeOutside ? " exclude" : "") + (Antialias ? " antialias" : "");
        }
    }

    public static ResizeProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: Name } words || words.Ints("in", 0) is not { } input || words.Ints("out", 0) is not { } output
            || input.Length != output.Length || input.Length == 0
            || One<ResizeMode>(words) is not { } mode || One<ResizeCoordinates>(words) is not { } coordinates)
            return null;
        ImmutableArray<double> zeros = [.. input.Select(_ => 0.0)], ones = [.. input.Select(_ => 1.0)];
        ImmutableArray<double> scale = words.Reals("scale") ?? zeros, start = words.Reals("start") ?? zeros, end = words.Reals("end") ?? ones;
        if (scale.Length != input.Length || start.Length != input.Length || end.Length != input.Length || scale.Any(s => !(s >= 0 && double.IsFinite(s)))
            || start.Concat(end).Any(v => !double.IsFinite(v)) || input.Zip(output).Any(p => p.First == 0 && p.Second > 0))
            return null;
        return new ResizeProblem
        {
            Type = words.Type,
            Axes = [.. Enumerable.Range(0, input.Length).Select(i => new ResizeAxis(input[i], output[i], scale[i], start[i], end[i]))],
            Mode = mode,
            Coordinates = coordinates,
            Rounding = One<NearestRounding>(words) ?? NearestRounding.PreferFloor,
            CubicA = words.Float("a") ?? -0.75f,
            Extrapolation = words.Float("outside") ?? 0,
            ExcludeOutside = words.Has("exclude"),
            Antialias = words.Has("antialias"),
        };
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static T? One<T>(KeyWords words) where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
            if (words.Has(Word(value)))
                return value;
        return null;
    }
}
