using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An operator that is a trained model: trees, a linear model, support vectors.</summary>
/// <param name="read">Reads and checks the attributes.</param>
/// <param name="table">Every way to compute it.</param>
internal sealed class PredictorOp(Func<Attributes, Predictor> read, ImmutableArray<Algorithm<PredictorProblem>> table) : OpDefinition<PredictorProblem>(table)
{
    // Models are read once, however often the node is inferred, planned for another batch or run on the host.
    private readonly ConditionalWeakTable<Attributes, Predictor> _models = [];

    /// <summary>The operator's word in problem keys.</summary>
    public required string Word { get; init; }

    /// <summary>The element types of the features; scores are f32 unless <see cref="KeepsType"/>.</summary>
    public ImmutableArray<DType> Types { get; init; } = [DType.Float32, DType.Float64, DType.Int64, DType.Int32];

    /// <summary>True if scores have the type of the features.</summary>
    public bool KeepsType { get; init; }

    public override Oracle<PredictorProblem> Oracle => PredictorReference.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        Predictor model = Model(node);
        TensorFact x = node.Tensor(0);
        if (x.Type != DType.Undefined && !Types.Contains(x.Type))
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be {string.Join(", ", Types.Select(t => t.ShortName()))}");
        Dim rows = node.Fresh();
        if (x.Shape is not null)
        {
            if (x.Shape.Rank is not (1 or 2))
                throw new OpException($"input 0 is {x.Shape}, must be [features] or [rows,features]");
            if (x.Shape[^1].TryGetValue(out long features) && (features < model.Features || (features > model.Features && !model.TakesMoreFeatures)))
                throw new OpException($"input 0 is {x.Shape} with {features} features, the model needs {model.Features}{(model.TakesMoreFeatures ? " or more" : "")}");
            rows = x.Shape.Rank == 2 ? x.Shape[0] : 1;
        }
        var scores = new TensorFact(KeepsType ? x.Type : DType.Float32, SymbolicShape.Create(rows, model.Columns));
        return model.Labels is null ? [scores] : [new TensorFact(model.Labels.Type, SymbolicShape.Create(rows)), scores];
    }

    public override Problem CreateProblem(NodeFacts node) => Create(node.Operand(0), node.Attributes, Model(node));

    public override Problem? ParseProblem(string key) => MovementKeyReader.Read(key, Word, r =>
    {
        Attributes attributes = AttributeText.Read(r.Last);
        var problem = Create(r.Input(0), attributes, read(attributes));
        return problem.Outputs.SequenceEqual(r.Outputs) ? problem : throw new FormatException("the outputs are not those of the model");
    });

    /// <summary>A problem of a model.</summary>
    /// <exception cref="OpException">The model does not take the features.</exception>
    public PredictorProblem Create(TensorType input, Attributes attributes, Predictor? model = null)
    {
        model ??= read(attributes);
        var node = new NodeFacts(attributes, Since, [new TensorFact(input.Type, input.Shape)], 2, () => Dim.Symbol("?"));
        _models.AddOrUpdate(attributes, model);
        ImmutableArray<ValueFact> facts = Infer(node);
        return new PredictorProblem
        {
            Name = Word,
            Input = input,
            Attributes = attributes,
            Model = model,
            Results = [.. facts.Select(f => MovementFacts.Operand(((TensorFact)f).Type, ((TensorFact)f).Shape))],
        };
    }

    /// <summary>String labels have no address.</summary>
    public override bool RunsOnHost(NodeFacts node) => Model(node).Labels is { IsText: true };

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes)
    {
        Predictor model = Model(node);
        var facts = Infer(node);
        var memory = new HostMemory(maxBytes);
        Shape shape = ((TensorFact)facts[^1]).KnownShape;
        Tensor labels = memory.Allocate(DType.String, [shape[0]]), scores = memory.Allocate(DType.Float32, shape);
        Span<string> texts = labels.AsStrings();
        ReadOnlySpan<int> places = PredictorRows.Run(model, (Tensor)inputs[0]!, scores);
        for (int i = 0; i < texts.Length; i++)
            texts[i] = model.Labels!.Strings[places[i]];
        return [labels, scores];
    }

    private Predictor Model(NodeFacts node) => _models.GetValue(node.Attributes, a => read(a));
}
