using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An operator whose output is a strided copy of its first input; the other inputs only say how.</summary>
internal abstract class StridedCopyOp(ImmutableArray<Algorithm<StridedCopyProblem>> rows) : OpDefinition<StridedCopyProblem>(rows)
{
    protected StridedCopyOp() : this(StridedCopyAlgorithms.All) { }

    /// <summary>The operator's word in problem keys.</summary>
    public abstract string Word { get; }

    /// <summary>The output's dimensions, as far as they are known.</summary>
    protected abstract SymbolicShape? OutputShape(NodeFacts node);

    /// <summary>The copy, for shapes known in numbers.</summary>
    protected abstract CopyBox Box(NodeFacts node, Shape input, Shape output);

    public sealed override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0);
        SymbolicShape? shape = OutputShape(node);
        return [MovementFacts.Output(data.Type, shape, Elements(node, data, shape))];
    }

    public override bool ReadsValues(NodeFacts node, int index) => index > 0;

    public sealed override Problem CreateProblem(NodeFacts node)
    {
        TensorType input = node.Operand(0);
        TensorType output = MovementFacts.Operand(input.Type, OutputShape(node));
        CopyBox box = Box(node, input.Shape, output.Shape);
        return new StridedCopyProblem
        {
            Name = Word,
            Operands = MovementFacts.Operands(node),
            Output = output,
            Walk = box.Walk,
            Steps = box.Steps,
            Offset = box.Offset,
            ConstantInputs = node.ConstantInputs,
        }.Checked();
    }

    public sealed override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public sealed override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public sealed override Problem? ParseProblem(string key) => StridedCopyProblem.Parse(key, Word);

    private ImmutableArray<Dim> Elements(NodeFacts node, TensorFact data, SymbolicShape? shape)
    {
        ImmutableArray<Dim> elements = MovementFacts.SmallElements(node, 0);
        if (elements.IsDefault || data.Shape is null || shape is null || !data.Shape.TryGetShape(out Shape input)
            || !shape.TryGetShape(out Shape output) || output.Count > MovementFacts.MaxElements || input.Count != elements.Length)
            return default;
        return Box(node, input, output).Pick(elements);
    }
}

/// <summary>An operator whose output is its input under another shape.</summary>
internal abstract class ViewOp() : StridedCopyOp(StridedCopyAlgorithms.Views)
{
    protected sealed override CopyBox Box(NodeFacts node, Shape input, Shape output)
    {
        if (input.Count != output.Count)
            throw new OpException($"{input} has {input.Count} elements and cannot become {output} with {output.Count}");
        return CopyBox.Same(output.Count);
    }
}
