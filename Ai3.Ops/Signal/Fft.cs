using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// The discrete Fourier transform of a length in double: X[k] = sum over j of x[j] exp(-2 pi i j k / n), forwards. Stockham's passes, one for each
/// factor of n, between two buffers, so that the result is in order without a permutation; lengths with a large prime factor go by Bluestein's chirp.
/// Immutable; real and imaginary parts are apart.
/// </summary>
/// <remarks>Stockham 1966; Bluestein 1970; radix 3, 5 butterflies after Winograd. Error: about log2(n) units of 2^-53 of the norm.</remarks>
internal sealed unsafe class Fft
{
    /// <summary>The largest factor that is done by its definition.</summary>
    private const int MaxFactor = 31;

    private readonly int _length;
    private readonly int[] _factors;
    private readonly double[] _twiddles;
    private readonly double[] _roots;
    private readonly Chirp? _chirp;

    /// <summary>Prepares a length of 1 or more.</summary>
    public Fft(int length)
    {
        _length = length;
        _factors = Factors(length);
        if (_factors.Length > 0 && _factors.Max() > MaxFactor)
        {
            _chirp = new Chirp(length);
            (_factors, _twiddles, _roots) = ([], [], []);
            return;
        }
        _twiddles = Twiddles(length, _factors);
        _roots = Roots(_factors);
    }

    /// <summary>Doubles of scratch memory that a transform uses.</summary>
    public long ScratchCount => _chirp is null ? 2L * _length : _chirp.ScratchCount;

    /// <summary>Doubles of scratch memory that a transform of a length uses.</summary>
    public static long ScratchCountOf(long length) => UsesChirp(length) ? 4L * Chirp.SizeOf(length) : 2L * length;

    /// <summary>Floating-point operations of a transform, about.</summary>
    public static double Flops(long length) => UsesChirp(length) ? 2 * Flops(Chirp.SizeOf(length)) + 20.0 * length : 6.0 * length * (Math.Log2(Math.Max(length, 1)) + 1);

    /// <summary>The longest chain of roundings, in units of the norm: a few for each pass.</summary>
    public static double Chain(long length) => UsesChirp(length) ? 2 * Chain(Chirp.SizeOf(length)) + 8 : 4 * Factors((int)length).Sum(f => 1 + Math.Log2(f)) + 4;

    /// <summary>Transforms in place.</summary>
    /// <param name="re">Real parts; the imaginary ones for the inverse transform times n.</param>
    /// <param name="im">Imaginary parts; the real ones for the inverse transform times n.</param>
    /// <param name="scratch"><see cref="ScratchCount"/> doubles.</param>
    public void Transform(double* re, double* im, double* scratch)
    {
        if (_chirp is not null)
            _chirp.Transform(re, im, scratch);
        else
            Passes(re, im, scratch, scratch + _length);
    }

    private static bool UsesChirp(long length) => length > 1 && Factors((int)length).Max() > MaxFactor;

    private static int[] Factors(int length)
    {
        var factors = new List<int>();
        foreach (int factor in (ReadOnlySpan<int>)[4, 2, 3, 5])
            for (; length % factor == 0; length /= factor)
                factors.Add(factor);
        for (int factor = 7; factor <= length / factor; factor += 2)
            for (; length % factor == 0; length /= factor)
                factors.Add(factor);
        if (length > 1)
            factors.Add(length);
        return [.. factors];
    }

    // Of each pass, for each p: exp(-2 pi i p k / n) for k in [1, factor).
    private static double[] Twiddles(int length, int[] factors)
    {
        var twiddles = new List<double>();
        int n = length;
        foreach (int factor in factors)
        {
            for (int p = 0; p < n / factor; p++)
                for (int k = 1; k < factor; k++)
                    Add(twiddles, (long)p * k, n);
            n /= factor;
        }
        return [.. twiddles];
    }

    // Of each factor over 5 of its own: exp(-2 pi i k / factor), in the order of the passes.
    private static double[] Roots(int[] factors)
    {
        var roots = new List<double>();
        foreach (int factor in factors)
            for (int k = 0; factor > 5 && k < factor; k++)
                Add(roots, k, factor);
        return [.. roots];
    }

