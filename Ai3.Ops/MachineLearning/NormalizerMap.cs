using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Normalizer: x divided by the largest feature of the row (MAX, signed as the definition has it), by the sum of absolute values (L1) or by
/// the Euclidean norm (L2); x itself where that is zero.
/// </summary>
internal sealed class NormalizerMap : FeatureMap
{
    private readonly string _norm;

    public NormalizerMap(Attributes attributes)
    {
        _norm = attributes.String("norm", "MAX");
        if (_norm is not ("MAX" or "L1" or "L2"))
            throw new OpException($"norm is {_norm}, must be MAX, L1 or L2");
    }

    public override int Chain => 4;

    public override unsafe void Run(void* x, void* y, DType type, long features, long begin, long end)
    {
        for (long row = begin; row < end; row++)
        {
            double largest = double.NegativeInfinity, sum = 0, squares = 0;
            for (long i = row * features; i < (row + 1) * features; i++)
            {
                double v = ElementAccess.Read(x, type, i);
                largest = Math.Max(largest, v);
                sum += Math.Abs(v);
                squares += v * v;
            }
            double divisor = _norm switch { "MAX" => largest, "L1" => sum, _ => Math.Sqrt(squares) };
            for (long i = row * features; i < (row + 1) * features; i++)
                ((float*)y)[i] = (float)(divisor == 0 ? ElementAccess.Read(x, type, i) : ElementAccess.Read(x, type, i) / divisor);
        }
    }

    public override void Evaluate(ReadOnlySpan<double> x, Span<double> y, Span<double> magnitudes)
    {
        double divisor = 0;
        for (int i = 0; i < x.Length; i++)
            divisor = _norm switch
            {
                "MAX" => i == 0 ? x[i] : Math.Max(divisor, x[i]),
                "L1" => divisor + Math.Abs(x[i]),
                _ => divisor + x[i] * x[i],
            };
        if (_norm == "L2")
            divisor = Math.Sqrt(divisor);
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = divisor == 0 ? x[i] : x[i] / divisor;
            magnitudes[i] = Math.Abs(y[i]);
        }
    }
}
