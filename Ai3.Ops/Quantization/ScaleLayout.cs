using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which scale each element of a quantised tensor has: runs of elements along which the scale stands still or goes on by one.</summary>
internal sealed class ScaleLayout
{
    private readonly long _axis;
    private readonly long _inner;
    private readonly long _block;
    private readonly long _blocks;
    private readonly bool _one;

    public ScaleLayout(QuantizeProblem p)
    {
        Shape x = p.Input.Shape;
        _one = p.Block == 0 && QuantizeChecks.IsPerTensor(p.Scale.Shape);
        if (_one)
            return;
        _axis = x[p.Axis];
        _inner = x.CountOf((p.Axis + 1)..);
        _block = p.Block == 0 ? 1 : p.Block;
        _blocks = p.Block == 0 ? 0 : ShapeMath.CeilDiv(_axis, p.Block);
    }

    /// <summary>The run that begins at an element: its first scale, 0 or 1 scales a step, and its elements up to <paramref name="end"/>.</summary>
    public (long Scale, int Step, long Count) Run(long position, long end)
    {
        if (_one)
            return (0, 0, end - position);
        (long row, long i) = Math.DivRem(position, _inner);
        (long outer, long a) = Math.DivRem(row, _axis);
        if (_blocks == 0)
            return _inner > 1 ? (a, 0, Math.Min(end - position, _inner - i)) : (a, 1, Math.Min(end - position, _axis - a));
        (long block, long inside) = Math.DivRem(a, _block);
        long scale = (outer * _blocks + block) * _inner + i;
        return _inner > 1 ? (scale, 1, Math.Min(end - position, _inner - i))
            : (scale, 0, Math.Min(end - position, Math.Min(_block - inside, _axis - a)));
    }
}
