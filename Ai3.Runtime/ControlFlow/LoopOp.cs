using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Loop: a body (trip, condition, carried...) -> (condition, carried..., scanned...) for a number of trips or while its condition
/// holds. Carried values may change their shapes; scanned ones are stacked along a new first axis.
/// </summary>
internal sealed class LoopOp : ControlFlowOp
{
    private const string BodyName = "body";

    // After these the shape of a carried value counts as unknown altogether.
    private const int MaxRounds = 4;

    public override ImmutableArray<ValueFact?> Infer(ControlFlowFacts node)
    {
        int carried = node.InputCount - 2;
        if (carried < 0)
            throw new OpException($"the node has {node.InputCount} inputs, the operator takes 2 or more");
        node.CheckScalar(0, DType.Int64);
        node.CheckScalar(1, DType.Bool);
        var facts = new ValueFact?[carried];
        for (int i = 0; i < carried; i++)
            facts[i] = FactJoin.WithoutValue(node.Input(2 + i) ?? throw new OpException($"input {2 + i} is missing, a carried value must be there"));
        TensorFact trip = node.Scalar(BodyName, 0, DType.Int64), condition = node.Scalar(BodyName, 1, DType.Bool);
        var open = new HashSet<Dim>();
        for (int round = 0; ; round++)
        {
            ImmutableArray<ValueFact?> outputs = node.InferBody(BodyName, [trip, condition, .. facts]);
            int scanned = outputs.Length - 1 - carried;
            if (scanned < 0)
                throw new OpException($"'body' gives {outputs.Length} outputs, must be {1 + carried} or more: a condition and {carried} carried values");
            if (node.Node.Outputs.Count > carried + scanned)
                throw new OpException($"the node has {node.Node.Outputs.Count} outputs, its body gives {carried + scanned}");
            ValueFact?[] joined = [.. facts.Select((f, i) => FactJoin.Join(f, FactJoin.WithoutValue(outputs[1 + i]), d => Open(d, open, node)))];
            if (joined.AsSpan().SequenceEqual(facts))
            {
                Dim trips = MakesEveryTrip(node, outputs[0]) ? TripsOf(node) : node.Fresh();
                return [.. facts, .. outputs.Skip(1 + carried).Select(f => Stacked(f, trips))];
            }
            for (int i = 0; i < carried; i++)
                facts[i] = round < MaxRounds || joined[i] is not TensorFact t || t == facts[i] ? joined[i] : new TensorFact(t.Type, null);
        }
    }

    public override Value[] Run(ControlFlowCall call)
    {
        long trips = call.Inputs[0] is { } max ? ControlFlowCall.ScalarOf<long>(max, "the trip count") : long.MaxValue;
        bool condition = call.Inputs[1] is null || ControlFlowCall.ScalarOf<bool>(call.Inputs[1]!, "the condition");
        Value?[] carried = [.. call.Inputs[2..]];
        Graph body = call.GraphOf(BodyName);
        var scanned = new ScanStack[body.Outputs.Count - 1 - carried.Length];
        for (int i = 0; i < scanned.Length; i++)
            scanned[i] = new ScanStack(body.Outputs[1 + carried.Length + i], call.Runner.Limits.TensorBytes);
        Shape tripShape = ControlFlowFacts.ScalarShape(body, 0), conditionShape = ControlFlowFacts.ScalarShape(body, 1);
        for (long trip = 0; trip < trips && condition; trip++)
        {
            call.CheckTrip(trip);
            Value[] outputs = call.RunBody(BodyName, [Tensor.Copy<long>([trip], tripShape), Tensor.Copy<bool>([condition], conditionShape), .. carried]);
            condition = ControlFlowCall.ScalarOf<bool>(outputs[0], "the body's condition");
            Array.Copy(outputs, 1, carried, 0, carried.Length);
            for (int i = 0; i < scanned.Length; i++)
                scanned[i].Add(outputs[1 + carried.Length + i]);
        }
        return [.. carried.Select(c => c!), .. scanned.Select(s => s.ToTensor())];
    }

    // A dimension that once differed stands for any number from then on.
    private static Dim Open(Dim dim, HashSet<Dim> open, ControlFlowFacts node)
    {
        if (open.Contains(dim))
            return dim;
        Dim any = node.Fresh();
        open.Add(any);
        return any;
    }

    // A condition that begins true and that the body hands on, or always sets, never ends the loop.
    private static bool MakesEveryTrip(ControlFlowFacts node, ValueFact? condition)
    {
        if (node.Input(1) is not (null or TensorFact { Constant: not null }) || IsFalse(node.Input(1)))
            return false;
        if (condition is TensorFact { Constant: { Type: DType.Bool, Count: 1 } always })
            return always.AsSpan<bool>()[0];
        GraphValue handed = node.Body(BodyName).Outputs[0];
        while (handed.Producer is { OpType: "Identity", Domain: "" } identity)
            handed = identity.Inputs[0]!;
        return handed == node.Body(BodyName).Inputs[1];
    }

    private static bool IsFalse(ValueFact? fact) => fact is TensorFact { Constant: { Type: DType.Bool, Count: 1 } value } && !value.AsSpan<bool>()[0];

    private static Dim TripsOf(ControlFlowFacts node) => node.Input(0) switch
    {
        TensorFact { Constant: { Type: DType.Int64, Count: 1 } given } => Math.Max(0, given.AsSpan<long>()[0]),
        TensorFact { Elements: { IsDefault: false, Length: 1 } elements } => elements[0].TryGetValue(out long count) ? Math.Max(0, count) : elements[0],
        _ => node.Fresh(),
    };

    private static TensorFact? Stacked(ValueFact? fact, Dim trips) => fact switch
    {
        null => null,
        TensorFact { Shape: { } shape } t => new TensorFact(t.Type, [trips, .. shape]),
        TensorFact t => new TensorFact(t.Type, null),
        _ => throw new OpException($"a scanned output of 'body' is {fact}, must be a tensor"),
    };
}
