using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An operator that maps the features of each row: Scaler, Normalizer, Imputer, Binarizer.</summary>
/// <param name="read">Reads and checks the attributes for an element type.</param>
internal sealed unsafe class FeatureOp(Func<Attributes, DType, FeatureMap> read) : OpDefinition<FeatureProblem>(Table)
{
    private static readonly ImmutableArray<DType> s_types = [DType.Float32, DType.Float64, DType.Int64, DType.Int32];

    private static readonly ImmutableArray<Algorithm<FeatureProblem>> Table =
    [
        new()
        {
            Name = "rows",
            Source = "one row at a time, in double where it computes",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + 2.0 * r.Problem.Input.Shape.Count,
            Error = static (p, _) => p.Map.Chain == 0 ? ErrorBound.Exact : ErrorBound.PerElement(p.Map.Chain),
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        ReferenceAlgorithm.Of<FeatureProblem>(Evaluate),
    ];

    private readonly ConditionalWeakTable<Attributes, FeatureMap> _floats = [], _integers = [];

    /// <summary>The operator's word in problem keys.</summary>
    public required string Word { get; init; }

    public override Oracle<FeatureProblem> Oracle => Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        if (x.Type == DType.Undefined)
            return [new TensorFact(DType.Undefined, x.Shape)];
        if (!s_types.Contains(x.Type))
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be {string.Join(", ", s_types.Select(t => t.ShortName()))}");
        FeatureMap map = (x.Type.IsFloat() ? _floats : _integers).GetValue(node.Attributes, a => read(a, x.Type));
        if (map.Features > 0 && x.Shape is { Rank: > 0 } && x.Shape[^1].TryGetValue(out long features) && features != map.Features)
            throw new OpException($"input 0 is {x.Shape} with {features} features, the attributes are for {map.Features}");
        return [new TensorFact(map.Output(x.Type), x.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node) => Create(node.Operand(0), node.Attributes);

    public override Problem? ParseProblem(string key) => MovementKeyReader.Read(key, Word, r =>
        Create(r.Input(0), AttributeText.Read(r.Last)) is var p && p.Output == r.Output(0) ? p : throw new FormatException("the output is not that of the input"));

    /// <summary>A problem of the operator.</summary>
    /// <exception cref="OpException">The attributes do not fit the input.</exception>
    public FeatureProblem Create(TensorType input, Attributes attributes)
    {
        var fact = (TensorFact)Infer(new NodeFacts(attributes, Since, [new TensorFact(input.Type, input.Shape)], 1, () => Dim.Symbol("?")))[0];
        FeatureMap map = read(attributes, input.Type);
        if (map.Features > 0 && input.Shape.Rank == 0)
            throw new OpException($"input 0 is a scalar, the attributes are for {map.Features} features");
        return new FeatureProblem { Name = Word, Input = input, Output = new TensorType(fact.Type, input.Shape), Attributes = attributes, Map = map };
    }

    private static OracleResult Evaluate(FeatureProblem problem, IReadOnlyList<double[]?> inputs)
    {
        int features = (int)problem.Features;
        var values = new double[problem.Output.Shape.Count];
        var magnitudes = new double[values.Length];
        for (int r = 0; r < (int)problem.Rows; r++)
            problem.Map.Evaluate(inputs[0].AsSpan(r * features, features), values.AsSpan(r * features, features), magnitudes.AsSpan(r * features, features));
        return new OracleResult([values], [magnitudes]);
    }

    private sealed class Kernel(FeatureProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            var rows = new RowRange { Map = p.Map, X = (void*)args.Inputs[0], Y = (void*)args.Outputs[0], Type = p.Input.Type, Features = p.Features };
            args.Workers.For(checked((int)p.Rows), ref rows);
        }
    }

    private struct RowRange : IParallelBody
    {
        public FeatureMap Map;
        public void* X, Y;
        public DType Type;
        public long Features;

        public readonly void Run(int begin, int end, int worker) => Map.Run(X, Y, Type, Features, begin, end);
    }
}
