using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// Spectra of weights, conjugated (a convolution layer correlates) and divided by what the transforms of tiles leave unscaled: 2 T for T elements of
/// a tile, a power of two. In double, along columns, then along rows, rounded once.
/// </summary>
/// <remarks>
/// w [M][C/G][kH][kW]; the result as <see cref="FftTilePlan.KernelCount"/> says, with zeros where blocks are longer than the channels. One
/// iteration a tile of output channels.
/// </remarks>
internal readonly unsafe struct FftSpectra(FftTilePlan plan, ConvGeometry g, (int Point, int Mirror)[] frequencies, float* w, float* spectra) : IParallelBody
{
    private static readonly double[] s_roots = [.. Enumerable.Range(0, VectorFft.MaxSize).Select(k => double.CosPi(2.0 * k / VectorFft.MaxSize))];

    private readonly FftTilePlan _plan = plan;
    private readonly ConvGeometry _g = g;
    private readonly (int Point, int Mirror)[] _frequencies = frequencies;
    private readonly float* _w = w;
    private readonly float* _spectra = spectra;

    public int Units => _plan.Group * _plan.ChannelTiles;

    public void Run(int begin, int end, int worker)
    {
        nint next = 2 * (nint)_plan.Channels * _plan.OutChannels * _plan.Group;
        for (int i = begin; i < end; i++)
        {
            (int group, int tile) = Math.DivRem(i, _plan.ChannelTiles);
            int columns = _plan.ColumnsOf(tile), first = tile * _plan.Width;
            float* target = _spectra + 2 * (nint)_plan.Channels * ((nint)group * _plan.OutChannels + first);
            for (int c = 0; c < _plan.Channels; c++)
                for (int column = 0; column < columns; column++)
                {
                    int m = first + column;
                    bool isThere = c < _g.GroupChannels && m < _g.GroupOutChannels;
                    float* taps = isThere ? _w + (((nint)group * _g.GroupOutChannels + m) * _g.GroupChannels + c) * _g.Taps : null;
                    Spectrum(taps, target + (nint)c * columns + column, (nint)_plan.Channels * columns, next);
                }
        }
    }

    // Of one filter: the real part at frequency i goes to target[i*next], the imaginary one `plane` further on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spectrum(float* taps, float* target, nint plane, nint next)
    {
        if (taps == null)
        {
            for (int i = 0; i < _frequencies.Length; i++, target += next)
                target[0] = target[plane] = 0;
            return;
        }
        int high = _plan.High, wide = _plan.Wide, kernel = _g.W.Kernel;
        double* along = stackalloc double[(high / 2 + 1) * kernel * 2], at = along;
        for (int fy = 0; fy <= high / 2; fy++)
            for (int x = 0; x < kernel; x++, at += 2)
            {
                (double re, double im) = (0, 0);
                for (int y = 0; y < _g.H.Kernel; y++)
                {
                    double tap = taps[y * kernel + x];
                    int angle = VectorFft.MaxSize / high * fy * y * _g.H.Dilation;
                    re += tap * Cos(angle);
                    im += tap * Sin(angle);
                }
                (at[0], at[1]) = (re, im);
            }
        double scale = 0.5 / (high * wide);
        foreach ((int point, _) in _frequencies)
        {
            at = along + point / wide * kernel * 2;
            (double re, double im) = (0, 0);
            for (int x = 0; x < kernel; x++, at += 2)
            {
                int angle = VectorFft.MaxSize / wide * (point % wide) * x * _g.W.Dilation;
                double cos = Cos(angle), sin = Sin(angle);
                re += at[0] * cos - at[1] * sin;
                im += at[0] * sin + at[1] * cos;
            }
            (target[0], target[plane]) = ((float)(re * scale), (float)(im * scale));
            target += next;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Cos(int angle) => s_roots[angle & VectorFft.MaxSize - 1];

    // A quarter of a turn back.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Sin(int angle) => s_roots[angle - VectorFft.MaxSize / 4 & VectorFft.MaxSize - 1];
}
