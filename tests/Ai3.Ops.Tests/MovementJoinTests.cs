using Ai3.Tensors;
using static Ai3.Ops.Tests.MovementRunner;

namespace Ai3.Ops.Tests;

public class MovementJoinTests
{
    [Fact]
    public void ConcatJoinsAlongEachAxis()
    {
        Tensor a = Floats([2, 2], 1, 2, 3, 4), b = Floats([2, 1], 5, 6), c = Floats([1, 2], 7, 8), none = Floats([2, 0]);
        Assert.Equal([1f, 2, 5, 3, 4, 6], Run<float>("Concat", 13, Attributes(("axis", 1)), a, b));
        Assert.Equal([5f, 1, 2, 6, 3, 4], Run<float>("Concat", 11, Attributes(("axis", -1)), b, none, a));
        Assert.Equal([7f, 8, 1, 2, 3, 4], Run<float>("Concat", 4, Attributes(("axis", 0)), c, a));
        Assert.Equal([1f, 2, 5, 3, 4, 6], Run<float>("Concat", 1, Attributes(), a, b));
        Assert.Equal([1f, 2, 3, 4], Run<float>("Concat", 13, Attributes(("axis", 0)), a));
        Assert.Empty(Run<float>("Concat", 13, Attributes(("axis", 1)), none, none));
    }

