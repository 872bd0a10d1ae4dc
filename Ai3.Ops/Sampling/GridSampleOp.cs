using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>GridSample: two spatial axes before opset 20, then up to three.</summary>
internal sealed class GridSampleOp() : OpDefinition<GridSampleProblem>(GridSampleAlgorithms.All)
{
    private const int MostAxes = 3;

    public static GridSampleOp Definition { get; } = new() { Name = "GridSample", Since = 16, MinInputs = 2, MaxInputs = 2 };

    public override Oracle<GridSampleProblem> Oracle => GridSampleOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0), grid = node.Tensor(1);
        CheckTypes(node);
        Mode(node);
        Padding(node);
        if (x.Shape is null || grid.Shape is null)
            return [new TensorFact(x.Type, null)];
        Check(node, x.Shape, grid.Shape);
        return [MovementFacts.Output(x.Type, SymbolicShape.Create([MovementFacts.Merge(x.Shape[0], grid.Shape[0], "batches of input 0 and 1"), x.Shape[1], .. grid.Shape.AsSpan()[1..^1]]))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0), grid = node.Operand(1);
        CheckTypes(node);
        Check(node, x.Shape, grid.Shape);
        return new GridSampleProblem
        {
            Type = x.Type,
            GridType = grid.Type,
            N = x.Shape[0],
            C = x.Shape[1],
            In = [.. x.Shape.Skip(2)],
            Out = [.. grid.Shape.Skip(1).SkipLast(1)],
            Mode = Mode(node),
            Padding = Padding(node),
            AlignCorners = node.Attributes.Flag("align_corners"),
        };
    }

    public override Problem? ParseProblem(string key) => GridSampleProblem.Parse(key);

    private static void CheckTypes(NodeFacts node)
    {
        TypeSet.Numeric.Check(node.Tensor(0), 0);
        TypeSet.Float.Check(node.Tensor(1), 1);
    }

    private static void Check(NodeFacts node, SymbolicShape x, SymbolicShape grid)
    {
        int most = node.Opset < 20 ? 2 : MostAxes, least = node.Opset < 20 ? 2 : 1;
        if (x.Rank < least + 2)
            throw new OpException($"input 0 has shape {x}, must have {least + 2} dimensions or more");
        if (x.Rank > most + 2)
            throw node.Opset < 20 ? new OpException($"input 0 has shape {x}, must have 4 dimensions") : new OpUnsupportedException($"GridSample with {x.Rank - 2} spatial axes is not supported, at most {MostAxes}");
        if (grid.Rank != x.Rank || grid[^1].IsKnown && !grid[^1].Is(x.Rank - 2))
            throw new OpException($"grid has shape {grid}, must be [n, ..., {x.Rank - 2}] with {x.Rank} dimensions");
        MovementFacts.Merge(x[0], grid[0], "batches of input 0 and 1");
        bool sampled = grid.AsSpan()[..^1].ToArray().All(d => !d.Is(0));
        for (int i = 2; i < x.Rank; i++)
            if (x[i].Is(0) && sampled)
                throw new OpException($"input 0 has shape {x}, whose spatial axes must not be empty");
    }

    private static ResizeMode Mode(NodeFacts node) => node.Attributes.String("mode", "linear") switch
    {
        "linear" or "bilinear" => ResizeMode.Linear,
        "nearest" => ResizeMode.Nearest,
        "cubic" or "bicubic" => ResizeMode.Cubic,
        string other => throw new OpException($"mode is {other}, must be linear, nearest or cubic"),
    };

    private static GridPadding Padding(NodeFacts node) => node.Attributes.String("padding_mode", "zeros") switch
    {
        "zeros" => GridPadding.Zeros,
        "border" => GridPadding.Border,
        "reflection" => GridPadding.Reflection,
        string other => throw new OpException($"padding_mode is {other}, must be zeros, border or reflection"),
    };
}
