using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Tensors that folding and rewrites made: counts who uses each memory, and frees it when nobody does.</summary>
/// <param name="enclosing">The tensors of the graph around a subgraph, whose budget it shares; null for the model's own graph.</param>
internal sealed class FoldedConstants(FoldedConstants? enclosing = null) : IDisposable
{
    private readonly FoldedConstants? _enclosing = enclosing;
    private long _liveBytes;
    private readonly Dictionary<Tensor, Memory> _memory = new(ReferenceEqualityComparer.Instance);

    private sealed class Memory(Tensor owner)
    {
        public Tensor Owner => owner;

        public int Uses { get; set; }
    }

    /// <summary>Bytes alive, those of subgraphs included.</summary>
    public long LiveBytes
    {
        get => _enclosing?.LiveBytes ?? _liveBytes;
        private set
        {
            if (_enclosing is null)
                _liveBytes = value;
            else
                _enclosing.LiveBytes = value;
        }
    }

    /// <summary>Takes over a new tensor.</summary>
    public void Add(Tensor tensor)
    {
        _memory.Add(tensor, new Memory(tensor) { Uses = 1 });
        LiveBytes += tensor.ByteLength;
    }

    /// <summary>Notes a tensor that shares another's memory.</summary>
    public void AddView(Tensor view, Tensor of)
    {
        if (!_memory.TryGetValue(of, out Memory? memory))
            return; // Memory of the model's file, which lives as long as the model.
        memory.Uses++;
        _memory.Add(view, memory);
    }

    /// <summary>Says that a tensor is no longer used; one that was not made here is left alone.</summary>
    public void Release(Tensor tensor)
    {
        if (!_memory.Remove(tensor, out Memory? memory) || --memory.Uses > 0)
            return;
        LiveBytes -= memory.Owner.ByteLength;
        memory.Owner.Dispose();
    }

    public void Dispose()
    {
        foreach (Memory memory in _memory.Values)
            memory.Owner.Dispose();
        _memory.Clear();
    }
}