    [Theory]
    [InlineData(DType.UInt8)]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Complex128)]
    [InlineData(DType.UInt4)]
    public void ConcatAndSplitAgreeWithReference(DType type)
    {
        Run("Concat", 13, Attributes(("axis", 1)), [Iota(type, 3, 5, 7), Iota(type, 3, 1, 7), Iota(type, 3, 4, 7)]);
        Run("Concat", 13, Attributes(("axis", 2)), [Iota(type, 3, 5, 7), Iota(type, 3, 5, 1)]);
        Run("Split", 13, Attributes(("axis", 1)), [Iota(type, 3, 9, 7), Longs(2, 0, 7)], 3);
        Run("Split", 13, Attributes(("axis", 2)), [Iota(type, 3, 4, 12)], 4);
    }

    [Fact]
    public void ConcatSplitsOverThreads()
    {
        Run("Concat", 13, Attributes(("axis", 1)), [Iota(DType.Float32, 3, 50_000), Iota(DType.Float32, 3, 1), Iota(DType.Float32, 3, 7_001)]);
        Run("Split", 13, Attributes(("axis", 0)), [Iota(DType.Float32, 200_000), Longs(1, 199_998, 1)], 3);
    }

    [Fact]
    public void ConcatRefusesWhatCannotBe()
    {
        Tensor a = Floats([2, 2], 1, 2, 3, 4);
        Refusal("Concat", 13, Attributes(("axis", 1)), a, Floats([1, 2], 7, 8));
        Refusal("Concat", 13, Attributes(("axis", 2)), a, a);
        Refusal("Concat", 13, Attributes(), a, a);
        Refusal("Concat", 13, Attributes(("axis", 0)), a, Floats([2], 7, 8));
        Refusal("Concat", 13, Attributes(("axis", 0)), a, Iota(DType.Int32, 2, 2));
    }

    [Fact]
    public void ConcatWorksOnSymbols()
    {
        Assert.Equal("f32[b,t+s,4]", Infer("Concat", 13, Attributes(("axis", 1)), Symbolic(DType.Float32, "b", "s", 4), Symbolic(DType.Float32, "b", "t", 4)).ToString());
        AssertElements(Infer("Concat", 13, Attributes(("axis", 0)), Elements("b", 3), Elements("s")), "b", 3, "s");
    }

    [Fact]
    public void SplitTakesSizesEqualPartsOrACount()
    {
        Tensor data = Floats([2, 5], Count(10));
        float[][] Parts(int opset, Attributes attributes, int outputs, params Tensor[] inputs) =>
            [.. Run("Split", opset, attributes, inputs, outputs).Select(t => t.AsSpan<float>().ToArray())];
        Assert.Equal([[0f, 1, 5, 6], [2f, 3, 4, 7, 8, 9]], Parts(13, Attributes(("axis", 1)), 2, data, Longs(2, 3)));
        Assert.Equal([[0f, 1, 5, 6], [2f, 3, 4, 7, 8, 9]], Parts(11, Attributes(("axis", -1), ("split", new[] { 2, 3 })), 2, data));
        Assert.Equal([[0f, 1, 2, 3, 4], [5f, 6, 7, 8, 9]], Parts(2, Attributes(), 2, data));
        Assert.Equal([[0f, 1, 2, 5, 6, 7], [3f, 4, 8, 9]], Parts(18, Attributes(("axis", 1), ("num_outputs", 2)), 2, data));
        OpDefinition split = Find("Split", 13);
        Assert.ThrowsAny<Exception>(() => split.Infer(Node(13, Attributes(("axis", 1)), 2, TensorFact.Of(data))));
        Assert.Throws<OpException>(() => split.Infer(Node(18, Attributes(("axis", 1)), 2, TensorFact.Of(data))));
        Assert.Throws<OpException>(() => split.Infer(Node(18, Attributes(("axis", 1), ("num_outputs", 4)), 4, TensorFact.Of(data))));
        Assert.Throws<OpException>(() => split.Infer(Node(13, Attributes(("axis", 1)), 2, TensorFact.Of(data), TensorFact.OfConstant(Longs(6, -1)))));
        Assert.Throws<OpException>(() => split.Infer(Node(13, Attributes(("axis", 1)), 2, TensorFact.Of(data), TensorFact.OfConstant(Longs(2, 2)))));
        Assert.Throws<OpException>(() => split.Infer(Node(13, Attributes(("axis", 1)), 3, TensorFact.Of(data), TensorFact.OfConstant(Longs(2, 3)))));
    }

    [Fact]
    public unsafe void ConcatAndSplitCopyChannelBlocks()
    {
        OpDefinition concat = Find("Concat", 13), split = Find("Split", 13);
        foreach (IsaLevel isa in Levels)
        {
            var target = new Target(isa, 1, CacheSizes.Typical);
            int block = target.ChannelBlock;
            Problem p = concat.ParseProblem($"concat/f32[2,{block},3] f32[2,{2 * block},3] -> f32[2,{3 * block},3] axis1")!;
            Candidate blocked = Assert.Single(concat.Candidates(p, target).Accepted, c => c.Formats.Output(0) == Format.Blocked(block));
            Tensor a = Iota(DType.Float32, 2, 1, 3, block), b = Iota(DType.Float32, 2, 2, 3, block);
            Tensor expected = Run("Concat", 13, Attributes(("axis", 1)), [a, b])[0];
            Tensor actual = Execute(blocked, p, [a, b], WorkerPool.Single, 0x5A)[0];
            Assert.True(expected.AsBytes().SequenceEqual(actual.AsBytes()));
            Problem s = split.ParseProblem($"split/f32[2,{block + 1},4] -> f32[2,{block + 1},1] f32[2,{block + 1},3] axis2")!;
            Candidate parted = Assert.Single(split.Candidates(s, target).Accepted, c => c.Formats.Input(0) == Format.Blocked(block));
            Tensor whole = Iota(DType.Float32, 2, 2, 4, block);
            Tensor[] parts = Run("Split", 13, Attributes(("axis", 2)), [whole, Longs(1, 3)], 2);
            Tensor[] made = Execute(parted, s, [whole], WorkerPool.Single, 0x5A);
            Assert.True(parts[0].AsBytes().SequenceEqual(made[0].AsBytes()));
            Assert.True(parts[1].AsBytes().SequenceEqual(made[1].AsBytes()));
            Problem uneven = concat.ParseProblem($"concat/f32[2,{block + 1},3] f32[2,{block},3] -> f32[2,{2 * block + 1},3] axis1")!;
            Assert.All(concat.Candidates(uneven, target).Accepted, c => Assert.Equal(Format.Plain, c.Formats.Output(0)));
        }
    }
}
