using System.Text;
using Ai3.Plugins;

namespace Ai3.NativeAot;

/// <summary>Checks the header of a struct before anything else of it is touched.</summary>
internal static unsafe class AbiStruct
{
    /// <summary>AI3_ABI_VERSION of ai3.h.</summary>
    public const int Version = PluginAbi.Version;

    /// <exception cref="AbiException">The struct is NULL, or its size or version is not ours.</exception>
    public static void Check<T>(T* target) where T : unmanaged
    {
        if (target == null)
            throw new AbiException(AbiStatus.Argument, $"{NameOf<T>()} is NULL");
        var header = (AbiHeader*)target;
        if (header->StructSize != sizeof(T))
            throw new AbiException(AbiStatus.Struct, $"{NameOf<T>()}.struct_size is {header->StructSize}, must be {sizeof(T)}; begin with AI3_HEADER({NameOf<T>()})");
        if (header->AbiVersion != Version)
            throw new AbiException(AbiStatus.Struct, $"{NameOf<T>()}.abi_version is {header->AbiVersion}, the library's is {Version}; compile with its ai3.h");
    }

    /// <summary>Writes a struct of the caller's; its header stays.</summary>
    public static void Fill<T>(T* target, T value) where T : unmanaged
    {
        Check(target);
        AbiHeader header = *(AbiHeader*)target;
        *target = value;
        *(AbiHeader*)target = header;
    }

    /// <summary>Checks a pointer that a result is written through.</summary>
    public static void CheckTarget(void* target, string name)
    {
        if (target == null)
            throw new AbiException(AbiStatus.Argument, $"{name} is NULL; give the address of a variable");
    }

    /// <summary>AbiValueInfo is ai3_value_info.</summary>
    public static string NameOf<T>() where T : unmanaged
    {
        var name = new StringBuilder("ai3");
        foreach (char c in typeof(T).Name["Abi".Length..])
            name.Append(char.IsUpper(c) ? "_" : "").Append(char.ToLowerInvariant(c));
        return name.ToString();
    }
}
