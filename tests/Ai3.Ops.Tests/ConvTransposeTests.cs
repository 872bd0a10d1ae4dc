using Ai3.Tensors;
using static Ai3.Ops.Tests.EveryRow;

namespace Ai3.Ops.Tests;

public sealed class ConvTransposeTests
{
    private static readonly Attributes s_twos = Attributes(("strides", (int[])[2]));

    // x = 1 2, w = 1 10: with stride 2 all of it is 1 10 2 20.
    private static readonly Operand s_x = new([1, 2], 1, 1, 2), s_w = new([1, 10], 1, 1, 2);

    [Fact]
    public void EveryInputSpreadsItsKernel()
    {
        var rows = Gives("ConvTranspose", 11, s_twos, [s_x, s_w], [[1, 10, 2, 20]]);
        Assert.Equal(["direct", "gemm_col2im", "reference", "scalar"], rows);
        Gives("ConvTranspose", 1, Ops.Attributes.Empty, [s_x, s_w], [[1, 12, 20]]);
        Gives("ConvTranspose", 11, Attributes(("strides", (int[])[3])), [s_x, s_w], [[1, 10, 0, 2, 20]]);
        Gives("ConvTranspose", 11, s_twos, [s_x, s_w with { IsConstant = true }, new Operand([100], 1)], [[101, 110, 102, 120]]);
        foreach (DType type in new[] { DType.Float64, DType.Float16, DType.BFloat16 })
            Gives("ConvTranspose", 22, s_twos, [s_x with { Type = type }, s_w with { Type = type }], [[1, 10, 2, 20]]);
    }

    [Fact]
    public void PadsCutAndOutputPaddingAdds()
    {
        Gives("ConvTranspose", 11, s_twos.With("pads", Ints(1, 0)), [s_x, s_w], [[10, 2, 20]]);
        Gives("ConvTranspose", 11, s_twos.With("pads", Ints(0, 1)), [s_x, s_w], [[1, 10, 2]]);
        Gives("ConvTranspose", 11, s_twos.With("output_padding", Ints(1)), [s_x, s_w, new Operand([7], 1)], [[8, 17, 9, 27, 7]]);
    }

    [Fact]
    public void OutputShapeDividesWhatIsCut()
    {
        Gives("ConvTranspose", 11, s_twos.With("output_shape", Ints(3)), [s_x, s_w], [[10, 2, 20]]);
        Gives("ConvTranspose", 11, s_twos.With("output_shape", Ints(3)).With("auto_pad", "SAME_LOWER"), [s_x, s_w], [[10, 2, 20]]);
        Gives("ConvTranspose", 11, s_twos.With("output_shape", Ints(3)).With("auto_pad", "SAME_UPPER"), [s_x, s_w], [[1, 10, 2]]);
        // More than the input reaches, and with n and m in front.
        Gives("ConvTranspose", 11, s_twos.With("output_shape", Ints(1, 1, 6)), [s_x, s_w], [[1, 10, 2, 20, 0, 0]]);
    }

    [Fact]
    public void SamePaddingGivesInputTimesStride()
    {
        Operand x = new([0, 1, 2, 3, 4, 5, 6, 7, 8], 1, 1, 3, 3), w = new([.. Enumerable.Repeat(1.0, 9)], 1, 1, 3, 3);
        Gives("ConvTranspose", 11, Attributes(("strides", (int[])[2, 2]), ("auto_pad", "SAME_UPPER")), [x, w],
            [[0, 0, 1, 1, 3, 2, 0, 0, 1, 1, 3, 2, 3, 3, 8, 5, 12, 7, 3, 3, 7, 4, 9, 5, 9, 9, 20, 11, 24, 13, 6, 6, 13, 7, 15, 8]]);
        Gives("ConvTranspose", 11, Ops.Attributes.Empty, [x, w],
            [[0, 1, 3, 3, 2, 3, 8, 15, 12, 7, 9, 21, 36, 27, 15, 9, 20, 33, 24, 13, 6, 13, 21, 15, 8]]);
        Gives("ConvTranspose", 11, s_twos.With("auto_pad", "VALID"), [s_x, s_w], [[1, 10, 2, 20]]);
    }

    [Fact]
    public void DilationSpreadsTheKernel()
    {
        Gives("ConvTranspose", 11, Attributes(("dilations", (int[])[2])), [s_x, s_w], [[1, 2, 10, 20]]);
        Gives("ConvTranspose", 11, Attributes(("dilations", (int[])[3]), ("strides", (int[])[2])), [s_x, s_w], [[1, 0, 2, 10, 0, 20]]);
    }

