using System.Collections.Immutable;
using System.Numerics;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>The plans of a graph by input shapes: a few, least recently used out first, and one that grows.</summary>
/// <remarks>
/// When the same symbols went up twice in a row, as the past of a decoder does with each token, their next numbers are taken for
/// growth: one plan for the next power of two serves all sizes below it.
/// </remarks>
internal sealed class PlanCache(CompiledModel compiled, int capacity) : IDisposable
{
    // Below this a growing dimension is planned for this many.
    private const long LeastCapacity = 32;

    private readonly Lock _lock = new();
    private readonly LinkedList<CompiledShapes> _plans = [];
    private volatile CompiledShapes? _last;
    private Dictionary<string, long>? _numbers;
    private ImmutableHashSet<string> _risen = [];
    private GrowingPlan? _growing;
    private bool _cannotGrow;

    /// <summary>The plan for the shapes of the inputs, made if there is none.</summary>
    public CompiledShapes GetOrAdd(ReadOnlySpan<Value?> inputs)
    {
        CompiledShapes? last = _last;
        if (last is not null && last.Fits(inputs))
            return last;
        lock (_lock)
        {
            for (LinkedListNode<CompiledShapes>? node = _plans.First; node is not null; node = node.Next)
            {
                if (!node.Value.Fits(inputs))
                    continue;
                _plans.Remove(node);
                _plans.AddFirst(node);
                return _last = node.Value;
            }
            Value?[] values = inputs.ToArray();
            return TryGrow(values) ?? Add(compiled.MakePlan(values));
        }
    }

    /// <summary>The plan used last, or null.</summary>
    public CompiledShapes? Last => _last;

    /// <summary>Adds a plan that was made ahead.</summary>
    public CompiledShapes Add(CompiledShapes plan)
    {
        lock (_lock)
        {
            _plans.AddFirst(plan);
            if (_plans.Count > capacity)
                _plans.RemoveLast();
            return _last = plan;
        }
    }

    public void Dispose()
    {
        foreach (CompiledShapes plan in _plans)
            plan.Plan.Contexts.Dispose();
        _growing?.Dispose();
    }

    private CompiledShapes? TryGrow(Value?[] values)
    {
        Dictionary<string, long>? before = _numbers, now = _numbers = compiled.NumbersOf(values);
        if (now is null)
            return null;
        if (_growing?.At(now) is { } grown)
            return _last = CompiledShapes.Of(values, grown);
        ImmutableHashSet<string> risen = before is null ? [] : Risen(before, now), twice = risen.Intersect(_risen);
        _risen = risen;
        if (twice.IsEmpty || !twice.SetEquals(risen) || _cannotGrow)
            return null;
        Dictionary<string, long> most = now.ToDictionary(n => n.Key, n => twice.Contains(n.Key) ? CapacityFor(n.Value) : n.Value);
        _growing?.Dispose();
        _growing = compiled.TryGrow(most, twice);
        _cannotGrow = _growing is null;
        return _growing?.At(now) is { } first ? _last = CompiledShapes.Of(values, first) : null;
    }

    private static long CapacityFor(long number) => Math.Max((long)BitOperations.RoundUpToPowerOf2((ulong)number), LeastCapacity);

    // The symbols whose numbers went up, if none went down.
    private static ImmutableHashSet<string> Risen(Dictionary<string, long> before, Dictionary<string, long> now) =>
        now.Any(n => before.GetValueOrDefault(n.Key, long.MaxValue) > n.Value) ? [] : [.. now.Where(n => before[n.Key] < n.Value).Select(n => n.Key)];
}
