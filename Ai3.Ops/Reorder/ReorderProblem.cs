using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A copy of a tensor into another layout. Padding lanes of a blocked output are zeros.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The dimensions, which stay.</param>
/// <param name="From">The layout of the input.</param>
/// <param name="To">The layout of the output.</param>
public sealed record ReorderProblem(DType Type, Shape Shape, Format From, Format To) : Problem
{
    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, Shape)];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape)];

    /// <summary>The only layouts of every row.</summary>
    public FormatChoice Formats => new([From], [To]);

    /// <summary><c>reorder/f32 1x64x56x56 plain:nchw16c</c>; a scalar's dimensions are <c>scalar</c>.</summary>
    public override string Key =>
        $"{Prefix}{Type.ShortName()} {(Shape.Rank == 0 ? "scalar" : string.Join('x', Shape))} {From}:{To}";

    private const string Prefix = "reorder/";

    internal static ReorderProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        if (words.Length != 3 || !words[0].StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        string[] formats = words[2].Split(':'), sizes = words[1] == "scalar" ? [] : words[1].Split('x');
        var dims = new long[sizes.Length];
        for (int i = 0; i < dims.Length; i++)
            if (!long.TryParse(sizes[i], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out dims[i]))
                return null;
        DType type = DTypes.Parse(words[0][Prefix.Length..]);
        if (type == DType.Undefined || formats.Length != 2 || !FormatText.TryParse(formats[0], out Format from) || !FormatText.TryParse(formats[1], out Format to))
            return null;
        try
        {
            return new ReorderProblem(type, Shape.Create(dims), from, to);
        }
        catch (ShapeException)
        {
            return null;
        }
    }
}
