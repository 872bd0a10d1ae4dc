using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <content>How nodes are checked, named and turned into a graph by names.</content>
public sealed partial class GraphBuilder
{
    private static readonly ImmutableSortedDictionary<string, GraphBuilder> NoBodies = ImmutableSortedDictionary.Create<string, GraphBuilder>(StringComparer.Ordinal);

    private ImmutableArray<Operand> AddNode(string op, ReadOnlySpan<Operand?> inputs, Attributes attributes, int outputs, string? name)
    {
        CheckOpen();
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        (string domain, string type) = OpName.Split(op);
        if (!_opsets.TryGetValue(domain, out int version))
            throw new GraphException($"no version of domain '{domain}' is imported; say which by Import", name ?? "", op);
        foreach (Operand? input in inputs)
            if (input is not null)
                CheckReadable(input);
        name = name is null ? _names.Make(type) : _names.Take(name);
        var node = new Node(name, domain, type, attributes) { Opset = version };
        foreach (Operand? input in inputs)
            node.InputList.Add(input is null ? null : new GraphValue(input.Name, input.Fact));
        for (int i = 0; i < outputs; i++)
            node.OutputList.Add(new GraphValue("", null));
        return Append(node, inputs.ToArray(), FactsOf(node), NoBodies);
    }

    // A node's first output has the node's name.
    private ImmutableArray<Operand> Append(Node node, Operand?[] inputs, IReadOnlyList<ValueFact?> facts, ImmutableSortedDictionary<string, GraphBuilder> bodies)
    {
        var outputs = ImmutableArray.CreateBuilder<Operand>(node.Outputs.Count);
        for (int i = 0; i < node.Outputs.Count; i++)
            outputs.Add(new Operand(this, i == 0 ? node.Name : _names.Take($"{node.Name}:{i}"), i < facts.Count ? facts[i] : null, isComputed: true));
        ImmutableArray<Operand> made = outputs.MoveToImmutable();
        _nodes.Add(new BuilderNode(node.Name, node.Domain, node.OpType, [.. inputs], made, node.Attributes, bodies));
        return made;
    }

    // What is not in the catalogue, or not ours yet, has no facts: compiling says so.
    private IReadOnlyList<ValueFact?> FactsOf(Node node)
    {
        if (_catalog.Find(node.Domain, node.OpType, node.Opset) is not { } op || node.Inputs.Any(i => i is { Fact: null }))
            return [];
        try
        {
            return [.. ShapeInference.InferNode(node, op, v => v.Fact, _names.Fresh)];
        }
        catch (OpUnsupportedException)
        {
            return [];
        }
    }

    private GraphSpec ToSpec() => new(
        _name,
        [.. _inputs.Select(i => new ValueSpec(i.Name, Declared(_widened.GetValueOrDefault(i, i.Fact))))],
        [.. _outputs.Select(o => new ValueSpec(o.Name, Declared(o.Fact)))],
        [.. _constants.Select(c => new KeyValuePair<string, Tensor>(c.Key.Name, c.Value))],
        [.. _nodes.Select(n => n.ToSpec(body => body.ToSpec()))],
        []);

    // Values and expressions are derived again from the graph; a declaration is type and shape.
    private static ValueFact? Declared(ValueFact? fact) => FactJoin.WithoutValue(fact);

    private void CheckOpen()
    {
        if (Root._built)
            throw new InvalidOperationException($"graph '{_name}' is built already; begin another builder");
    }

    private void CheckReadable(Operand value)
    {
        if (!IsWithin(value.Owner))
            throw new ArgumentException($"'{value.Name}' belongs to another graph; a graph reads its own values and those of the graphs around it");
    }

    private GraphBuilder Root => _parent?.Root ?? this;

    private bool IsWithin(GraphBuilder other) => ReferenceEquals(this, other) || (_parent?.IsWithin(other) ?? false);

    private static DType TypeOf<T>() where T : unmanaged
    {
        DType type = DTypes.Of<T>();
        return type != DType.Undefined ? type : throw new ArgumentException($"{typeof(T).Name} is not an element type");
    }
}
