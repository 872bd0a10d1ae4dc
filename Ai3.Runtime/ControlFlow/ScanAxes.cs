using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>The attributes of Scan: how many inputs are scanned, along which axes, in which directions.</summary>
/// <param name="InputCount">How many of the last inputs are scanned.</param>
/// <param name="InputAxes">The axis of each; may count from the end.</param>
/// <param name="InputBackwards">Whether each is read from its end.</param>
/// <param name="OutputAxes">Where each scanned output's new axis is; may count from the end.</param>
/// <param name="OutputBackwards">Whether each scanned output is filled from its end.</param>
internal sealed record ScanAxes(
    int InputCount, ImmutableArray<long> InputAxes, ImmutableArray<bool> InputBackwards, ImmutableArray<long> OutputAxes, ImmutableArray<bool> OutputBackwards)
{
    /// <summary>Reads and checks the attributes of Scan of opset 9 and later.</summary>
    public static ScanAxes Read(Attributes attributes, int inputs, int scannedOutputs)
    {
        int count = CountOf(attributes, inputs);
        return new ScanAxes(count, Axes(attributes, "scan_input_axes", count), Directions(attributes, "scan_input_directions", count),
            Axes(attributes, "scan_output_axes", scannedOutputs), Directions(attributes, "scan_output_directions", scannedOutputs));
    }

    /// <summary>Reads and checks the attributes of Scan of opset 8, which scans the axis behind the batch and has one list of directions.</summary>
    public static ScanAxes ReadBatch(Attributes attributes, int inputs, int scannedOutputs)
    {
        int count = CountOf(attributes, inputs);
        return new ScanAxes(count, [.. new long[count]], Directions(attributes, "directions", count), [.. new long[scannedOutputs]], [.. new bool[scannedOutputs]]);
    }

    /// <summary>An axis counted from the front.</summary>
    public static int Resolve(long axis, int rank, string what) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw new OpException($"{what} {axis} is outside [{-rank}, {rank - 1}]");

    /// <summary>How many of the last inputs are scanned.</summary>
    public static int CountOf(Attributes attributes, int inputs)
    {
        long count = attributes.Int("num_scan_inputs");
        return count >= 1 && count <= inputs ? (int)count : throw new OpException($"num_scan_inputs is {count}, must be 1 to {inputs}, the number of inputs");
    }

    private static ImmutableArray<long> Axes(Attributes attributes, string name, int count)
    {
        ImmutableArray<long> axes = attributes.Ints(name) is { IsDefault: false } given ? given : [.. new long[count]];
        return axes.Length == count ? axes : throw new OpException($"{name} has {axes.Length} values, must have {count}");
    }

    private static ImmutableArray<bool> Directions(Attributes attributes, string name, int count)
    {
        ImmutableArray<long> directions = attributes.Ints(name) is { IsDefault: false } given ? given : [.. new long[count]];
        if (directions.Length != count)
            throw new OpException($"{name} has {directions.Length} values, must have {count}");
        return directions.All(d => d is 0 or 1) ? [.. directions.Select(d => d == 1)] : throw new OpException($"{name} must be 0 (forward) or 1 (reverse)");
    }
}