    private static void Add(List<double> list, long numerator, long denominator)
    {
        (double cos, double sin) = Root(numerator, denominator);
        list.Add(cos);
        list.Add(sin);
    }

    /// <summary>exp(-2 pi i numerator / denominator), the angle reduced to an eighth of the circle first.</summary>
    public static (double Re, double Im) Root(long numerator, long denominator)
    {
        // Eighths of the circle: exact quarters, and no rounding of large angles.
        long k = 8 * (numerator % denominator), octant = k / denominator, rest = k % denominator;
        bool turned = (octant & 1) != 0;
        double angle = Math.PI / 4 * (turned ? denominator - rest : rest) / denominator;
        (double sin, double cos) = Math.SinCos(angle);
        if (turned)
            (sin, cos) = (cos, sin);
        return (octant >> 1) switch
        {
            0 => (cos, -sin),
            1 => (-sin, -cos),
            2 => (-cos, sin),
            _ => (sin, cos),
        };
    }

    private void Passes(double* re, double* im, double* re2, double* im2)
    {
        double* xr = re, xi = im, yr = re2, yi = im2;
        int n = _length, stride = 1;
        fixed (double* twiddles = _twiddles, roots = _roots)
        {
            double* w = twiddles, root = roots;
            foreach (int factor in _factors)
            {
                int m = n / factor;
                switch (factor)
                {
                    case 2: Pass2(xr, xi, yr, yi, m, stride, w); break;
                    case 3: Pass3(xr, xi, yr, yi, m, stride, w); break;
                    case 4: Pass4(xr, xi, yr, yi, m, stride, w); break;
                    case 5: Pass5(xr, xi, yr, yi, m, stride, w); break;
                    default:
                        PassAny(xr, xi, yr, yi, factor, m, stride, w, root);
                        root += 2 * factor;
                        break;
                }
                w += 2 * (factor - 1) * m;
                n = m;
                stride *= factor;
                double* r = xr, i = xi;
                xr = yr;
                xi = yi;
                yr = r;
                yi = i;
            }
        }
        if (xr == re)
            return;
        Buffer.MemoryCopy(xr, re, 8L * _length, 8L * _length);
        Buffer.MemoryCopy(xi, im, 8L * _length, 8L * _length);
    }

    private static void Pass2(double* xr, double* xi, double* yr, double* yi, int m, int s, double* w)
    {
        for (int p = 0; p < m; p++, w += 2)
        {
            double wr = w[0], wi = w[1];
            nint a = (nint)s * p, b = a + (nint)s * m, to = (nint)s * 2 * p;
            for (int q = 0; q < s; q++, a++, b++, to++)
            {
                double ar = xr[a], ai = xi[a], br = xr[b], bi = xi[b];
                (yr[to], yi[to]) = (ar + br, ai + bi);
                (yr[to + s], yi[to + s]) = Times(ar - br, ai - bi, wr, wi);
            }
        }
    }

    private static void Pass3(double* xr, double* xi, double* yr, double* yi, int m, int s, double* w)
    {
        const double Sine = 0.86602540378443864676;
        for (int p = 0; p < m; p++, w += 4)
        {
            nint a = (nint)s * p, step = (nint)s * m, to = (nint)s * 3 * p;
            for (int q = 0; q < s; q++, a++, to++)
            {
                double ar = xr[a], ai = xi[a], br = xr[a + step], bi = xi[a + step], cr = xr[a + 2 * step], ci = xi[a + 2 * step];
                double sr = br + cr, si = bi + ci, dr = Sine * (bi - ci), di = -Sine * (br - cr);
                double mr = ar - 0.5 * sr, mi = ai - 0.5 * si;
                (yr[to], yi[to]) = (ar + sr, ai + si);
                (yr[to + s], yi[to + s]) = Times(mr + dr, mi + di, w[0], w[1]);
                (yr[to + 2 * s], yi[to + 2 * s]) = Times(mr - dr, mi - di, w[2], w[3]);
            }
        }
    }

