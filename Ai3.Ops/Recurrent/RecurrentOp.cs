using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>RNN, GRU and LSTM of every version.</summary>
internal sealed class RecurrentOp(RecurrentKind kind) : OpDefinition<RecurrentProblem>(RecurrentAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new RecurrentOp(RecurrentKind.Rnn) { Name = "RNN", MinInputs = 3, MaxInputs = 6, MaxOutputs = 2 },
        new RecurrentOp(RecurrentKind.Gru) { Name = "GRU", MinInputs = 3, MaxInputs = 6, MaxOutputs = 2 },
        new RecurrentOp(RecurrentKind.Lstm) { Name = "LSTM", MinInputs = 3, MaxInputs = 8, MaxOutputs = 3 },
    ];

    public override Oracle<RecurrentProblem> Oracle => RecurrentOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = ElementType(node);
        int directions = Directions(node);
        bool batchFirst = BatchFirst(node);
        Activations(node, directions);
        Clip(node);
        (Dim sequence, Dim batch, Dim hidden) = Sizes(node, directions, batchFirst);
        if (node.OutputCount > MaxOutputs)
            throw new OpException($"{Name} has {MaxOutputs} outputs, {node.OutputCount} are named");
        var state = new TensorFact(type, batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]);
        TensorFact[] facts = [new TensorFact(type, batchFirst ? [batch, sequence, directions, hidden] : [sequence, directions, batch, hidden]), state, state];
        return [.. facts.Take(node.OutputCount).Select(f => (ValueFact)MovementFacts.Output(f.Type, f.Shape))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        int directions = Directions(node);
        bool batchFirst = BatchFirst(node);
        (Dim sequence, Dim batch, Dim hidden) = Sizes(node, directions, batchFirst);
        return new RecurrentProblem
        {
            Kind = kind,
            Type = ElementType(node),
            Sequence = sequence.Value,
            Batch = batch.Value,
            InputSize = node.Tensor(0).KnownShape[2],
            Hidden = hidden.Value,
            Directions = directions,
            Reverse = directions == 1 && Direction(node) == "reverse",
            BatchFirst = batchFirst,
            HasBias = node.Has(3),
            HasLengths = node.Has(4),
            HasInitialH = node.Has(5),
            HasInitialC = kind == RecurrentKind.Lstm && node.Has(6),
            HasPeepholes = kind == RecurrentKind.Lstm && node.Has(7),
            OutputMask = (1 << node.OutputCount) - 1,
            Activations = Activations(node, directions),
            Clip = Clip(node),
            LinearBeforeReset = kind == RecurrentKind.Gru && node.Attributes.Flag("linear_before_reset"),
            Coupled = kind == RecurrentKind.Lstm && node.Attributes.Flag("input_forget"),
            ConstantInputs = node.ConstantInputs,
        };
    }

    public override Problem? ParseProblem(string key) => RecurrentProblem.Parse(key, kind);

    private static DType ElementType(NodeFacts node)
    {
        DType type = node.SameType(0, 1, 2, 3, 5, 6, 7);
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"input 0 is {type.ShortName()}, must be a float type");
        if (node.OptionalTensor(4) is { Type: not (DType.Int32 or DType.Undefined) } lengths)
            throw new OpException($"sequence_lens is {lengths.Type.ShortName()}, must be i32");
        return type;
    }

    private static string Direction(NodeFacts node) => node.Attributes.String("direction", "forward");

    private static int Directions(NodeFacts node) => Direction(node) switch
    {
        "forward" or "reverse" => 1,
        "bidirectional" => 2,
        string other => throw new OpException($"direction is {other}, must be forward, reverse or bidirectional"),
    };

    private static bool BatchFirst(NodeFacts node) => node.Attributes.Int("layout", 0) switch
    {
        0 => false,
        1 => true,
        long other => throw new OpException($"layout is {other}, must be 0 or 1"),
    };

    private static float Clip(NodeFacts node)
    {
        float clip = node.Attributes.Float("clip", 0);
        if (!(clip >= 0))
            throw new OpException($"clip is {clip}, must be positive");
        return float.IsInfinity(clip) ? 0 : clip;
    }

    private ImmutableArray<RecurrentActivation> Activations(NodeFacts node, int directions)
    {
        ImmutableArray<string> names = node.Attributes.Strings("activations");
        ImmutableArray<RecurrentActivation> fallback = RecurrentProblem.DefaultActivations(kind, directions);
        if (names.IsDefaultOrEmpty)
            return fallback;
        if (names.Length != fallback.Length)
            throw new OpException($"activations have {names.Length} entries, must have {fallback.Length}");
        var alphas = new Queue<float>(Finite(node, "activation_alpha"));
        var betas = new Queue<float>(Finite(node, "activation_beta"));
        var activations = ImmutableArray.CreateBuilder<RecurrentActivation>();
        foreach (string name in names)
        {
            if (!Enum.TryParse(name, ignoreCase: true, out RecurrentFunction function) || !char.IsAsciiLetter(name[0]))
                throw new OpException($"activation {name} is not one of {string.Join(", ", Enum.GetNames<RecurrentFunction>())}");
            RecurrentActivation activation = RecurrentActivation.Default(function);
            if (RecurrentActivation.TakesAlpha(function) && alphas.TryDequeue(out float alpha))
                activation = activation with { Alpha = alpha };
            if (RecurrentActivation.TakesBeta(function) && betas.TryDequeue(out float beta))
                activation = activation with { Beta = beta };
            activations.Add(activation);
        }
        return activations.ToImmutable();
    }

    private static ImmutableArray<float> Finite(NodeFacts node, string name)
    {
        ImmutableArray<float> values = node.Attributes.Floats(name);
        if (!values.IsDefault && values.Any(v => !float.IsFinite(v)))
            throw new OpException($"{name} has a value that is not finite");
        return values.IsDefault ? [] : values;
    }

    // Checks every shape against every other, as far as they are known.
    private (Dim Sequence, Dim Batch, Dim Hidden) Sizes(NodeFacts node, int directions, bool batchFirst)
    {
        int gates = RecurrentProblem.GatesOf(kind);
        SymbolicShape? x = Ranked(node, 0, 3), w = Ranked(node, 1, 3), r = Ranked(node, 2, 3);
        Dim sequence = x is null ? node.Fresh() : x[batchFirst ? 1 : 0], batch = x is null ? node.Fresh() : x[batchFirst ? 0 : 1];
        Dim hidden = r is not null ? r[2] : node.Attributes.Has("hidden_size") ? node.Attributes.Int("hidden_size", 0) : node.Fresh();
        if (node.Attributes.Has("hidden_size"))
            Match(hidden, node.Attributes.Int("hidden_size", 0), "hidden_size and R");
        if (hidden.TryGetValue(out long size) && size is < 1 or > int.MaxValue / 16)
            throw new OpException($"hidden_size is {size}, must be between 1 and {int.MaxValue / 16}");
        Expect(node, 1, w, directions, hidden * gates, x is null ? node.Fresh() : x[2]);
        Expect(node, 2, r, directions, hidden * gates, hidden);
        Expect(node, 3, Ranked(node, 3, 2), directions, hidden * (2 * gates));
        Expect(node, 4, Ranked(node, 4, 1), batch);
        for (int state = 5; state <= 6; state++)
        {
            if (batchFirst)
                Expect(node, state, Ranked(node, state, 3), batch, directions, hidden);
            else
                Expect(node, state, Ranked(node, state, 3), directions, batch, hidden);
        }
        Expect(node, 7, Ranked(node, 7, 2), directions, hidden * 3);
        return (sequence, batch, hidden);
    }

    private static SymbolicShape? Ranked(NodeFacts node, int index, int rank)
    {
        SymbolicShape? shape = node.OptionalTensor(index)?.Shape;
        return shape is null || shape.Rank == rank ? shape : throw new OpException($"input {index} has shape {shape}, must have rank {rank}");
    }

    private static void Expect(NodeFacts node, int index, SymbolicShape? shape, params ReadOnlySpan<Dim> dims)
    {
        if (shape is null || !node.Has(index))
            return;
        for (int i = 0; i < dims.Length; i++)
            if (shape[i].IsKnown && dims[i].IsKnown && shape[i] != dims[i])
                throw new OpException($"input {index} has shape {shape}, must be [{string.Join(",", dims.ToArray())}]");
    }

    private static void Match(Dim a, Dim b, string what)
    {
        if (a.IsKnown && b.IsKnown && a != b)
            throw new OpException($"{what} differ: {b} and {a}");
    }
}
