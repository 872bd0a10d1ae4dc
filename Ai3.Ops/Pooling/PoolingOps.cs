using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>MaxPool, AveragePool, LpPool and their global forms.</summary>
internal static class PoolingOps
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new WindowPoolOp(PoolKind.Max) { Name = "MaxPool", MinInputs = 1, MaxInputs = 1, MaxOutputs = 2 },
        new WindowPoolOp(PoolKind.Average) { Name = "AveragePool", MinInputs = 1, MaxInputs = 1 },
        new WindowPoolOp(PoolKind.Lp) { Name = "LpPool", MinInputs = 1, MaxInputs = 1 },
        new GlobalPoolOp(PoolKind.Max) { Name = "GlobalMaxPool", MinInputs = 1, MaxInputs = 1 },
        new GlobalPoolOp(PoolKind.Average) { Name = "GlobalAveragePool", MinInputs = 1, MaxInputs = 1 },
        new GlobalPoolOp(PoolKind.Lp) { Name = "GlobalLpPool", MinInputs = 1, MaxInputs = 1 },
        NhwcMaxPoolOp.Definition,
    ];
}

internal abstract class PoolingOp(PoolKind kind) : OpDefinition<PoolingProblem>(kind == PoolKind.Max ? PoolingAlgorithms.OfMaxima : PoolingAlgorithms.OfSums)
{
    protected PoolKind Kind => kind;

    public override Oracle<PoolingProblem> Oracle => PoolingOracle.Evaluate;

    public override Problem? ParseProblem(string key) => PoolingProblem.Parse(key) is { } problem && problem.Kind == kind ? problem : null;

    protected DType ElementType(NodeFacts node)
    {
        DType type = node.Tensor(0).Type;
        if (type != DType.Undefined && !type.IsFloat() && !(this is WindowPoolOp && kind == PoolKind.Max && ElementTypes.IsKnown(type)))
            throw new OpException($"input 0 is {type.ShortName()}, must be f32, f64, f16 or bf16" + (Name == "MaxPool" ? ", i8 or u8" : ""));
        return type;
    }

    protected static SymbolicShape CheckRank(SymbolicShape shape) =>
        shape.Rank >= 3 ? shape : throw new OpException($"input 0 has shape {shape}, must have at least 3 dimensions: n, c and one spatial");

    // Version 1 gives p as a float, later ones as an integer.
    protected float Exponent(NodeFacts node)
    {
        if (kind != PoolKind.Lp)
            return 2;
        float p = node.Opset < 2 ? node.Attributes.Float("p", 2) : node.Attributes.Int("p", 2);
        return p > 0 && float.IsFinite(p) ? p : throw new OpException($"attribute p is {p}, must be positive");
    }
}

internal sealed class WindowPoolOp(PoolKind kind) : PoolingOp(kind)
{
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        DType type = ElementType(node);
        Exponent(node);
        SymbolicShape? shape = null;
        if (x.Shape is not null)
        {
            CheckRank(x.Shape);
            var window = WindowAttributes.Read(node.Attributes, x.Shape.Rank - 2);
            bool ceil = node.Attributes.Flag("ceil_mode");
            var dims = new Dim[x.Shape.Rank];
            (dims[0], dims[1]) = (x.Shape[0], x.Shape[1]);
            for (int a = 2; a < dims.Length; a++)
                dims[a] = window.Output(a - 2, x.Shape[a], ceil, node.Fresh);
            shape = SymbolicShape.Create(dims);
        }
        var y = new TensorFact(type, shape);
        return node.OutputCount > 1 ? [y, new TensorFact(DType.Int64, shape)] : [y];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape;
        var window = WindowAttributes.Read(node.Attributes, shape.Rank - 2);
        bool ceil = node.Attributes.Flag("ceil_mode");
        return new PoolingProblem
        {
            Kind = Kind,
            Type = node.Tensor(0).Type,
            N = shape[0],
            C = shape[1],
            Axes = [.. Enumerable.Range(0, shape.Rank - 2).Select(a => window.Resolve(a, shape[a + 2], ceil))],
            CountIncludePad = Kind == PoolKind.Average && node.Attributes.Flag("count_include_pad"),
            Exponent = Exponent(node),
            Indices = node.OutputCount > 1,
            ColumnMajor = node.Attributes.Flag("storage_order"),
        };
    }
}

internal sealed class GlobalPoolOp(PoolKind kind) : PoolingOp(kind)
{
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        Exponent(node);
        SymbolicShape? shape = node.Tensor(0).Shape;
        if (shape is not null)
            shape = SymbolicShape.Create([.. CheckRank(shape).Take(2), .. Enumerable.Repeat((Dim)1, shape.Rank - 2)]);
        return [new TensorFact(ElementType(node), shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape;
        return new PoolingProblem
        {
            Kind = Kind,
            Type = node.Tensor(0).Type,
            N = shape[0],
            C = shape[1],
            Axes = [.. shape.Skip(2).Select(WindowAxis.Whole)],
            Exponent = Exponent(node),
        };
    }
}
