using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Seeded values for an input: floats in [0, 1), integers in [0, 10), booleans, short strings.</summary>
internal static class RandomInput
{
    /// <summary>A tensor for an input; symbols without a number are 1.</summary>
    /// <exception cref="UsageException">The input is no tensor, or its rank is unknown.</exception>
    public static Tensor Make(GraphValue input, IReadOnlyDictionary<string, long> dimensions, int seed)
    {
        if (input.Tensor is not { Shape: { } symbolic } fact || fact.Type == DType.Undefined)
            throw new UsageException($"input '{input.Name}' is {input.Fact?.ToString() ?? "of unknown type"}: random values need a tensor of known rank; give --input {input.Name}=FILE");
        var sizes = new Dictionary<string, long>(dimensions, StringComparer.Ordinal);
        foreach (string symbol in symbolic.SelectMany(d => d.Symbols))
            sizes.TryAdd(symbol, 1);
        if (!symbolic.Bind(sizes).TryGetShape(out Shape shape))
            throw new UsageException($"input '{input.Name}' has shape {symbolic}, which is not known in numbers; give --dim SYMBOL=N");
        return Make(fact.Type, shape, seed);
    }

    /// <summary>A tensor of random values. The generator depends on nothing but the seed.</summary>
    public static Tensor Make(DType type, Shape shape, int seed)
    {
        Tensor tensor = Tensor.Allocate(type, shape);
        Fill(tensor, new Random(seed));
        return tensor;
    }

    /// <summary>A tensor for a kernel outside a model: as <see cref="Make(DType, Shape, int)"/>, but integers are 0, so that they are good indices.</summary>
    public static Tensor MakeForKernel(DType type, Shape shape, int seed) =>
        Elements.IsWhole(type) && type is not (DType.UInt8 or DType.Int8) ? Tensor.Zeros(type, shape) : Make(type, shape, seed);

    private static void Fill(Tensor tensor, Random random)
    {
        switch (tensor.Type)
        {
            case DType.Float32: Fill(tensor.AsSpan<float>(), () => random.NextSingle()); break;
            case DType.Float64: Fill(tensor.AsSpan<double>(), random.NextDouble); break;
            case DType.Float16: Fill(tensor.AsSpan<Half>(), () => (Half)random.NextSingle()); break;
            case DType.BFloat16: Fill(tensor.AsSpan<BFloat16>(), () => (BFloat16)random.NextSingle()); break;
            case DType.Int16: Fill(tensor.AsSpan<short>(), () => (short)random.Next(10)); break;
            case DType.UInt16: Fill(tensor.AsSpan<ushort>(), () => (ushort)random.Next(10)); break;
            case DType.Int32: Fill(tensor.AsSpan<int>(), () => random.Next(10)); break;
            case DType.UInt32: Fill(tensor.AsSpan<uint>(), () => (uint)random.Next(10)); break;
            case DType.Int64: Fill(tensor.AsSpan<long>(), () => random.Next(10)); break;
            case DType.UInt64: Fill(tensor.AsSpan<ulong>(), () => (ulong)random.Next(10)); break;
            case DType.Bool: Fill(tensor.AsSpan<bool>(), () => random.Next(2) == 1); break;
            case DType.Complex64: Fill(tensor.AsSpan<Complex64>(), () => new Complex64(random.NextSingle(), random.NextSingle())); break;
            case DType.Complex128: Fill(tensor.AsSpan<System.Numerics.Complex>(), () => new(random.NextDouble(), random.NextDouble())); break;
            case DType.String: Fill(tensor.AsStrings(), () => ((char)('a' + random.Next(26))).ToString()); break;
            case DType.UInt8 or DType.Int8: Fill(tensor.AsBytes(), () => (byte)random.Next(10)); break;
            // Small floats and packed integers: small positive bit patterns, none of which is a NaN.
            default: Fill(tensor.AsBytes(), () => (byte)random.Next(64)); break;
        }
    }

    private static void Fill<T>(Span<T> elements, Func<T> next)
    {
        for (int i = 0; i < elements.Length; i++)
            elements[i] = next();
    }
}
