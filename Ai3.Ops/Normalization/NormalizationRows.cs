using System.Diagnostics.CodeAnalysis;

namespace Ai3.Ops;

/// <summary>An axis of the view with the strides of the operands along it, in elements; 0 where an operand is broadcast.</summary>
internal readonly record struct RowAxis(long Dim, long Stride, long Scale, long Bias);

/// <summary>
/// Where the elements of each row are: row r begins at its base, and element (a, b) of it, a in [0, A) and b in [0, B), is a * Outer.Stride + b
/// further, with scale and bias following the strides of the two axes.
/// </summary>
internal sealed class NormalizationRows
{
    // The axes that tell rows apart, innermost last.
    private readonly RowAxis[] _kept;

    private NormalizationRows(RowAxis[] kept, RowAxis outer, RowAxis inner)
    {
        _kept = kept;
        Outer = outer;
        Inner = inner;
    }

    /// <summary>The outer axis of a row: segments.</summary>
    public RowAxis Outer { get; }

    /// <summary>The inner axis of a row: contiguous elements.</summary>
    public RowAxis Inner { get; }

    /// <summary>The innermost axis that tells rows apart, or one row.</summary>
    public RowAxis LastKept => _kept.Length > 0 ? _kept[^1] : new RowAxis(1, 1, 0, 0);

    /// <summary>Finds the layout; false if a row's elements lie on more than two axes.</summary>
    public static bool TryOf(NormalizationProblem p, [NotNullWhen(true)] out NormalizationRows? rows)
    {
        rows = null;
        var kept = new List<RowAxis>();
        var reduced = new List<RowAxis>();
        bool? last = null;
        long stride = 1, scale = 1, bias = 1;
        for (int a = p.View.Rank - 1; a >= 0; a--)
        {
            long dim = p.View[a];
            var axis = new RowAxis(dim, stride, p.Scale is not null && p.ScaleView[a] != 1 ? scale : 0, p.Bias is not null && p.BiasView[a] != 1 ? bias : 0);
            stride *= Math.Max(dim, 1);
            scale *= axis.Scale != 0 ? Math.Max(dim, 1) : 1;
            bias *= axis.Bias != 0 ? Math.Max(dim, 1) : 1;
            if (dim == 1)
                continue;
            List<RowAxis> list = p.Reduced[a] ? reduced : kept;
            if (last == p.Reduced[a] && list[^1] is var inner && axis.Scale == inner.Scale * inner.Dim && axis.Bias == inner.Bias * inner.Dim)
                list[^1] = inner with { Dim = inner.Dim * dim };
            else
                list.Add(axis);
            last = p.Reduced[a];
        }
        kept.Reverse();
        var one = new RowAxis(1, 1, 0, 0);
        bool contiguous = reduced.Count > 0 && reduced[0].Stride == 1;
        if (reduced.Count > (contiguous ? 2 : 1))
            return false;
        rows = contiguous ? new NormalizationRows([.. kept], reduced.Count > 1 ? reduced[1] : one, reduced[0])
            : new NormalizationRows([.. kept], reduced.Count > 0 ? reduced[0] : one, one);
        return true;
    }

    /// <summary>Where row r begins in x, scale and bias.</summary>
    public (nint X, nint Scale, nint Bias) Base(long row)
    {
        long x = 0, scale = 0, bias = 0;
        for (int i = _kept.Length - 1; i > 0; i--)
        {
            long position = row % _kept[i].Dim;
            row /= _kept[i].Dim;
            x += position * _kept[i].Stride;
            scale += position * _kept[i].Scale;
            bias += position * _kept[i].Bias;
        }
        return _kept.Length == 0 ? default
            : ((nint)(x + row * _kept[0].Stride), (nint)(scale + row * _kept[0].Scale), (nint)(bias + row * _kept[0].Bias));
    }
}
