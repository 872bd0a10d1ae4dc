using Ai3.Tensors;
using static Ai3.Ops.Tests.ElementwiseRunner;

namespace Ai3.Ops.Tests;

/// <summary>Einsum on values written out, and equations that are none.</summary>
public class EinsumTests
{
    private static readonly Tensor s_a = F32([2, 3], 1, 2, 3, 4, 5, 6);
    private static readonly Tensor s_b = F32([3, 2], 1, -1, 0, 2, 3, 1);

    public static TheoryData<string, long[], float[]> OneOperand => new()
    {
        { "ij->ji", [3, 2], [1, 4, 2, 5, 3, 6] },
        { "ij->i", [2], [6, 15] },
        { "ij->", [], [21] },
        { "ij", [2, 3], [1, 2, 3, 4, 5, 6] },
        { "ba", [3, 2], [1, 4, 2, 5, 3, 6] },
        { " i j -> j ", [3], [5, 7, 9] },
        { "...j->...", [2], [6, 15] },
        { "i...->...i", [3, 2], [1, 4, 2, 5, 3, 6] },
    };

    [Theory, MemberData(nameof(OneOperand))]
    public void SumsAndPermutes(string equation, long[] shape, float[] expected) => Expect(equation, shape, expected, s_a);

    [Fact]
    public void MultipliesMatrices()
    {
        Expect("ij,jk->ik", [2, 2], [10, 6, 22, 12], s_a, s_b);
        Expect("ij,jk->ki", [2, 2], [10, 22, 6, 12], s_a, s_b);
        Expect("ij,jk", [2, 2], [10, 6, 22, 12], s_a, s_b);
        Expect("ij,ij->", [], [91], s_a, s_a);
        Expect("ij,kj->ik", [2, 2], [14, 32, 32, 77], s_a, s_a);
        Expect("i,j->ij", [2, 3], [2, 4, 6, 3, 6, 9], F32(2, 3), F32(1, 2, 3));
        Expect("ij,jk,kl->il", [2, 2], [10, 16, 22, 34], s_a, s_b, F32([2, 2], 1, 1, 0, 1));
    }

    [Fact]
    public void TakesDiagonalsAndBroadcasts()
    {
        Tensor square = F32([3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Expect("ii->i", [3], [1, 5, 9], square);
        Expect("ii", [], [15], square);
        Expect("ii,i->i", [3], [1, 10, 27], square, F32(1, 2, 3));
        Expect("...ij,...jk->...ik", [2, 1, 1], [14, 32], F32([2, 1, 3], 1, 2, 3, 4, 5, 6), F32([1, 3, 1], 1, 2, 3));
        Expect("ij,ij->ij", [2, 3], [10, 20, 30, 80, 100, 120], s_a, F32([2, 1], 10, 20));
    }

    [Fact]
    public void IntegersWrap()
    {
        Tensor x = Tensor.From<long>([long.MaxValue, 1], [2]);
        foreach ((string row, Tensor output) in Run("Einsum", 12, Attributes(("equation", "i->")), x).Where(r => !r.Row.StartsWith("reference", StringComparison.Ordinal)))
            Assert.True(output.AsSpan<long>()[0] == long.MinValue, row);
    }

    [Theory]
    [InlineData("ij,jk->ik")]
    [InlineData("ij->ii")]
    [InlineData("ij->k")]
    [InlineData("i1->i")]
    [InlineData("ij->i->j")]
    [InlineData("....->...")]
    [InlineData("..ij->i")]
    [InlineData("...i...->i")]
    [InlineData("...j->j")]
    [InlineData("i->i")]
    [InlineData("ijk->i")]
    [InlineData("ii->i")]
    [InlineData("->")]
    [InlineData("ij,->ij")]
    [InlineData("i\u0001->i")]
    public void RefusesEquationsThatDoNotFit(string equation)
    {
        string message = Assert.Throws<OpException>(() => Find("Einsum", 12).Infer(Node(12, Attributes(("equation", equation)), s_a))).Message;
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void InfersSymbols()
    {
        Dim n = Dim.Symbol("n"), m = Dim.Symbol("m");
        var node = new NodeFacts(Attributes(("equation", "bij,bjk->bik")), 12,
            [new TensorFact(DType.Float32, [n, 2, m]), new TensorFact(DType.Float32, [n, 4, 5])], 1, () => Dim.Symbol("?"));
        Assert.Equal("f32[n,2,5]", Find("Einsum", 12).Infer(node)[0].ToString());
    }

    private static void Expect(string equation, long[] shape, float[] expected, params Tensor[] inputs)
    {
        foreach ((string row, Tensor output) in Run("Einsum", 12, Attributes(("equation", equation)), inputs))
        {
            Assert.Equal(Shape.Create(shape), output.Shape);
            Assert.True(output.AsSpan<float>().SequenceEqual(expected), $"{row}: {string.Join(",", output.AsSpan<float>().ToArray())}");
        }
    }
}
