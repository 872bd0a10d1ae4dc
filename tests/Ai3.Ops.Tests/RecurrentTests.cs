using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops.Tests;

public sealed class RecurrentTests
{
    private static readonly Operand s_two = new([1, 2], 2, 1, 1);

    [Fact]
    public void LstmWithPeepholes() => EveryRow.Gives("LSTM", 14, EveryRow.Attributes(("hidden_size", 1)),
        [s_two, Weights(0.1, 0.2, 0.3, 0.4), Weights(0.5, 0.6, 0.7, 0.8), null, null, null, null, new Operand([0.1, 0.2, 0.3], 1, 3)],
        [[0.11018082112119043, 0.314704674074035], [0.314704674074035], [0.5386890030550555]], 1e-6);

    [Fact]
    public void RnnFromTheEnd() => EveryRow.Gives("RNN", 7, EveryRow.Attributes(("hidden_size", 1), ("direction", "reverse")),
        [s_two, Weights(0.5), Weights(1)], [[0.8515030064982424, 0.7615941559557649], [0.8515030064982424]], 1e-6);

    [Fact]
    public void StepsBehindASequencesEndAreZero() => EveryRow.Gives("RNN", 7, EveryRow.Attributes(("hidden_size", 1), ("direction", "reverse")),
        [new Operand([1, 2, 7], 3, 1, 1), Weights(0.5), Weights(1), null, new Operand([2], 1) { Type = DType.Int32 }],
        [[0.8515030064982424, 0.7615941559557649, 0], [0.8515030064982424]], 1e-6);

    [Theory]
    [InlineData(0, 0.6397766524133084)]
    [InlineData(1, 0.5942349914677726)]
    public void GruResetsBeforeOrAfterTheProduct(int linearBeforeReset, double expected) =>
        EveryRow.Gives("GRU", 14, EveryRow.Attributes(("hidden_size", 1), ("linear_before_reset", linearBeforeReset)),
            [new Operand([1], 1, 1, 1), Weights(0.1, 0.2, 0.3), Weights(0.4, 0.5, 0.6), new Operand([0, 0, 0, 0, 0, 0.7], 1, 6) { IsConstant = true }, null, new Operand([0.5], 1, 1, 1)],
            [[expected], [expected]], 1e-6);

    [Fact]
    public void BothDirectionsOfABatch() => EveryRow.Gives("RNN", 14, EveryRow.Attributes(("hidden_size", 1), ("direction", "bidirectional"), ("layout", 1), ("activations", ImmutableArray.Create("Relu", "relu"))),
        [new Operand([1, 2, 10, 20], 2, 2, 1), new Operand([1, 1], 2, 1, 1), new Operand([1, 1], 2, 1, 1)],
        [[1, 3, 3, 2, 10, 30, 30, 20], [3, 3, 30, 30]], 1e-6);

    [Fact]
    public void ConstantsOfActivationsGoToTheFunctionsThatHaveThem() => EveryRow.Gives("LSTM", 14,
        EveryRow.Attributes(("hidden_size", 1), ("activations", ImmutableArray.Create("HardSigmoid", "Affine", "Tanh")), ("activation_alpha", ImmutableArray.Create(0f, 2f)), ("activation_beta", ImmutableArray.Create(1f))),
        [new Operand([1], 1, 1, 1), Weights(0, 0, 0, 0.25), Weights(0, 0, 0, 0)], [[Math.Tanh(0.5)], [Math.Tanh(0.5)], [0.5]], 1e-6);

    [Fact]
    public void ALengthBeyondTheSequenceIsRefused() => Assert.Throws<OpException>(() => EveryRow.Gives("RNN", 7, EveryRow.Attributes(("hidden_size", 1)),
        [s_two, Weights(0.5), Weights(1), null, new Operand([3], 1) { Type = DType.Int32 }], [[0, 0], [0]]));

    [Fact]
    public void ShapesMustAgree()
    {
        OpException refusal = Assert.Throws<OpException>(() => EveryRow.Find("LSTM", 14).Infer(EveryRow.Node(14, EveryRow.Attributes(("hidden_size", 1)), 1, s_two, Weights(1, 1, 1), Weights(1, 1, 1, 1))));
        Assert.Equal("input 1 has shape [1,3,1], must be [1,4,1]", refusal.Message);
    }

    private static Operand Weights(params double[] values) => new(values, 1, values.Length, 1) { IsConstant = true };
}
