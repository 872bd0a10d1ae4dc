using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>What a Loop's body gives at the end of a trip.</summary>
/// <param name="Continue">Whether there is another trip: a bool scalar.</param>
/// <param name="Carried">The carried values for the next trip, in order.</param>
/// <param name="Scanned">Values that are stacked over the trips, along a new first axis.</param>
public sealed record LoopStep(Operand Continue, ImmutableArray<Operand> Carried, ImmutableArray<Operand> Scanned = default);

/// <content>Operators that own subgraphs, written as delegates that get a builder of their own.</content>
public sealed partial class GraphBuilder
{
    /// <summary>One of two subgraphs, by a condition. Both may read values of this graph.</summary>
    /// <param name="condition">A bool scalar.</param>
    /// <param name="then">Gives the outputs where the condition holds.</param>
    /// <param name="otherwise">Gives as many outputs where it does not.</param>
    public ImmutableArray<Operand> If(Operand condition, Func<GraphBuilder, ImmutableArray<Operand>> then, Func<GraphBuilder, ImmutableArray<Operand>> otherwise)
    {
        CheckReadable(condition);
        Node node = ControlNode("If");
        GraphBuilder a = Body(node, IfOp.Branch(true)), b = Body(node, IfOp.Branch(false));
        ImmutableArray<Operand> thenOutputs = then(a), otherOutputs = otherwise(b);
        if (thenOutputs.Length != otherOutputs.Length || thenOutputs.Length == 0)
            throw new GraphException($"the branches give {thenOutputs.Length} and {otherOutputs.Length} outputs, must be as many and at least one", node.Name, node.OpType);
        a.Return(thenOutputs);
        b.Return(otherOutputs);
        AddOutputs(node, thenOutputs.Length);
        ValueFact?[] facts = NodeFactsOf.Guard(node, () => thenOutputs.Zip(otherOutputs,
            (x, y) => FactJoin.Join(FactJoin.WithoutValue(x.Fact), FactJoin.WithoutValue(y.Fact), _ => _names.Fresh())).ToArray());
        return Append(node, [condition], facts, NoBodies.Add(IfOp.Branch(true), a).Add(IfOp.Branch(false), b));
    }

    /// <summary>A subgraph that runs a number of times or while a condition holds. It may read values of this graph.</summary>
    /// <param name="trips">The greatest number of trips: an int64 scalar; null for no bound.</param>
    /// <param name="condition">Whether there is a first trip: a bool scalar; null for yes.</param>
    /// <param name="carried">What the first trip gets.</param>
    /// <param name="body">From builder, trip number (int64 scalar), condition and carried values to the next trip's.</param>
    /// <returns>The carried values after the last trip, then the stacked ones.</returns>
    public ImmutableArray<Operand> Loop(
        Operand? trips, Operand? condition, ReadOnlySpan<Operand> carried, Func<GraphBuilder, Operand, Operand, ImmutableArray<Operand>, LoopStep> body)
    {
        Operand?[] inputs = [trips, condition, .. carried];
        foreach (Operand? input in inputs)
            if (input is not null)
                CheckReadable(input);
        ImmutableArray<Operand> initial = [.. carried];
        Node node = ControlNode("Loop");
        GraphBuilder inner = Body(node, "body");
        Operand trip = inner.AddInput(_names.Make($"{node.Name}/trip"), new TensorFact(DType.Int64, Shape.Scalar));
        Operand running = inner.AddInput(_names.Make($"{node.Name}/condition"), new TensorFact(DType.Bool, Shape.Scalar));
        ImmutableArray<Operand> state = [.. initial.Select(c => inner.AddInput(_names.Make($"{node.Name}/carried"), FactJoin.WithoutValue(c.Fact)))];
        LoopStep step = body(inner, trip, running, state);
        if (step.Carried.Length != initial.Length)
            throw new GraphException($"the body gives {step.Carried.Length} carried values, it gets {initial.Length}", node.Name, node.OpType);
        ImmutableArray<Operand> scanned = step.Scanned.IsDefault ? [] : step.Scanned;
        inner.Return([step.Continue, .. step.Carried, .. scanned]);
        AddOutputs(node, initial.Length + scanned.Length);
        var facts = new List<ValueFact?>();
        for (int i = 0; i < initial.Length; i++)
        {
            facts.Add(AfterTrips(node, initial[i], step.Carried[i]));
            if (!Equals(facts[i], state[i].Fact))
                inner._widened[state[i]] = facts[i];
        }
        facts.AddRange(scanned.Select(s => s.Fact is TensorFact { Shape: { } shape } t ? new TensorFact(t.Type, [_names.Fresh(), .. shape])
            : s.Fact is TensorFact u ? new TensorFact(u.Type, null) : null));
        return Append(node, inputs, facts, NoBodies.Add("body", inner));
    }

    // What holds of a carried value before any trip; a shape that a trip changes is unknown.
    private static ValueFact? AfterTrips(Node node, Operand before, Operand after)
    {
        bool changed = false;
        ValueFact? joined = NodeFactsOf.Guard(node, () => FactJoin.Join(FactJoin.WithoutValue(before.Fact), FactJoin.WithoutValue(after.Fact), d =>
        {
            changed = true;
            return d;
        }));
        return changed && joined is TensorFact tensor ? new TensorFact(tensor.Type, null) : joined;
    }

    private Node ControlNode(string op)
    {
        CheckOpen();
        return new Node(_names.Make(op), "", op, Attributes.Empty) { Opset = Opset };
    }

    private static void AddOutputs(Node node, int count)
    {
        for (int i = 0; i < count; i++)
            node.OutputList.Add(new GraphValue("", null));
    }

    private GraphBuilder Body(Node node, string name) => new(this, $"{node.Name}/{name}");

    // A subgraph's outputs are values of its own, each once.
    private void Return(ImmutableArray<Operand> outputs)
    {
        foreach (Operand output in outputs)
        {
            CheckReadable(output);
            bool own = ReferenceEquals(output.Owner, this) && output.IsComputed && !_outputs.Contains(output);
            _outputs.Add(own ? output : AddNode("Identity", [output], Attributes.Empty, 1, null)[0]);
        }
    }
}