    private static void Pass4(double* xr, double* xi, double* yr, double* yi, int m, int s, double* w)
    {
        nint step = (nint)s * m;
        for (int p = 0; p < m; p++, w += 6)
        {
            nint a = (nint)s * p, to = (nint)s * 4 * p;
            int q = 0;
            if (Vector.IsHardwareAccelerated)
                for (; q + Vector<double>.Count <= s; q += Vector<double>.Count, a += Vector<double>.Count, to += Vector<double>.Count)
                    Butterfly4(xr + a, xi + a, step, yr + to, yi + to, s, w);
            for (; q < s; q++, a++, to++)
            {
                double ar = xr[a], ai = xi[a], br = xr[a + step], bi = xi[a + step];
                double cr = xr[a + 2 * step], ci = xi[a + 2 * step], dr = xr[a + 3 * step], di = xi[a + 3 * step];
                double acr = ar + cr, aci = ai + ci, bdr = br + dr, bdi = bi + di;
                double amr = ar - cr, ami = ai - ci, bmr = bi - di, bmi = dr - br;
                (yr[to], yi[to]) = (acr + bdr, aci + bdi);
                (yr[to + s], yi[to + s]) = Times(amr + bmr, ami + bmi, w[0], w[1]);
                (yr[to + 2 * s], yi[to + 2 * s]) = Times(acr - bdr, aci - bdi, w[2], w[3]);
                (yr[to + 3 * s], yi[to + 3 * s]) = Times(amr - bmr, ami - bmi, w[4], w[5]);
            }
        }
    }

    private static void Butterfly4(double* xr, double* xi, nint step, double* yr, double* yi, nint s, double* w)
    {
        Vector<double> ar = Vector.Load(xr), ai = Vector.Load(xi), br = Vector.Load(xr + step), bi = Vector.Load(xi + step);
        Vector<double> cr = Vector.Load(xr + 2 * step), ci = Vector.Load(xi + 2 * step), dr = Vector.Load(xr + 3 * step), di = Vector.Load(xi + 3 * step);
        Vector<double> acr = ar + cr, aci = ai + ci, bdr = br + dr, bdi = bi + di;
        Vector<double> amr = ar - cr, ami = ai - ci, bmr = bi - di, bmi = dr - br;
        (acr + bdr).Store(yr);
        (aci + bdi).Store(yi);
        StoreTimes(amr + bmr, ami + bmi, w, yr + s, yi + s);
        StoreTimes(acr - bdr, aci - bdi, w + 2, yr + 2 * s, yi + 2 * s);
        StoreTimes(amr - bmr, ami - bmi, w + 4, yr + 3 * s, yi + 3 * s);
    }

    private static void Pass5(double* xr, double* xi, double* yr, double* yi, int m, int s, double* w)
    {
        const double C1 = 0.30901699437494742410, C2 = -0.80901699437494742410, S1 = 0.95105651629515357212, S2 = 0.58778525229247312917;
        nint step = (nint)s * m;
        for (int p = 0; p < m; p++, w += 8)
        {
            nint a = (nint)s * p, to = (nint)s * 5 * p;
            for (int q = 0; q < s; q++, a++, to++)
            {
                double ar = xr[a], ai = xi[a];
                double sr1 = xr[a + step] + xr[a + 4 * step], si1 = xi[a + step] + xi[a + 4 * step];
                double dr1 = xr[a + step] - xr[a + 4 * step], di1 = xi[a + step] - xi[a + 4 * step];
                double sr2 = xr[a + 2 * step] + xr[a + 3 * step], si2 = xi[a + 2 * step] + xi[a + 3 * step];
                double dr2 = xr[a + 2 * step] - xr[a + 3 * step], di2 = xi[a + 2 * step] - xi[a + 3 * step];
                double mr1 = ar + C1 * sr1 + C2 * sr2, mi1 = ai + C1 * si1 + C2 * si2;
                double mr2 = ar + C2 * sr1 + C1 * sr2, mi2 = ai + C2 * si1 + C1 * si2;
                double nr1 = S1 * di1 + S2 * di2, ni1 = -S1 * dr1 - S2 * dr2;
                double nr2 = S2 * di1 - S1 * di2, ni2 = -S2 * dr1 + S1 * dr2;
                (yr[to], yi[to]) = (ar + sr1 + sr2, ai + si1 + si2);
                (yr[to + s], yi[to + s]) = Times(mr1 + nr1, mi1 + ni1, w[0], w[1]);
                (yr[to + 2 * s], yi[to + 2 * s]) = Times(mr2 + nr2, mi2 + ni2, w[2], w[3]);
                (yr[to + 3 * s], yi[to + 3 * s]) = Times(mr2 - nr2, mi2 - ni2, w[4], w[5]);
                (yr[to + 4 * s], yi[to + 4 * s]) = Times(mr1 - nr1, mi1 - ni1, w[6], w[7]);
            }
        }
    }

