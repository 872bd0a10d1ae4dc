namespace Ai3.Tensors;

/// <summary>The bytes behind tensors. Whoever creates it disposes it.</summary>
public abstract unsafe class TensorStorage : IDisposable
{
    /// <summary>Where the bytes begin.</summary>
    public abstract nint Address { get; }

    /// <summary>How many bytes may be read and, unless <see cref="IsReadOnly"/>, written.</summary>
    public abstract long ByteLength { get; }

    /// <summary>Where the bytes begin, as a reference that keeps managed memory alive.</summary>
    internal virtual ref byte Start => ref *(byte*)Address;

    /// <summary>True if writing is a fault, as for a mapped file.</summary>
    public virtual bool IsReadOnly => false;

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back.</summary>
    /// <param name="disposing">False when called by the finalizer.</param>
    protected abstract void Dispose(bool disposing);
}
