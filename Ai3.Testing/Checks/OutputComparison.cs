using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Compares an output with what it must be.</summary>
internal static unsafe class OutputComparison
{
    /// <summary>What decides how strictly an output is compared.</summary>
    public sealed record Rules
    {
        /// <summary>Every bit.</summary>
        public static Rules Bits { get; } = new()
        {
            Bound = ErrorBound.Exact,
            ExactSums = false,
            ExactBelow = 0,
            SignOfZero = true,
            SpecialsStayPut = true,
            Alarm = null,
            Fusion = Fusion.None,
        };

        public required ErrorBound Bound { get; init; }

        /// <summary>True if sums are exact, so that bits must be equal where S is under <see cref="ExactBelow"/>.</summary>
        public required bool ExactSums { get; init; }

        public required double ExactBelow { get; init; }

        public required bool SignOfZero { get; init; }

        /// <summary>False if a NaN or infinity in an input may reach any output element.</summary>
        public required bool SpecialsStayPut { get; init; }

        public required double? Alarm { get; init; }

        /// <summary>Of each output, what <see cref="ErrorKind.TileNorm"/> scales with; null for other kinds.</summary>
        public double[]? Norms { get; init; }

        public required Fusion Fusion { get; init; }
    }

    /// <summary>Where the output's bytes differ from the reference row's, in words; null if nowhere.</summary>
    public static string? AgainstBytes(TestBuffer output, TensorType operand, Format format, byte[] expected)
    {
        long[]? positions = StorageOrder.Positions(operand.Shape, format);
        if (positions is null)
        {
            int same = output.Bytes.CommonPrefixLength(expected);
            return same == expected.Length ? null : $"byte {same} (element {Index(operand, same * 8L / operand.Type.BitsPerElement())}) differs from the reference row";
        }
        int size = operand.Type.ByteSize();
        for (long i = 0; i < positions.Length; i++)
            if (!output.Bytes.Slice((int)(positions[i] * size), size).SequenceEqual(expected.AsSpan((int)(i * size), size)))
                return $"{Index(operand, i)} differs from the reference row";
        return null;
    }

    /// <summary>The first element outside its bound, in words; null if none.</summary>
    public static string? AgainstOracle(TestBuffer output, TensorType operand, Format format, double[] values, double[] magnitudes,
        double[]? prologue, Rules rules, int index = 0)
    {
        if (values.Length != operand.Shape.Count || magnitudes.Length != values.Length)
            return $"oracle gives {values.Length} values and {magnitudes.Length} magnitudes for {operand}";
        long[]? positions = StorageOrder.Positions(operand.Shape, format);
        var limits = new ErrorLimit(rules.Bound, operand.Type, magnitudes, rules.Alarm, rules.Norms?[index] ?? 0, rules.Fusion);
        for (long i = 0; i < values.Length; i++)
        {
            double got = ElementCodec.Read(output.Start, operand.Type, positions is null ? i : positions[i]);
            string? wrong = operand.Type.IsFloat()
                ? Float(got, operand.Type, values[i], magnitudes[i], prologue?[i] ?? 0, limits, rules)
                : Integer(got, operand.Type, values[i]);
            if (wrong is not null)
                return $"{Index(operand, i)} is {got:R}, must be {wrong}";
        }
        return null;
    }

    /// <summary>The first padding element of a blocked output that is not zero, in words; null if none.</summary>
    public static string? Padding(TestBuffer output, TensorType operand, Format format)
    {
        if (StorageOrder.Positions(operand.Shape, format) is not { } positions || format.Kind != FormatKind.Blocked)
            return null;
        var used = new bool[StorageOrder.Count(operand.Shape, format)];
        foreach (long p in positions)
            used[p] = true;
        for (long p = 0; p < used.Length; p++)
            if (!used[p] && ElementCodec.Read(output.Start, operand.Type, p) is var value && value != 0)
                return $"padding at storage position {p} is {value:R}, must be 0";
        return null;
    }

    private static string? Integer(double got, DType type, double value)
    {
        // Outside the type's range, and past 2^53 where doubles have gaps, the oracle does not decide.
        if (double.IsNaN(value) || Math.Abs(value) > 1L << 53 || InputFill.Round(type, value) != value && !InRange(type, value))
            return null;
        double wanted = Math.Truncate(value);
        return got == wanted || !InRange(type, wanted) ? null : $"{wanted:R}";
    }

    private static bool InRange(DType type, double value) => type switch
    {
        DType.Bool => value is 0 or 1,
        DType.UInt64 or DType.Int64 => type == DType.Int64 || value >= 0,
        _ => type.BitsPerElement() is var bits && (type is DType.UInt8 or DType.UInt16 or DType.UInt32 or DType.UInt4 or DType.UInt2
            ? value >= 0 && value < Math.ScaleB(1, bits)
            : value >= -Math.ScaleB(1, bits - 1) && value < Math.ScaleB(1, bits - 1)),
    };

    private static string? Float(double got, DType type, double value, double s, double prologue, ErrorLimit limits, Rules rules)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
            return !rules.SpecialsStayPut || got.Equals(value) ? null : $"{value:R}";
        if (!rules.SpecialsStayPut && !double.IsFinite(got))
            return null;
        double rounded = InputFill.Round(type, value);
        bool sum = rules.Bound.Kind is not (ErrorKind.Exact or ErrorKind.Ulp);
        double largest = ErrorLimit.Largest(type);
        // A partial sum may overflow although the whole does not.
        if (sum && !(s < largest / 8))
            return null;
        if (rules.Bound.Kind == ErrorKind.Exact || rules.ExactSums && s < rules.ExactBelow && Math.Floor(value) == value)
        {
            bool signs = rules.SignOfZero && rules.Bound.Kind == ErrorKind.Exact;
            bool equal = signs ? BitConverter.DoubleToInt64Bits(got) == BitConverter.DoubleToInt64Bits(rounded) : got == rounded;
            return equal ? null : $"{rounded:R} exactly (S = {s:G3})";
        }
        double limit = limits.Of(value, s, prologue);
        if (double.IsInfinity(got))
            return Math.Sign(got) == Math.Sign(value) && Math.Abs(value) + limit >= largest ? null : $"{value:R} within {limit:G3}";
        return Math.Abs(got - value) <= limit || Math.Abs(value) > largest && Math.Abs(got) + limit >= largest && got * value > 0 ? null
            : $"{value:R} within {limit:G3}, is off by {Math.Abs(got - value):G3} (S = {s:G3})";
    }

    private static string Index(TensorType operand, long index)
    {
        var coordinates = new long[operand.Shape.Rank];
        for (int i = coordinates.Length - 1; i >= 0; i--)
        {
            coordinates[i] = index % Math.Max(operand.Shape[i], 1);
            index /= Math.Max(operand.Shape[i], 1);
        }
        return $"element [{string.Join(",", coordinates)}]";
    }
}