    [Fact]
    public void GroupsKeepToThemselves()
    {
        Operand x = new([3, 5], 1, 2, 1);
        Gives("ConvTranspose", 11, Attributes(("group", 2)), [x, new Operand([2, 7], 2, 1, 1)], [[6, 35]]);
        Gives("ConvTranspose", 11, Attributes(("group", 2)), [x, new Operand([2, 1, 7, 1], 2, 2, 1), new Operand([0, 10, 0, 10], 4)], [[6, 13, 35, 15]]);
        Gives("ConvTranspose", 11, Ops.Attributes.Empty, [x, new Operand([2, 1, 7, 1], 2, 2, 1)], [[41, 8]]);
    }

    [Fact]
    public void AllSpatialRanksAreComputed()
    {
        Gives("ConvTranspose", 11, Attributes(("strides", (int[])[1, 2, 1])), [new Operand([1, 2], 1, 1, 1, 2, 1), new Operand([1, 10], 1, 1, 2, 1, 1)],
            [[1, 0, 2, 10, 0, 20]]);
        var rows = Gives("ConvTranspose", 11, Ops.Attributes.Empty, [new Operand([1, 2], 1, 1, 1, 1, 1, 2), new Operand([1, 10], 1, 1, 1, 1, 1, 2)], [[1, 12, 20]]);
        Assert.Equal(["reference"], rows);
        Gives("ConvTranspose", 11, s_twos, [new Operand([], 0, 1, 2), s_w], [[]]);
    }

    [Fact]
    public void OutputDimensionsFollowSymbols()
    {
        Dim h = Dim.Symbol("h");
        var node = new NodeFacts(s_twos, 11, [new TensorFact(DType.Float32, SymbolicShape.Create(1, 3, h)), new TensorFact(DType.Float32, SymbolicShape.Create(3, 5, 4))], 1,
            () => Dim.Symbol("fresh"));
        Assert.Equal(SymbolicShape.Create(1, 5, h * 2 + 2), ((TensorFact)Find("ConvTranspose", 11).Infer(node)[0]).Shape);
    }

    [Theory]
    [InlineData("strides", new[] { 0 })]
    [InlineData("strides", new[] { 1, 1 })]
    [InlineData("dilations", new[] { 0 })]
    [InlineData("pads", new[] { -1, 0 })]
    [InlineData("pads", new[] { 2, 2 })]
    [InlineData("kernel_shape", new[] { 3 })]
    [InlineData("kernel_shape", new[] { 0 })]
    [InlineData("output_padding", new[] { -1 })]
    [InlineData("output_shape", new[] { 0 })]
    [InlineData("output_shape", new[] { 4, 4 })]
    public void HostileAttributesAreRefused(string name, int[] values) =>
        Assert.Throws<OpException>(() => Find("ConvTranspose", 11).Infer(Node(11, s_twos.With(name, Ints(values)), 1, s_x, s_w)));

    [Fact]
    public void ContradictingShapesAreRefused()
    {
        OpDefinition op = Find("ConvTranspose", 11);
        Assert.Throws<OpException>(() => op.Infer(Node(11, Attributes(("group", 0)), 1, s_x, s_w)));
        Assert.Throws<OpException>(() => op.Infer(Node(11, Attributes(("group", 2)), 1, s_x, s_w)));
        Assert.Throws<OpException>(() => op.Infer(Node(11, Ops.Attributes.Empty, 1, s_x, Operand.Ramp(2, 1, 2))));
        Assert.Throws<OpException>(() => op.Infer(Node(11, Ops.Attributes.Empty, 1, s_x, Operand.Ramp(1, 1, 2, 2))));
        Assert.Throws<OpException>(() => op.Infer(Node(11, Ops.Attributes.Empty, 1, s_x, new Operand([], 1, 1, 0))));
        Assert.Throws<OpException>(() => op.Infer(Node(11, Ops.Attributes.Empty, 1, s_x, s_w, Operand.Ramp(2))));
        Assert.Throws<OpException>(() => op.Infer(Node(11, Ops.Attributes.Empty, 1, Operand.Ramp(1, 2), Operand.Ramp(2, 2))));
    }

    private static System.Collections.Immutable.ImmutableArray<long> Ints(params int[] values) => [.. values.Select(v => (long)v)];
}
