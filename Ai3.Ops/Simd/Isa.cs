using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace Ai3.Ops;

/// <summary>Code that is compiled for each instruction set; <see cref="Isa.Select"/> picks one.</summary>
internal interface IIsaFunc<TResult>
{
    TResult Create<S, V>() where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>Which instruction sets this build on this processor can run, and the one switch between them.</summary>
public static class Isa
{
    /// <summary>The environment variable that lowers <see cref="Default"/>: scalar, v128, avx2 or avx512.</summary>
    public const string Variable = "AI3_ISA";

    /// <summary>The levels that can run, weakest first.</summary>
    public static ImmutableArray<IsaLevel> Supported { get; } = [.. Enum.GetValues<IsaLevel>().Where(IsSupported)];

    /// <summary>The strongest level that can run.</summary>
    public static IsaLevel Best => Supported[^1];

    /// <summary>The level named by the environment variable <c>AI3_ISA</c>, otherwise <see cref="Best"/>.</summary>
    /// <exception cref="ArgumentException">The variable names no level.</exception>
    /// <exception cref="PlatformNotSupportedException">The variable names a level that cannot run here.</exception>
    public static IsaLevel Default
    {
        get
        {
            string? name = Environment.GetEnvironmentVariable(Variable);
            if (string.IsNullOrEmpty(name))
                return Best;
            IsaLevel level = Parse(name);
            return IsSupported(level) ? level : throw Unsupported(level);
        }
    }

    /// <summary>True if this build on this processor can run the level.</summary>
    public static bool IsSupported(IsaLevel level) => level switch
    {
        IsaLevel.Scalar => SimdScalar.IsSupported,
        IsaLevel.V128 => Simd128.IsSupported,
        IsaLevel.Avx2 => SimdAvx2.IsSupported,
        IsaLevel.Avx512 => SimdAvx512.IsSupported,
        _ => false,
    };

    /// <summary>The level that a name, such as <c>avx2</c>, stands for; case does not matter.</summary>
    /// <exception cref="ArgumentException">No such level.</exception>
    public static IsaLevel Parse(string name)
    {
        foreach (IsaLevel level in Enum.GetValues<IsaLevel>())
            if (string.Equals(level.ToString(), name, StringComparison.OrdinalIgnoreCase))
                return level;
        throw new ArgumentException($"{name} is no instruction set; known are scalar, v128, avx2, avx512", nameof(name));
    }

    /// <summary>Runs code made for a level. Naming each instantiation here is what lets a native build compile it.</summary>
    /// <exception cref="PlatformNotSupportedException">The level cannot run here.</exception>
    internal static TResult Select<F, TResult>(IsaLevel level, F f) where F : struct, IIsaFunc<TResult>
    {
        if (!IsSupported(level))
            throw Unsupported(level);
        return level switch
        {
            IsaLevel.Avx512 => f.Create<SimdAvx512, Vector512<float>>(),
            IsaLevel.Avx2 => f.Create<SimdAvx2, Vector256<float>>(),
            IsaLevel.V128 => f.Create<Simd128, Vector128<float>>(),
            _ => f.Create<SimdScalar, float>(),
        };
    }

    private static PlatformNotSupportedException Unsupported(IsaLevel level) =>
        new($"instruction set {level} cannot run here; supported are {string.Join(", ", Supported)}");
}
