using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Windows and whole images reduced to their largest, mean or norm.</summary>
internal static class PoolingUses
{
    private static readonly Tolerance s_window = Tolerance.Sum(static use => use.Attributes.Ints("kernel_shape").Aggregate(1L, (a, b) => a * b));

    private static readonly Tolerance s_image = Tolerance.Sum(static use => use.Tensor(0).Shape.CountOf(2..));

    public static IEnumerable<OperatorUses> All =>
    [
        new("MaxPool", Tolerance.Exact, MaxPool, Since: 8),
        new("AveragePool", s_window, AveragePool),
        new("LpPool", s_window, LpPool),
        new("GlobalMaxPool", Tolerance.Exact, u => Global(u)),
        new("GlobalAveragePool", s_image, u => Global(u)),
        new("GlobalLpPool", s_image, u => Global(u.Maybe("p", () => u.Draw.Between(1, 3)))),
    ];

    private static void MaxPool(UseBuilder u)
    {
        Window(u, u.Opset >= 10, u.Draw.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.Int8, DType.UInt8), ceil: u.Opset >= 10);
        u.Maybe("storage_order", () => u.Draw.Below(2)).Outputs(u.Draw.Between(1, 2));
    }

    private static void AveragePool(UseBuilder u)
    {
        Window(u, u.Opset >= 19, u.Draw.Pick(DType.Float32, DType.Float32, DType.Float16), ceil: u.Opset >= 10);
        u.Flag("count_include_pad");
    }

    private static void LpPool(UseBuilder u)
    {
        Window(u, u.Opset >= 18, DType.Float32, ceil: u.Opset >= 18);
        u.Maybe("p", () => u.Draw.Between(1, 3));
    }

    private static void Window(UseBuilder u, bool dilations, DType type, bool ceil)
    {
        (long[] kernel, long[] image) = ProductUses.Window(u, u.Draw.Pick(2, 2, 1, 3), dilations);
        u.With("kernel_shape", kernel);
        if (ceil)
            u.Flag("ceil_mode");
        u.In(u.Data(type, [u.Draw.DimOrZero(3), u.Draw.Dim(20), .. image], Small, Whole));
    }

    private static void Global(UseBuilder u) => u.In(u.Data(u.Draw.Pick(DType.Float32, DType.Float32, DType.Float16),
        [u.Draw.DimOrZero(3), u.Draw.Dim(40), .. u.Draw.Shape(1, 3, zero: false)], Small, Whole));
}
