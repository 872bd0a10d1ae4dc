using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft NhwcMaxPool: the largest byte of each window, channels last.</summary>
internal sealed class NhwcMaxPoolOp() : OpDefinition<NhwcMaxPoolProblem>(NhwcMaxPoolAlgorithms.All)
{
    public static NhwcMaxPoolOp Definition { get; } = new() { Domain = "com.microsoft", Name = "NhwcMaxPool", MinInputs = 1, MaxInputs = 1 };

    public override Oracle<NhwcMaxPoolProblem> Oracle => NhwcMaxPoolAlgorithms.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        if (x.Type is not (DType.UInt8 or DType.Int8 or DType.Undefined))
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be u8 or i8");
        if (x.Shape is not { } shape)
            return [new TensorFact(x.Type, null)];
        if (shape.Rank < 3)
            throw new OpException($"input 0 has shape {shape}, must have at least 3 dimensions: n, one spatial and c");
        var window = WindowAttributes.Read(node.Attributes, shape.Rank - 2);
        bool ceil = node.Attributes.Flag("ceil_mode");
        return [new TensorFact(x.Type, SymbolicShape.Create([shape[0], .. Enumerable.Range(0, shape.Rank - 2).Select(a => window.Output(a, shape[a + 1], ceil, node.Fresh)), shape[^1]]))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Operand(0).Shape;
        var window = WindowAttributes.Read(node.Attributes, shape.Rank - 2);
        bool ceil = node.Attributes.Flag("ceil_mode");
        return new NhwcMaxPoolProblem
        {
            Type = node.Operand(0).Type,
            N = shape[0],
            C = shape[^1],
            Axes = [.. Enumerable.Range(0, shape.Rank - 2).Select(a => window.Resolve(a, shape[a + 1], ceil))],
        };
    }

    public override Problem? ParseProblem(string key) => NhwcMaxPoolProblem.Parse(key);
}
