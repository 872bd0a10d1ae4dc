using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which recurrent cell.</summary>
internal enum RecurrentKind
{
    Rnn,
    Gru,
    Lstm,
}

/// <summary>A layer of recurrent cells over a batch of sequences, in one direction or both: RNN, GRU, LSTM.</summary>
/// <remarks>
/// X [Sequence, Batch, InputSize], W [Directions, G*Hidden, InputSize], R [Directions, G*Hidden, Hidden], B [Directions, 2*G*Hidden] (those of W, then those
/// of R), lengths [Batch], initial h and c [Directions, Batch, Hidden], P [Directions, 3*Hidden]; Y [Sequence, Directions, Batch, Hidden], last h and c
/// [Directions, Batch, Hidden]. With BatchFirst the batch is axis 0 of X, Y and the states. Gates: GRU update, reset, hidden; LSTM input, output,
/// forget, cell. Steps from a sequence's length on give zeros in Y and leave its state.
/// </remarks>
internal sealed record RecurrentProblem : Problem
{
    public required RecurrentKind Kind { get; init; }

    public required DType Type { get; init; }

    public required long Sequence { get; init; }

    public required long Batch { get; init; }

    public required long InputSize { get; init; }

    public required long Hidden { get; init; }

    /// <summary>1 or 2.</summary>
    public int Directions { get; init; } = 1;

    /// <summary>Whether the only direction is backward.</summary>
    public bool Reverse { get; init; }

    public bool BatchFirst { get; init; }

    public bool HasBias { get; init; }

    public bool HasLengths { get; init; }

    public bool HasInitialH { get; init; }

    public bool HasInitialC { get; init; }

    public bool HasPeepholes { get; init; }

    /// <summary>Bit i set: output i is wanted.</summary>
    public required int OutputMask { get; init; }

    /// <summary>The activations of the first direction, then those of the second: one for RNN, two for GRU, three for LSTM.</summary>
    public required ImmutableArray<RecurrentActivation> Activations { get; init; }

    /// <summary>What goes into an activation is clamped to [-Clip, Clip]; 0 for no bound.</summary>
    public float Clip { get; init; }

    /// <summary>GRU: the reset gate scales the product with R and not what goes into it.</summary>
    public bool LinearBeforeReset { get; init; }

    /// <summary>LSTM: the forget gate is 1 minus the input gate.</summary>
    public bool Coupled { get; init; }

    /// <summary>Gates of a cell.</summary>
    public int Gates => GatesOf(Kind);

    public static int GatesOf(RecurrentKind kind) => kind switch { RecurrentKind.Rnn => 1, RecurrentKind.Gru => 3, _ => 4 };

    public static int ActivationsOf(RecurrentKind kind) => kind switch { RecurrentKind.Rnn => 1, RecurrentKind.Gru => 2, _ => 3 };

    /// <summary>The activations that the operator has if none are given.</summary>
    public static ImmutableArray<RecurrentActivation> DefaultActivations(RecurrentKind kind, int directions)
    {
        RecurrentActivation sigmoid = new(RecurrentFunction.Sigmoid), tanh = new(RecurrentFunction.Tanh);
        RecurrentActivation[] one = kind switch { RecurrentKind.Rnn => [tanh], RecurrentKind.Gru => [sigmoid, tanh], _ => [sigmoid, tanh, tanh] };
        return directions == 1 ? [.. one] : [.. one, .. one];
    }

    /// <summary>True if direction <paramref name="direction"/> runs from the end to the beginning.</summary>
    public bool IsReverse(int direction) => direction == 1 || Reverse;

    public override double Flops => 2.0 * Sequence * Batch * Directions * Gates * Hidden * (InputSize + Hidden);

    public override ImmutableArray<TensorType> Inputs
    {
        get
        {
            long n = Gates * Hidden;
            TensorType Optional(bool there, DType type, params ReadOnlySpan<long> dims) => there ? new TensorType(type, Shape.Create(dims)) : TensorType.Absent;
            TensorType state = new(Type, StateShape);
            var inputs = ImmutableArray.Create(
                new TensorType(Type, BatchFirst ? [Batch, Sequence, InputSize] : [Sequence, Batch, InputSize]),
                new TensorType(Type, [Directions, n, InputSize]),
                new TensorType(Type, [Directions, n, Hidden]),
                Optional(HasBias, Type, Directions, 2 * n),
                Optional(HasLengths, DType.Int32, Batch),
                HasInitialH ? state : TensorType.Absent);
            return Kind != RecurrentKind.Lstm ? inputs
                : inputs.AddRange(HasInitialC ? state : TensorType.Absent, Optional(HasPeepholes, Type, Directions, 3 * Hidden));
        }
    }

