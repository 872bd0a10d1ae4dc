using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A pool as kernels see it: planes of at most three axes. Axes that the window covers whole are merged with their like.</summary>
internal readonly record struct PoolingGeometry(long Planes, WindowAxis D, WindowAxis H, WindowAxis W)
{
    public long InPlane => D.In * H.In * W.In;

    public long OutPlane => D.Out * H.Out * W.Out;

    public static Applicability Supports(PoolingProblem p) => Applicability.If(Merge(p).Count <= 3, $"{p.Axes.Length} spatial axes, takes 3");

    public static PoolingGeometry Of(PoolingProblem p)
    {
        List<WindowAxis> axes = Merge(p);
        while (axes.Count < 3)
            axes.Insert(0, WindowAxis.One);
        return new PoolingGeometry(ShapeMath.Multiply(p.N, p.C), axes[0], axes[1], axes[2]);
    }

    // Column-major indices count the axes apart.
    private static List<WindowAxis> Merge(PoolingProblem p)
    {
        if (p.ColumnMajor)
            return [.. p.Axes];
        var axes = new List<WindowAxis>();
        foreach (WindowAxis axis in p.Axes)
            if (axes.Count > 0 && axes[^1].IsWhole && axis.IsWhole)
                axes[^1] = WindowAxis.Whole(axes[^1].In * axis.In);
            else
                axes.Add(axis);
        return axes;
    }
}
