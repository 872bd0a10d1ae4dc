using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>Element types to draw from, the simplest first; those that both sides know best more than once.</summary>
internal static class Types
{
    public static DType[] Float { get; } = [DType.Float32, DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.BFloat16];

    public static DType[] Common { get; } = [DType.Float32, DType.Float32, DType.Int64, DType.Int32, DType.Float64, DType.Float16];

    public static DType[] Integer { get; } = [DType.Int32, DType.Int64, DType.UInt8, DType.Int8, DType.UInt16, DType.Int16, DType.UInt32, DType.UInt64];

    public static DType[] Unsigned { get; } = [DType.UInt8, DType.UInt16, DType.UInt32, DType.UInt64];

    public static DType[] Signed { get; } = [DType.Int32, DType.Int64, DType.Int8, DType.Int16];

    public static DType[] FloatOrSigned { get; } = [.. Float, .. Signed];

    public static DType[] Numeric { get; } = [.. Float, .. Integer];

    /// <summary>What an operator that only moves elements takes.</summary>
    public static DType[] Any { get; } = [.. Float, .. Integer, DType.Bool, DType.String];

    public static DType[] Index { get; } = [DType.Int64, DType.Int32];
}
