using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ConstantOfShape: a tensor of one value, float 0 by default.</summary>
internal sealed class ConstantOfShapeOp() : OpDefinition<FillProblem>(FillAlgorithms.All)
{
    public static ConstantOfShapeOp V9 { get; } = new() { Name = "ConstantOfShape", Since = 9, MinInputs = 1, MaxInputs = 1 };

    public override bool ReadsValues(NodeFacts node, int index) => true;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = Value(node, out UInt128 bits);
        ImmutableArray<Dim> shape = MovementFacts.List(node, 0, "shape");
        if (shape.IsDefault)
            return [MovementFacts.Output(type, MovementFacts.ListLength(node, 0) is { } rank ? MovementFacts.FreshShape(node, (int)rank) : null)];
        CheckDims(shape);
        SymbolicShape output = SymbolicShape.Create(shape.AsSpan());
        return [MovementFacts.Output(type, output, Elements(type, output, bits))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        DType type = Value(node, out UInt128 bits);
        ImmutableArray<Dim> shape = MovementFacts.List(node, 0, "shape");
        if (shape.IsDefault)
            throw new OpException("shape is not known");
        CheckDims(shape);
        return new FillProblem
        {
            ValueInputs = MovementFacts.Operands(node),
            Output = MovementFacts.Operand(type, SymbolicShape.Create(shape.AsSpan())),
            Bits = bits,
            ConstantInputs = node.ConstantInputs,
        };
    }

    public override Problem? ParseProblem(string key) => FillProblem.Parse(key);

    private static void CheckDims(ImmutableArray<Dim> shape)
    {
        foreach (Dim dim in shape)
            if (dim.TryGetValue(out long extent) && extent < 0)
                throw new OpException($"shape [{string.Join(",", shape)}] has a dimension {extent}, must be 0 or more");
    }

    private static DType Value(NodeFacts node, out UInt128 bits)
    {
        bits = 0;
        Tensor? value = node.Attributes.Tensor("value");
        if (value is null)
            return DType.Float32;
        MovementFacts.RefuseStrings("ConstantOfShape", value.Type);
        if (value.Count != 1)
            throw new OpException($"value has shape {value.Shape}, must have one element");
        Span<byte> bytes = value.AsBytes();
        for (int i = 0; i < bytes.Length && i < 16; i++)
            bits |= (UInt128)bytes[i] << 8 * i;
        GC.KeepAlive(value);
        return value.Type;
    }

    private static ImmutableArray<Dim> Elements(DType type, SymbolicShape shape, UInt128 bits)
    {
        if (type is not (DType.Int64 or DType.Int32) || !shape.TryGetShape(out Shape known) || known.Count > MovementFacts.MaxElements)
            return default;
        Dim element = type == DType.Int64 ? unchecked((long)(ulong)bits) : unchecked((int)(uint)bits);
        return [.. Enumerable.Repeat(element, (int)known.Count)];
    }
}
