namespace Ai3.Ops.Tests;

/// <summary>Each tile micro-kernel computes its formula exactly on small integers and writes nothing else.</summary>
public sealed unsafe class GemmTileTests
{
    public static TheoryData<IsaLevel> Levels => [.. Isa.Supported];

    [Theory, MemberData(nameof(Levels))]
    public void EveryShapeComputesTheFormula(IsaLevel level)
    {
        TileKernels kernels = TileKernels.For(level);
        for (int rows = 1; rows <= kernels.MaxRows; rows++)
            for (int columns = 1; columns <= kernels.Width; columns++)
                for (int form = 0; form < 16; form++)
                    Check(kernels, rows, columns, form);
    }

    // Bit 0: first addend (a column bias), bit 1: second addend (C itself), bit 2: row bias, bit 3: clamp.
    private static void Check(TileKernels kernels, int rows, int columns, int form)
    {
        const int Taps = 2, Depth = 3, Row = 40;
        float Value(int i) => (i * 7 + form) % 11 - 5;
        float[] a = [.. Enumerable.Range(0, rows * Row).Select(Value)];
        float[] b = [.. Enumerable.Range(3, Taps * Depth * kernels.Width).Select(Value)];
        float[] c = [.. Enumerable.Range(5, rows * Row + 1).Select(Value)];
        float[] columnBias = [.. Enumerable.Range(1, columns).Select(Value)];
        float[] rowBias = [.. Enumerable.Range(2, rows).Select(Value)];
        nint[] offsets = [20, 1];
        var expected = (float[])c.Clone();
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
            {
                float y = 0;
                for (int t = 0; t < Taps; t++)
                    for (int k = 0; k < Depth; k++)
                        y += a[i * Row + offsets[t] + k] * b[(t * Depth + k) * kernels.Width + j];
                y += (form & 1) != 0 ? columnBias[j] : 0;
                y += (form & 2) != 0 ? c[i * Row + j] : 0;
                y += (form & 4) != 0 ? rowBias[i] : 0;
                expected[i * Row + j] = (form & 8) != 0 ? Math.Clamp(y, -20, 30) : y;
            }

        fixed (float* pa = a, pb = b, pc = c, pColumn = columnBias, pRow = rowBias)
        fixed (nint* pOffsets = offsets)
        {
            var args = new TileArgs
            {
                A = pa,
                ARow = Row,
                Offsets = pOffsets,
                Taps = Taps,
                KPerTap = Depth,
                B = pb,
                BStep = kernels.Width,
                C = pc,
                CRow = Row,
                CBlock = kernels.Lanes,
                Addend0 = (form & 1) != 0 ? pColumn : null,
                Addend0Row = 0,
                Addend0Block = kernels.Lanes,
                Addend1 = (form & 2) != 0 ? pc : null,
                Addend1Row = Row,
                Addend1Block = kernels.Lanes,
                RowBias = (form & 4) != 0 ? pRow : null,
                Clamp = (form & 8) != 0,
                Low = -20,
                High = 30,
            };
            kernels.Get(rows, columns, &args)(&args);
        }
        Assert.Equal(expected, c);
    }

    [Theory, MemberData(nameof(Levels))]
    public void ClampKeepsNaN(IsaLevel level)
    {
        TileKernels kernels = TileKernels.For(level);
        float a = float.NaN, c = 0;
        float* b = stackalloc float[kernels.Width];
        new Span<float>(b, kernels.Width).Fill(1);
        nint offset = 0;
        var args = new TileArgs { A = &a, Offsets = &offset, Taps = 1, KPerTap = 1, B = b, C = &c, Clamp = true, Low = 0, High = 6 };
        kernels.Get(1, 1, &args)(&args);
        Assert.True(float.IsNaN(c));
    }

    [Fact]
    public void RowPanelsAreBalanced()
    {
        var panels = new RowPanels(197, 14);
        Assert.Equal(15, panels.Count);
        Assert.All(Enumerable.Range(0, 15), i => Assert.InRange(panels.RowsOf(i), 13, 14));
        Assert.Equal(197, panels.Start(15));
        Assert.Equal(0, new RowPanels(0, 14).Count);
    }
}
