using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>A yes or no that the compiler sees.</summary>
internal interface IFlag
{
    static abstract bool Value { get; }
}

internal readonly struct True : IFlag
{
    public static bool Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }
}

internal readonly struct False : IFlag
{
    public static bool Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }
}