    public override ImmutableArray<TensorType> Outputs
    {
        get
        {
            Shape y = BatchFirst ? [Batch, Sequence, Directions, Hidden] : [Sequence, Directions, Batch, Hidden];
            TensorType Wanted(int i) => (OutputMask >> i & 1) != 0 ? new TensorType(Type, i == 0 ? y : StateShape) : TensorType.Absent;
            return Kind == RecurrentKind.Lstm ? [Wanted(0), Wanted(1), Wanted(2)] : [Wanted(0), Wanted(1)];
        }
    }

    private Shape StateShape => BatchFirst ? [Batch, Directions, Hidden] : [Directions, Batch, Hidden];

    public override string Key
    {
        get
        {
            string key = $"{Name(Kind)}/{Type.ShortName()} seq{Sequence} batch{Batch} in{InputSize} hidden{Hidden}"
                + (Directions == 2 ? " both" : Reverse ? " reverse" : "") + (BatchFirst ? " batchfirst" : "") + (HasBias ? " bias" : "") + (HasLengths ? " lens" : "")
                + (HasInitialH ? " starth" : "") + (HasInitialC ? " startc" : "") + (HasPeepholes ? " peepholes" : "")
                + (Clip != 0 ? $" clip={KeyWords.Real(Clip)}" : "") + (LinearBeforeReset ? " linearfirst" : "") + (Coupled ? " coupled" : "") + $" out{OutputMask}";
            if (!Activations.SequenceEqual(DefaultActivations(Kind, Directions)))
                key += $" f{KeyWords.Join(Activations.Select(a => (long)a.Function))} alpha={KeyWords.Join(Activations.Select(a => (double)a.Alpha))}"
                    + $" beta={KeyWords.Join(Activations.Select(a => (double)a.Beta))}";
            return key + (HasConstantWeights ? "" : " dyn");
        }
    }

    /// <summary>True if W, R and B are constants.</summary>
    public bool HasConstantWeights => IsConstant(1) && IsConstant(2) && (!HasBias || IsConstant(3));

    public static RecurrentProblem? Parse(string key, RecurrentKind kind)
    {
        if (KeyWords.Parse(key) is not { } words || words.Name != Name(kind) || !words.Type.IsFloat()
            || words.Int("seq") is not (>= 0 and var sequence) || words.Int("batch") is not (>= 0 and var batch)
            || words.Int("in") is not (>= 0 and var inputSize) || words.Int("hidden") is not (>= 0 and var hidden) || words.Int("out") is not (>= 0 and < 8 and var mask))
            return null;
        int directions = words.Has("both") ? 2 : 1;
        ImmutableArray<RecurrentActivation> activations = DefaultActivations(kind, directions);
        if (words.Ints("f", 0) is { } functions)
        {
            if (words.Reals("alpha") is not { } alpha || words.Reals("beta") is not { } beta || functions.Length != activations.Length
                || alpha.Length != functions.Length || beta.Length != functions.Length || functions.Any(f => f > (long)RecurrentFunction.Softplus))
                return null;
            activations = [.. functions.Select((f, i) => new RecurrentActivation((RecurrentFunction)f, (float)alpha[i], (float)beta[i]))];
        }
        return new RecurrentProblem
        {
            Kind = kind,
            Type = words.Type,
            Sequence = sequence,
            Batch = batch,
            InputSize = inputSize,
            Hidden = hidden,
            Directions = directions,
            Reverse = words.Has("reverse"),
            BatchFirst = words.Has("batchfirst"),
            HasBias = words.Has("bias"),
            HasLengths = words.Has("lens"),
            HasInitialH = words.Has("starth"),
            HasInitialC = words.Has("startc"),
            HasPeepholes = words.Has("peepholes"),
            OutputMask = (int)mask,
            Activations = activations,
            Clip = words.Float("clip") ?? 0,
            LinearBeforeReset = words.Has("linearfirst"),
            Coupled = words.Has("coupled"),
            ConstantInputs = words.Has("dyn") ? 0u : words.Has("bias") ? 14u : 6u,
        };
    }

    private static string Name(RecurrentKind kind) => kind switch { RecurrentKind.Rnn => "rnn", RecurrentKind.Gru => "gru", _ => "lstm" };
}
