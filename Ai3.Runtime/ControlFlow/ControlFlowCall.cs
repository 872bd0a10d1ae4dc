using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>One run of a control flow node: its values, its bodies, its limits.</summary>
internal sealed class ControlFlowCall(
    Node node, Value?[] inputs, ImmutableSortedDictionary<string, Body> bodies, NodeRunner runner, RunScope scope)
{
    /// <summary>The node.</summary>
    public Node Node => node;

    /// <summary>Computes single operations.</summary>
    public NodeRunner Runner => runner;

    /// <summary>The operator's own inputs; null for an absent one.</summary>
    public ReadOnlySpan<Value?> Inputs => inputs.AsSpan(0, node.FormalCount);

    /// <summary>A compiled body.</summary>
    public Graph GraphOf(string name) => bodies[name].Graph;

    /// <summary>Runs a body on values of its own inputs.</summary>
    public Value[] RunBody(string name, params ReadOnlySpan<Value?> own) => bodies[name].Run([.. own, .. inputs.AsSpan(node.FormalCount)], scope);

    /// <summary>Ends the run if it was cancelled, took too long, or made more trips than its limit.</summary>
    public void CheckTrip(long trip)
    {
        scope.Check(node.Name);
        if (trip >= runner.Limits.LoopTrips)
            throw new LimitExceededException($"node '{node.Name}' ({node.OpType}) made {trip} trips, its limit");
    }

    /// <summary>The value of a single bool or int64.</summary>
    public static T ScalarOf<T>(Value value, string what) where T : unmanaged
    {
        if (value is not Tensor { Count: 1 } tensor || tensor.Type != DTypes.Of<T>())
            throw new OpException($"{what} is {value.Fact}, must be one {DTypes.Of<T>().ShortName()}");
        return tensor.AsSpan<T>()[0];
    }
}
