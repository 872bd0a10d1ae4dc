using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>STFT: frames have the length that is given, else the window's, else the signal's.</summary>
internal sealed class StftOp() : OpDefinition<StftProblem>(StftAlgorithms.All)
{
    public static StftOp V17 { get; } = new() { Name = "STFT", Since = 17, MinInputs = 2, MaxInputs = 4 };

    public override Oracle<StftProblem> Oracle => StftAlgorithms.Evaluate;

    public override bool ReadsValues(NodeFacts node, int index) => index is 1 or 3;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact signal = node.Tensor(0);
        TypeSet.Float.Check(signal, 0);
        node.SameType(0, 2);
        if (signal.Shape is { Rank: not 3 } shape)
            throw new OpException($"signal has shape {shape}, must be [batch, samples, 1] or [batch, samples, 2]");
        Dim? step = Value(node, 1, "frame_step");
        Dim? length = node.Has(3) ? Value(node, 3, "frame_length") : node.Has(2) ? node.Tensor(2).Shape is { Rank: 1 } window ? window[0] : null : signal.Shape?[1];
        if (signal.Shape is null || step is not { IsKnown: true } || step.Value.Value < 1 || length is null)
            return [new TensorFact(signal.Type, [signal.Shape?[0] ?? node.Fresh(), node.Fresh(), node.Fresh(), 2])];
        if (signal.Shape.IsKnown && length.Value.IsKnown && signal.Type != DType.Undefined && node.OptionalTensor(2) is null or { IsKnown: true })
            CreateProblem(node);
        Dim frames = Dim.FloorDiv(signal.Shape[1] - length.Value, step.Value) + 1;
        Dim bins = node.Attributes.Flag("onesided", true) ? Dim.FloorDiv(length.Value, 2) + 1 : length.Value;
        return [new TensorFact(signal.Type, [signal.Shape[0], frames, bins, 2])];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType signal = node.Operand(0), window = node.Has(2) ? node.Operand(2) : TensorType.Absent;
        long length = node.Has(3) ? Known(node, 3, "frame_length") : window is { IsAbsent: false, Shape.Rank: 1 } ? window.Shape[0]
            : signal.Shape.Rank == 3 ? signal.Shape[1] : 0;
        return new StftProblem
        {
            Signal = signal,
            StepInput = node.Operand(1),
            Window = window,
            LengthInput = node.Has(3) ? node.Operand(3) : TensorType.Absent,
            Step = Known(node, 1, "frame_step"),
            Length = length,
            Onesided = node.Attributes.Flag("onesided", true),
            ConstantInputs = node.ConstantInputs,
        }.Checked();
    }

    public override Problem? ParseProblem(string key) => StftProblem.Parse(key);

    private static Dim? Value(NodeFacts node, int index, string what) => ScalarValue.Integer(node, index, what) is { } value ? value : null;

    private static long Known(NodeFacts node, int index, string what) => ScalarValue.Integer(node, index, what) ?? throw new OpException($"{what} is not known");
}
