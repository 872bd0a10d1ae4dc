using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Identity, and Dropout: the identity too outside of training. In training a seed makes every run drop the same elements.</summary>
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
            Supports = static (p, _) => Applicability.If(p.Mask.IsAbsent, "a mask is asked for").And(Applicability.If(p.Ratio is null, "training drops elements")),
            CostHint = static _ => 0,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        new()
        {
            Name = "copy",
            Source = "all bytes copied, the mask filled with ones",
            Supports = static (p, _) => Applicability.If(p.Input.Type != DType.String, "strings are not copied by kernels")
                .And(Applicability.If(p.Ratio is null, "training drops elements")),
            CostHint = static r => 100 + r.Problem.Traffic / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        DropoutTraining.Row,
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
        double? ratio = TrainingRatio(node);
        return new DropoutProblem
        {
            Input = input,
            Mask = node.OutputCount < 2 ? TensorType.Absent : new TensorType(MaskType(node, input.Type), input.Shape),
            Unread = [.. Enumerable.Range(1, node.Inputs.Length - 1).Select(node.Operand)],
            Ratio = ratio,
            Seed = ratio is not null && node.Attributes.Has("seed") ? node.Attributes.Int("seed") : null,
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

    private static OracleResult Evaluate(DropoutProblem problem, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, mask = Array.ConvertAll(x, static _ => 1.0);
        if (problem.Ratio is { } ratio)
        {
            Philox random = DropoutTraining.GeneratorOf(problem);
            for (long i = 0; i < x.Length; i++)
            {
                mask[i] = random.Unit(i) < ratio ? 0 : 1;
                x[i] = mask[i] == 0 ? 0 : x[i] * (1 / (1 - ratio));
            }
        }
        return problem.Mask.IsAbsent ? OracleResult.Of(x) : OracleResult.Of(x, mask);
    }

    private static DType MaskType(NodeFacts node, DType input) => node.Opset < 10 ? input : DType.Bool;

    // A ratio of 0 drops nothing in training either.
    private static double? TrainingRatio(NodeFacts node)
    {
        if (node.OptionalTensor(2)?.Constant is not { Count: 1 } mode || mode.AsBytes()[0] == 0)
            return null;
        double ratio = 0.5;
        if (node.OptionalTensor(1) is not null)
            ratio = ScalarValue.Double(ScalarValue.Constant(node, 1, "ratio") ?? throw new OpException("ratio is not known"));
        if (!(ratio is >= 0 and < 1))
            throw new OpException($"ratio is {ratio}, must be in [0, 1)");
        if (!node.Tensor(0).Type.IsFloat())
            throw new OpException($"input 0 is {node.Tensor(0).Type.ShortName()}, must be a float type to be dropped from");
        return ratio == 0 ? null : ratio;
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
