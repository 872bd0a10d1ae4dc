using System.Runtime.InteropServices;
using System.Text;
using Ai3.Runtime;

namespace Ai3.NativeAot;

/// <summary>A model as C sees it, with the names of its values as UTF-8.</summary>
internal sealed unsafe class ModelHandle(Model model) : IDisposable
{
    private readonly List<nint> _names = [];
    private readonly Dictionary<string, nint> _nameOf = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public Model Model => model;

    public byte* NameOf(GraphValue value)
    {
        lock (_lock)
        {
            if (_nameOf.TryGetValue(value.Name, out nint known))
                return (byte*)known;
            int length = Encoding.UTF8.GetByteCount(value.Name);
            var text = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
            Encoding.UTF8.GetBytes(value.Name, new Span<byte>(text, length));
            _names.Add((nint)text);
            _nameOf.Add(value.Name, (nint)text);
            return text;
        }
    }

    public void Dispose()
    {
        foreach (nint name in _names)
            NativeMemory.Free((void*)name);
        _names.Clear();
        _nameOf.Clear();
        model.Dispose();
    }
}

/// <summary>Objects that C holds by address.</summary>
internal static class Handles
{
    public static nint Create(object target) => GCHandle.ToIntPtr(GCHandle.Alloc(target));

    public static T Get<T>(nint handle) where T : class => handle == 0
        ? throw new ArgumentException($"a handle is NULL, a {typeof(T).Name} is wanted")
        : GCHandle.FromIntPtr(handle).Target as T ?? throw new ArgumentException($"a handle is no {typeof(T).Name}");

    public static void Free(nint handle)
    {
        if (handle == 0)
            return;
        GCHandle gcHandle = GCHandle.FromIntPtr(handle);
        (gcHandle.Target as IDisposable)?.Dispose();
        gcHandle.Free();
    }
}
