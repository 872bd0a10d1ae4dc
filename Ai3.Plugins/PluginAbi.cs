using System.Runtime.InteropServices;

namespace Ai3.Plugins;

/// <summary>What every struct of ai3.h begins with, and its texts.</summary>
internal static unsafe class PluginAbi
{
    /// <summary>AI3_ABI_VERSION of ai3.h.</summary>
    public const int Version = 3;

    /// <summary>A struct with its header set.</summary>
    public static T New<T>() where T : unmanaged
    {
        T value = default;
        ((uint*)&value)[0] = (uint)sizeof(T);
        ((uint*)&value)[1] = Version;
        return value;
    }

    /// <summary>Checks a struct's header before anything else of it is touched.</summary>
    /// <exception cref="ArgumentException">The struct is NULL, or its size or version is not ours.</exception>
    public static void Check<T>(T* target, string name) where T : unmanaged
    {
        if (target == null)
            throw new ArgumentException($"{name} is NULL");
        (uint size, uint version) = (((uint*)target)[0], ((uint*)target)[1]);
        if (size != sizeof(T))
            throw new ArgumentException($"{name}.struct_size is {size}, must be {sizeof(T)}; begin with AI3_HEADER({name})");
        if (version != Version)
            throw new ArgumentException($"{name}.abi_version is {version}, the library's is {Version}; compile with its ai3.h");
    }

    /// <summary>A text, or null.</summary>
    public static string? Text(byte* text) => Marshal.PtrToStringUTF8((nint)text);
}
