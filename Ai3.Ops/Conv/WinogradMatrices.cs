namespace Ai3.Ops;

/// <summary>
/// The matrices of y = A' [ (G g G') . (B' d B) ] A for points 0, +p and -p of each pair, infinity. Cook and Toom; Winograd 1980; Lavin
/// and Gray 2016, arXiv:1509.09308.
/// </summary>
/// <remarks>
/// With M(x) = product of (x^2 - p^2) over all pairs and Q(x) = M(x) / (x^2 - p^2):
/// <code>
///            row of B' as a polynomial        row of G                             column of A'
/// 0          M(x)                             1 / M(0), 0, 0                       1, 0, ..., 0
/// +-p        x (x +- p) Q(x)                  (1, +-p, p^2) / (2 p^2 Q(p))         (+-p)^o
/// infinity   x M(x)                           0, 0, 1                              0, ..., 0, 1
/// </code>
/// Growth: with absolute values everywhere, an input of magnitude X and a tap g_k of a kernel meet in output o with at most
/// X |g_k| sum over points a of |A'_oa| |G_ak| sum over i of |B'_ai| in one direction; the largest over o and k is the growth, and
/// its square that of two directions.
/// </remarks>
internal sealed class WinogradMatrices
{
    /// <summary>Taps of the kernel along a side.</summary>
    public const int Taps = 3;

    private readonly double[,] _input;
    private readonly double[,] _output;
    private readonly double[] _kernel;

    public WinogradMatrices(ReadOnlySpan<double> pairs)
    {
        Inputs = 2 * pairs.Length + 2;
        Outputs = Inputs - 2;
        _input = new double[Inputs, Inputs];
        _output = new double[Outputs, Inputs];
        _kernel = new double[Inputs * Taps];
        double[] all = ProductWithout(pairs, -1);
        int last = Inputs - 1;
        for (int i = 0; i < all.Length; i++)
        {
            _input[0, i] = all[i];
            _input[last, i + 1] = all[i];
        }
        _kernel[0] = 1 / all[0];
        _kernel[last * Taps + Taps - 1] = 1;
        _output[0, 0] = 1;
        _output[Outputs - 1, last] = 1;
        for (int pair = 0; pair < pairs.Length; pair++)
        {
            double[] others = ProductWithout(pairs, pair);
            FillRow(1 + 2 * pair, pairs[pair], others);
            FillRow(2 + 2 * pair, -pairs[pair], others);
        }
        Growth = GrowthOf();
    }

    /// <summary>Inputs along a tile's side: the points.</summary>
    public int Inputs { get; }

    /// <summary>Outputs along a tile's side.</summary>
    public int Outputs { get; }

    /// <summary>How much absolute sums grow in one direction.</summary>
    public double Growth { get; }

    /// <summary>u = G g G' of one 3x3 kernel.</summary>
    public unsafe void Kernel(float* g, double* u)
    {
        double* t = stackalloc double[Inputs * Taps];
        fixed (double* matrix = _kernel)
        {
            for (int a = 0; a < Inputs; a++)
            {
                double* row = matrix + a * Taps;
                for (int j = 0; j < Taps; j++)
                    t[a * Taps + j] = row[0] * g[j] + row[1] * g[Taps + j] + row[2] * g[2 * Taps + j];
            }
            for (int a = 0; a < Inputs; a++)
                for (int b = 0; b < Inputs; b++)
                {
                    double* row = matrix + b * Taps, s = t + a * Taps;
                    *u++ = row[0] * s[0] + row[1] * s[1] + row[2] * s[2];
                }
        }
    }

    private void FillRow(int row, double point, double[] others)
    {
        double value = 0;
        for (int i = 0; i < others.Length; i++)
        {
            _input[row, i + 2] += others[i];
            _input[row, i + 1] += point * others[i];
            value += others[i] * Math.Pow(point, i);
        }
        for (int k = 0; k < Taps; k++)
            _kernel[row * Taps + k] = Math.Pow(point, k) / (2 * point * point * value);
        for (int o = 0; o < Outputs; o++)
            _output[o, row] = Math.Pow(point, o);
    }

    // Coefficients, of x^0 first, of the product of (x^2 - p^2) over the pairs but one.
    private static double[] ProductWithout(ReadOnlySpan<double> pairs, int left)
    {
        double[] product = [1];
        for (int pair = 0; pair < pairs.Length; pair++)
        {
            if (pair == left)
                continue;
            var next = new double[product.Length + 2];
            for (int i = 0; i < product.Length; i++)
            {
                next[i + 2] += product[i];
                next[i] -= pairs[pair] * pairs[pair] * product[i];
            }
            product = next;
        }
        return product;
    }

    private double GrowthOf()
    {
        double growth = 0;
        for (int o = 0; o < Outputs; o++)
            for (int k = 0; k < Taps; k++)
            {
                double sum = 0;
                for (int a = 0; a < Inputs; a++)
                {
                    double inputs = 0;
                    for (int i = 0; i < Inputs; i++)
                        inputs += Math.Abs(_input[a, i]);
                    sum += Math.Abs(_output[o, a] * _kernel[a * Taps + k]) * inputs;
                }
                growth = Math.Max(growth, sum);
            }
        return growth;
    }
}