    private static void PassAny(double* xr, double* xi, double* yr, double* yi, int factor, int m, int s, double* w, double* roots)
    {
        nint step = (nint)s * m;
        for (int p = 0; p < m; p++, w += 2 * (factor - 1))
            for (int q = 0; q < s; q++)
            {
                nint a = (nint)s * p + q, to = (nint)s * factor * p + q;
                for (int k = 0; k < factor; k++)
                {
                    double re = 0, im = 0;
                    for (int j = 0, at = 0; j < factor; j++)
                    {
                        (double r, double i) = Times(xr[a + j * step], xi[a + j * step], roots[2 * at], roots[2 * at + 1]);
                        re += r;
                        im += i;
                        at += k;
                        if (at >= factor)
                            at -= factor;
                    }
                    (yr[to + k * (nint)s], yi[to + k * (nint)s]) = k == 0 ? (re, im) : Times(re, im, w[2 * k - 2], w[2 * k - 1]);
                }
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double, double) Times(double ar, double ai, double br, double bi) => (ar * br - ai * bi, ar * bi + ai * br);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTimes(Vector<double> ar, Vector<double> ai, double* w, double* re, double* im)
    {
        (ar * w[0] - ai * w[1]).Store(re);
        (ar * w[1] + ai * w[0]).Store(im);
    }

    /// <summary>
    /// X[k] = c[k] sum over j of (x[j] c[j]) conj(c[k - j]) with c[k] = exp(-pi i k k / n): a convolution, done by transforms of a power of two.
    /// </summary>
    private sealed class Chirp
    {
        private readonly int _length;
        private readonly int _size;
        private readonly Fft _fft;
        private readonly double[] _c;
        private readonly double[] _spectrum;

        public Chirp(int length)
        {
            _length = length;
            _size = SizeOf(length);
            _fft = new Fft(_size);
            _c = new double[2 * length];
            _spectrum = new double[2 * _size];
            for (long k = 0; k < length; k++)
                (_c[2 * k], _c[2 * k + 1]) = Root(k * k % (2L * length), 2L * length);
            var scratch = new double[_fft.ScratchCount];
            fixed (double* re = _spectrum, work = scratch)
            {
                double* im = re + _size;
                for (int k = 0; k < length; k++)
                {
                    re[k] = re[(_size - k) % _size] = _c[2 * k];
                    im[k] = im[(_size - k) % _size] = -_c[2 * k + 1];
                }
                _fft.Transform(re, im, work);
            }
        }

        public long ScratchCount => 4L * _size;

        public static int SizeOf(long length) => checked((int)BitOperations.RoundUpToPowerOf2((ulong)(2 * length - 1)));

        public void Transform(double* re, double* im, double* scratch)
        {
            double* ar = scratch, ai = scratch + _size, work = scratch + 2L * _size;
            for (int j = 0; j < _length; j++)
                (ar[j], ai[j]) = Times(re[j], im[j], _c[2 * j], _c[2 * j + 1]);
            for (int j = _length; j < _size; j++)
                ar[j] = ai[j] = 0;
            _fft.Transform(ar, ai, work);
            // The inverse transform is the forward one with the parts exchanged.
            for (int j = 0; j < _size; j++)
                (ar[j], ai[j]) = Times(ar[j], ai[j], _spectrum[j], _spectrum[_size + j]);
            _fft.Transform(ai, ar, work);
            double scale = 1.0 / _size;
            for (int k = 0; k < _length; k++)
                (re[k], im[k]) = Times(ar[k] * scale, ai[k] * scale, _c[2 * k], _c[2 * k + 1]);
        }
    }
}
