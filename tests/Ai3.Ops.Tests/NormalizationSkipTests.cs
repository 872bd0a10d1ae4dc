using Ai3.Tensors;
using static Ai3.Ops.Tests.EveryRow;

namespace Ai3.Ops.Tests;

public sealed class NormalizationSkipTests
{
    private static readonly Attributes s_noEpsilon = Attributes(("epsilon", 0f));

    [Fact]
    public void SkipLayerNormalizationAddsThenNormalizes()
    {
        // 1 3 and 2 6 with bias 0 0: means 2 and 4, deviations 1 and 2.
        Operand x = new([1, 1, 1, 3], 1, 2, 2), skip = new([0, 2, 1, 3], 1, 2, 2), gamma = new([1, 10], 2), beta = new([0, 100], 2), bias = new([1, 1], 2);
        var rows = Gives("com.microsoft.SkipLayerNormalization", 1, s_noEpsilon, [x, skip, gamma], [[-1, 10, -1, 10]], 1e-6);
        Assert.Equal(["reference", "scalar", "two_pass"], rows);
        Gives("com.microsoft.SkipLayerNormalization", 1, s_noEpsilon, [x, skip, gamma, beta, bias],
            [[-1, 110, -1, 110], [3, 5], [1, 0.5], [2, 4, 3, 7]], 1e-6);
        // The rows of skip repeat over the batch.
        Gives("com.microsoft.SkipLayerNormalization", 1, s_noEpsilon, [new Operand([1, 1, 1, 3], 2, 1, 2), new Operand([0, 2], 1, 2), gamma], [[-1, 10, -1, 10]], 1e-6);
        Assert.Throws<OpException>(() => Find("com.microsoft.SkipLayerNormalization", 1).Infer(Node(1, s_noEpsilon, 1, x, new Operand([0, 0], 2, 1), gamma)));
    }

    [Fact]
    public void SimplifiedNormalizationsDivideByTheRootMeanSquare()
    {
        // The root mean square of 1 7 is 5.
        Operand x = new([1, 7], 1, 2), gamma = new([1, 10], 2);
        Gives("SimplifiedLayerNormalization", 17, s_noEpsilon, [x, gamma], [[0.2, 14], [0.2]], 1e-6);
        Gives("com.microsoft.SkipSimplifiedLayerNormalization", 1, s_noEpsilon, [new Operand([0, 6], 1, 2), new Operand([0, 0], 1, 2), gamma, new Operand([1, 1], 2)],
            [[0.2, 14], null, [0.2], [1, 7]], 1e-6);
    }

    [Fact]
    public void EmbedLayerNormalizationLooksUpAddsAndCounts()
    {
        Operand ids = new([1, 0], 1, 2) { Type = DType.Int32 }, words = new([1, 1, 1, 2], 2, 2), positions = new([0, 1, 1, 5], 2, 2);
        Operand one = new([1, 1], 2), zero = new([0, 0], 2), mask = new([1, 0], 1, 2) { Type = DType.Int32 };
        // Rows 1 3 and 2 6.
        Gives("com.microsoft.EmbedLayerNormalization", 1, s_noEpsilon, [ids, null, words, positions, null, one, zero, mask], [[-1, 1, -1, 1], [1], [1, 3, 2, 6]], 1e-6);
        Refuses("com.microsoft.EmbedLayerNormalization", 1, s_noEpsilon, ids with { Values = [2, 0] }, null, words, positions, null, one, zero);
    }

    [Fact]
    public void GatedActivationsMatchTheirDefinitions()
    {
        Gives("SwiGLU", 28, Ops.Attributes.Empty, [new Operand([0, 2], 2), new Operand([5, 3], 2)], [[0, 6 / (1 + Math.Exp(-2))]], 1e-6);
        double gelu = 0.5 * 3 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (3 + 0.044715 * 27)));
        Gives("com.microsoft.FastGelu", 1, Ops.Attributes.Empty, [new Operand([1], 1, 1), new Operand([2], 1)], [[gelu]], 1e-6);
        Gives("com.microsoft.FastGelu", 1, Ops.Attributes.Empty, [new Operand([3], 1, 1)], [[gelu]], 1e-6);
        Gives("com.microsoft.BiasGelu", 1, Ops.Attributes.Empty, [new Operand([0.5, -1], 1, 2), new Operand([0.5, 1], 2)], [[0.841344746068543, 0]], 1e-6);
        Gives("com.microsoft.QuickGelu", 1, Ops.Attributes.Empty, [new Operand([1], 1)], [[1 / (1 + Math.Exp(-1.702))]], 1e-6);
    }

    [Fact]
    public void FusedProductsTransposeScaleAndActivate()
    {
        Operand a = new([1, 2, 3, 4], 2, 2), b = new([1, 0, 2, 1], 2, 2);
        // A' B = 1 3 2 4 times 1 0 2 1.
        Gives("com.microsoft.FusedMatMul", 1, Attributes(("transA", 1), ("alpha", 0.5f)), [a, b], [[3.5, 1.5, 5, 2]]);
        Gives("com.microsoft.FusedGemm", 1, Attributes(("activation", "Relu")), [a, b, new Operand([-6, 0], 2)], [[0, 2, 5, 4]]);
    }
}
