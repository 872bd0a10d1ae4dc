using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The largest byte of each window of x [n, spatial.., c]; the lowest byte where a window lies in the padding.</summary>
public sealed record NhwcMaxPoolProblem : Problem
{
    private const string Name = "nhwcmaxpool";

    /// <summary>uint8 or int8.</summary>
    public required DType Type { get; init; }

    /// <summary>Images.</summary>
    public required long N { get; init; }

    /// <summary>Channels.</summary>
    public required long C { get; init; }

    /// <summary>The windows along each spatial axis.</summary>
    public required ImmutableArray<WindowAxis> Axes { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, Shape.Create([N, .. Axes.Select(a => a.In), C]))];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([N, .. Axes.Select(a => a.Out), C]))];

    /// <inheritdoc/>
    public override double Flops => Axes.Aggregate((double)Outputs[0].Shape.Count, (product, a) => product * a.Kernel);

    /// <inheritdoc/>
    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("k", List(a => a.Kernel)), MovementKey.Word("s", List(a => a.Stride)),
        MovementKey.Word("p", List(a => a.PadBegin)), MovementKey.Word("e", List(a => a.PadEnd)), MovementKey.Word("d", List(a => a.Dilation)));

    /// <summary>Reads a key, or gives null.</summary>
    public static NhwcMaxPoolProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r =>
    {
        (TensorType x, TensorType y) = (r.Input(0), r.Output(0));
        ImmutableArray<long>[] lists = [r.Ints("k"), r.Ints("s"), r.Ints("p"), r.Ints("e"), r.Ints("d")];
        int rank = x.Shape.Rank - 2;
        if (x.Type is not (DType.UInt8 or DType.Int8) || rank < 1 || y.Shape.Rank != x.Shape.Rank || lists.Any(l => l.Length != rank) || y.Shape[0] != x.Shape[0] || y.Shape[^1] != x.Shape[^1])
            throw new FormatException("operands do not fit");
        // Within these no position overflows.
        if (lists.Any(l => l.Any(v => v is < 0 or > WindowAttributes.Limit)) || lists[0].Concat(lists[1]).Concat(lists[4]).Any(v => v < 1) || x.Shape.Concat(y.Shape).Any(d => d > WindowAttributes.Limit))
            throw new FormatException("a window is out of range");
        return new NhwcMaxPoolProblem
        {
            Type = x.Type,
            N = x.Shape[0],
            C = x.Shape[^1],
            Axes = [.. Enumerable.Range(0, rank).Select(a => new WindowAxis(x.Shape[a + 1], y.Shape[a + 1], lists[0][a], lists[1][a], lists[2][a], lists[3][a], lists[4][a]))],
        };
    });

    private ImmutableArray<long> List(Func<WindowAxis, long> of) => [.. Axes.Select(of)];
}
