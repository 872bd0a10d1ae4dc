using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Dropout without training, which is the identity, in every opset.</summary>
internal sealed unsafe class DropoutOp() : OpDefinition<DropoutProblem>(Table)
{
    private static readonly ImmutableArray<Algorithm<DropoutProblem>> Table =
    [
        new()
        {
            Name = "view",
            Source = "the input's memory under another name",
            Needs = "no mask",
            IsView = true,
            Supports = static (p, _) => Applicability.If(p.Mask.IsAbsent, "a mask is asked for"),
            CostHint = static _ => 0,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        new()
        {
            Name = "copy",
            Source = "all bytes copied, the mask filled with ones",
            Supports = static (p, _) => Applicability.If(p.Input.Type != DType.String, "strings are not copied by kernels"),
            CostHint = static r => 100 + r.Problem.Traffic / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        ReferenceAlgorithm.Of<DropoutProblem>(Evaluate),
    ];

    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new DropoutOp { Name = "Identity", MinInputs = 1, MaxInputs = 1 },
        new DropoutOp { Name = "Dropout", Until = 11, MinInputs = 1, MaxInputs = 1, MaxOutputs = 2 },
        new DropoutOp { Name = "Dropout", Since = 12, MinInputs = 1, MaxInputs = 3, MaxOutputs = 2 },
    ];

    /// <inheritdoc/>
    public override Oracle<DropoutProblem> Oracle => Evaluate;

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        if (Name == "Identity")
            return [node.Inputs[0] is TensorFact constant ? constant with { Constant = null } : node.Inputs[0] ?? throw new OpException("input 0 is missing")];
        TensorFact input = node.Tensor(0);
        if (node.OptionalTensor(2) is { Type: not (DType.Bool or DType.Undefined) } mode)
            throw new OpException($"input 2 is {mode.Type.ShortName()}, must be bool");
        var output = new TensorFact(input.Type, input.Shape);
        return node.OutputCount < 2 ? [output] : [output, new TensorFact(MaskType(node, input.Type), input.Shape)];
    }

    /// <inheritdoc/>
    public override bool ReadsValues(NodeFacts node, int index) => index == 2 || index == 1 && node.Has(2);

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType input = node.Operand(0);
        if (IsTraining(node))
            throw new OpUnsupportedException("dropout in training mode is not supported");
        return new DropoutProblem
        {
            Input = input,
            Mask = node.OutputCount < 2 ? TensorType.Absent : new TensorType(MaskType(node, input.Type), input.Shape),
            Unread = [.. Enumerable.Range(1, node.Inputs.Length - 1).Select(node.Operand)],
            ConstantInputs = node.ConstantInputs,
        };
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) => DropoutProblem.Parse(key);

    /// <inheritdoc/>
    public override bool RunsOnHost(NodeFacts node) => Name == "Identity" && node.Inputs[0] is not TensorFact { Type: not DType.String };

    /// <inheritdoc/>
    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => inputs[0] switch
    {
        Tensor tensor => [tensor.Clone()],
        SequenceValue sequence => [new SequenceValue(((SequenceFact)sequence.Fact).Element, sequence.Items)],
        MapValue map => [new MapValue(((MapFact)map.Fact).Key, ((MapFact)map.Fact).Element, map.Entries)],
        OptionalValue optional => [new OptionalValue(((OptionalFact)optional.Fact).Element, optional.Content)],
        _ => throw new OpException("input 0 is missing"),
    };

    private static OracleResult Evaluate(DropoutProblem problem, IReadOnlyList<double[]?> inputs) =>
        OracleResult.Of(problem.Mask.IsAbsent ? [inputs[0]!] : [inputs[0]!, Array.ConvertAll(inputs[0]!, static _ => 1.0)]);

    private static DType MaskType(NodeFacts node, DType input) => node.Opset < 10 ? input : DType.Bool;

    // A ratio of 0 drops nothing in training either.
    private static bool IsTraining(NodeFacts node)
    {
        if (node.OptionalTensor(2)?.Constant is not { } mode || mode.AsBytes()[0] == 0)
            return false;
        if (node.OptionalTensor(1) is not { } ratio)
            return true;
        return ratio.Constant is not { } constant || constant.Type != DType.Float32 || constant.AsSpan<float>()[0] != 0;
    }

    private sealed class Kernel(DropoutProblem problem) : PreparedKernel
    {
        private readonly long _bytes = problem.Input.Type == DType.String ? 0 : problem.Input.ByteLength;

        public override void Run(in KernelArgs args)
        {
            if (_bytes > 0 && args.Inputs[0] != args.Outputs[0])
                Buffer.MemoryCopy((void*)args.Inputs[0], (void*)args.Outputs[0], _bytes, _bytes);
            if (problem.Mask.IsAbsent)
                return;
            for (long i = 0; i < problem.Mask.Shape.Count; i++)
                ElementAccess.Write((void*)args.Outputs[1], problem.Mask.Type, i, 1);
        }
    }
}
