using System.Collections.Concurrent;

namespace Ai3.NativeAot;

/// <summary>An object that C holds by a handle.</summary>
internal interface IHandleTarget : IDisposable
{
    /// <summary>The type in ai3.h.</summary>
    static abstract string TypeName { get; }
}

/// <summary>Objects that C holds. Handles are numbers that are never used twice, so that a stale one is known as such.</summary>
internal static class Handles
{
    private const int TagBits = 4;
    private const nint Tag = 0b1011;
    private static readonly ConcurrentDictionary<nint, HandleEntry> s_entries = new();
    private static long s_last;

    /// <summary>A new handle; the object is disposed when the handle is freed and no call uses it any more.</summary>
    public static nint Create<T>(T target) where T : class, IHandleTarget
    {
        nint handle = checked(((nint)Interlocked.Increment(ref s_last) << TagBits) | Tag);
        s_entries[handle] = new HandleEntry(target, T.TypeName);
        return handle;
    }

    /// <summary>Uses the object of a handle until the lease is disposed.</summary>
    /// <exception cref="AbiException">The handle is NULL, was freed, is of another type or from elsewhere.</exception>
    public static Lease<T> Use<T>(nint handle) where T : class, IHandleTarget
    {
        HandleEntry entry = s_entries.TryGetValue(handle, out HandleEntry? found) ? found : throw Unknown(handle, T.TypeName);
        if (entry.Target is not T target)
            throw new AbiException(AbiStatus.Handle, $"an {T.TypeName} is wanted, the handle is an {entry.TypeName}");
        return entry.TryAcquire() ? new Lease<T>(entry, target) : throw Unknown(handle, T.TypeName);
    }

    /// <summary>Frees a handle; 0 is nothing to free.</summary>
    /// <exception cref="AbiException">The handle was freed before, is of another type or from elsewhere.</exception>
    public static void Free<T>(nint handle) where T : class, IHandleTarget
    {
        if (handle == 0)
            return;
        Use<T>(handle).Dispose();
        if (!s_entries.TryRemove(handle, out HandleEntry? entry))
            throw Unknown(handle, T.TypeName);
        entry.Release();
    }

    private static AbiException Unknown(nint handle, string typeName)
    {
        bool issued = (handle & ((1 << TagBits) - 1)) == Tag && handle >> TagBits > 0 && handle >> TagBits <= Interlocked.Read(ref s_last);
        return new AbiException(AbiStatus.Handle, handle == 0 ? $"an {typeName} is wanted, the handle is NULL"
            : issued ? $"an {typeName} is wanted, the handle was freed" : $"an {typeName} is wanted, the handle is not of this library");
    }
}

/// <summary>An object with the count of those who use it, its owner included.</summary>
internal sealed class HandleEntry(IDisposable target, string typeName)
{
    private int _uses = 1;

    public IDisposable Target => target;

    public string TypeName => typeName;

    /// <summary>False if the object is disposed already.</summary>
    public bool TryAcquire()
    {
        for (int uses = Volatile.Read(ref _uses); uses > 0;)
        {
            int seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
                return true;
            uses = seen;
        }
        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
            target.Dispose();
    }
}

/// <summary>The right to use an object.</summary>
internal readonly struct Lease<T>(HandleEntry entry, T target) : IDisposable where T : class
{
    public T Target => target;

    public void Dispose() => entry.Release();
}
