using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>The plans of a session by input shapes: a few, least recently used out first.</summary>
internal sealed class PlanCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<CompiledShapes> _plans = [];
    private volatile CompiledShapes? _last;

    /// <summary>The plan for the shapes of the inputs, made if there is none.</summary>
    public CompiledShapes GetOrAdd(ReadOnlySpan<Value?> inputs, Func<Value?[], CompiledShapes> make)
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
            return Add(make(inputs.ToArray()));
        }
    }

    /// <summary>The plan used last, or null.</summary>
    public CompiledShapes? Last => _last;

    /// <summary>Adds a plan that was made ahead.</summary>
    public CompiledShapes Add(CompiledShapes compiled)
    {
        lock (_lock)
        {
            _plans.AddFirst(compiled);
            if (_plans.Count > capacity)
                _plans.RemoveLast();
            return _last = compiled;
        }
    }
}
