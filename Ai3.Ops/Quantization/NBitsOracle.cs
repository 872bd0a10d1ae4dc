namespace Ai3.Ops;

/// <summary>The definition of <see cref="NBitsProblem"/> in double.</summary>
internal static class NBitsOracle
{
    public static OracleResult Evaluate(NBitsProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] a = inputs[0]!, codes = inputs[1]!, scales = inputs[2]!;
        double[]? zeros = inputs[3], bias = inputs[5];
        long blocks = (p.K + p.Block - 1) / p.Block;
        int perByte = 8 / p.Bits, mask = (1 << p.Bits) - 1;
        var y = new double[p.M * p.N];
        var s = new double[y.Length];
        for (long n = 0; n < p.N; n++)
            for (long k = 0; k < p.K; k++)
            {
                long block = k / p.Block;
                int code = (int)codes[(n * blocks * p.Block + k) / perByte] >> (int)(k % perByte) * p.Bits & mask;
                double zero = zeros is null ? 1 << p.Bits - 1 : p.ZeroType != Tensors.DType.UInt8 ? zeros[n * blocks + block]
                    : (int)zeros[n * ((blocks * p.Bits + 7) / 8) + block / perByte] >> (int)(block % perByte) * p.Bits & mask;
                double b = (code - zero) * scales[n * blocks + block];
                for (long m = 0; m < p.M; m++)
                {
                    y[m * p.N + n] += a[m * p.K + k] * b;
                    // A zero point that is no integer is rounded where it is subtracted.
                    s[m * p.N + n] += Math.Abs(a[m * p.K + k]) * (code + Math.Abs(zero)) * Math.Abs(scales[n * blocks + block]);
                }
            }
        for (long i = 0; i < y.Length; i++)
            if (bias is not null)
            {
                y[i] += bias[i % p.N];
                s[i] += Math.Abs(bias[i % p.N]);
            }
        return new OracleResult([y], [s]);
    }
}
