using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An operator that looks up every element in a table: LabelEncoder and CategoryMapper.</summary>
/// <param name="read">Reads the table for an input type.</param>
internal sealed class LookupOp(Func<Attributes, DType, LabelMap> read) : HostOp
{
    private readonly ConditionalWeakTable<Attributes, LabelMap> _texts = [], _numbers = [];

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        return [new TensorFact(x.Type == DType.Undefined ? DType.Undefined : Map(node, x.Type).ValueType, x.Shape)];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory) =>
        [Map(node, ((Tensor)inputs[0]!).Type).Apply((Tensor)inputs[0]!, memory)];

    private LabelMap Map(NodeFacts node, DType type)
    {
        LabelMap map = (type == DType.String ? _texts : _numbers).GetValue(node.Attributes, a => read(a, type));
        return map.KeyType == type ? map : throw new OpException($"input 0 is {type.ShortName()}, must be {map.KeyType.ShortName()} like the keys");
    }
}
