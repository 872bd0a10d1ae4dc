namespace Ai3.Ops;

/// <summary>
/// The transform of one signal of n samples, forwards or back, real or complex. A real signal of even length is seen as n/2 complex samples, whose
/// transform gives that of its even and odd samples (Sorensen et al. 1987). Immutable.
/// </summary>
internal sealed unsafe class Spectrum
{
    private readonly int _length;
    private readonly bool _inverse;
    private readonly bool _halved;
    private readonly Fft _fft;
    private readonly double[] _turns;

    /// <param name="length">Samples, 1 or more.</param>
    /// <param name="isReal">Whether imaginary parts are zero: they are not read.</param>
    /// <param name="inverse">Whether signs are those of the inverse transform, and the result is divided by n.</param>
    public Spectrum(int length, bool isReal, bool inverse)
    {
        _length = length;
        _inverse = inverse;
        IsReal = isReal;
        _halved = Halves(length, isReal, inverse);
        _fft = new Fft(_halved ? length / 2 : length);
        _turns = new double[_halved ? length + 2 : 0];
        for (int k = 0; 2 * k + 1 < _turns.Length; k++)
            (_turns[2 * k], _turns[2 * k + 1]) = Fft.Root(k, length);
    }

    public bool IsReal { get; }

    /// <summary>Doubles of scratch memory that <see cref="Transform"/> uses.</summary>
    public static long ScratchCount(long length, bool isReal, bool inverse) =>
        Halves(length, isReal, inverse) ? length + Fft.ScratchCountOf(length / 2) : Fft.ScratchCountOf(length);

    /// <summary>Nanoseconds of a transform, about.</summary>
    public static double Cost(long length, bool isReal, bool inverse) => 0.5 * Fft.Flops(Halves(length, isReal, inverse) ? length / 2 : length) + 4.0 * length;

    /// <summary>Transforms in place; all n bins are written.</summary>
    public void Transform(double* re, double* im, double* scratch)
    {
        if (_halved)
        {
            FromHalf(re, im, scratch);
            return;
        }
        if (IsReal)
            new Span<double>(im, _length).Clear();
        if (!_inverse)
        {
            _fft.Transform(re, im, scratch);
            return;
        }
        _fft.Transform(im, re, scratch);
        double scale = 1.0 / _length;
        for (int k = 0; k < _length; k++)
        {
            re[k] *= scale;
            im[k] *= scale;
        }
    }

    private static bool Halves(long length, bool isReal, bool inverse) => isReal && !inverse && length % 2 == 0;

    // Z = transform of x[2j] + i x[2j+1]. Even samples: (Z[k] + conj Z[h-k]) / 2, odd: -i (Z[k] - conj Z[h-k]) / 2, turned by exp(-2 pi i k / n).
    private void FromHalf(double* re, double* im, double* scratch)
    {
        int half = _length / 2;
        double* zr = scratch, zi = scratch + half;
        for (int j = 0; j < half; j++)
            (zr[j], zi[j]) = (re[2 * j], re[2 * j + 1]);
        _fft.Transform(zr, zi, scratch + _length);
        for (int k = 0; k <= half; k++)
        {
            int a = k == half ? 0 : k, b = k == 0 ? 0 : half - k;
            double evenR = 0.5 * (zr[a] + zr[b]), evenI = 0.5 * (zi[a] - zi[b]);
            double oddR = 0.5 * (zi[a] + zi[b]), oddI = 0.5 * (zr[b] - zr[a]);
            double wr = _turns[2 * k], wi = _turns[2 * k + 1];
            re[k] = evenR + (oddR * wr - oddI * wi);
            im[k] = evenI + (oddR * wi + oddI * wr);
        }
        im[0] = im[half] = 0;
        for (int k = half + 1; k < _length; k++)
        {
            re[k] = re[_length - k];
            im[k] = -im[_length - k];
        }
    }
}
