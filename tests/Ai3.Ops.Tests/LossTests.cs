using Ai3.Tensors;
using static Ai3.Ops.Tests.ElementwiseRunner;

namespace Ai3.Ops.Tests;

/// <summary>Losses and the steps of training on values written out.</summary>
public class LossTests
{
    private static readonly Tensor s_x = F32([2, 3, 2], 1, 2, 2, 2, 3, 2, 0, 1, 2, 2, 1, 2);
    private static readonly Tensor s_target = Tensor.From<long>([2, 1, 0, 2], [2, 2]);

    [Fact]
    public void NegativeLogLikelihood()
    {
        Loss("NegativeLogLikelihoodLoss", Attributes(("reduction", "none")), [s_x, s_target], [2, 2], [-3, -2, 0, -2]);
        Loss("NegativeLogLikelihoodLoss", Attributes(("reduction", "sum")), [s_x, s_target, F32(0.2f, 0.3f, 0.1f)], [], [-1.1f]);
        Loss("NegativeLogLikelihoodLoss", Attributes(), [s_x, s_target, F32(0.2f, 0.3f, 0.1f)], [], [-1.1f / 0.7f]);
        Loss("NegativeLogLikelihoodLoss", Attributes(("ignore_index", 2L)), [s_x, s_target], [], [-1]);
        Loss("NegativeLogLikelihoodLoss", Attributes(("ignore_index", -7L), ("reduction", "sum")), [F32([1, 2], 1, 2), Tensor.From<int>([-7], [1])], [], [0]);
    }

    [Fact]
    public void SoftmaxCrossEntropy()
    {
        Tensor x = F32([1, 3], 0, 0, MathF.Log(2)), target = Tensor.From<int>([2], [1]);
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find("SoftmaxCrossEntropyLoss", 13), 13, Attributes(), 2, x, target))
        {
            Near(row, [], [MathF.Log(2)], y[0]);
            Near(row, [1, 3], [-MathF.Log(4), -MathF.Log(4), -MathF.Log(2)], y[1]);
        }
        // Scores whose exponentials overflow.
        Loss("SoftmaxCrossEntropyLoss", Attributes(), [F32([1, 2], 1000, 0), Tensor.From<int>([1], [1])], [], [1000]);
    }

    [Fact]
    public void ATargetOutsideTheClassesIsRefused()
    {
        foreach (long target in new[] { -1L, 3L, long.MinValue, long.MaxValue })
            Assert.Throws<OpException>(() => RowRunner.Run(Find("NegativeLogLikelihoodLoss", 13), 13, Attributes(), 1, F32([1, 3], 1, 2, 3), Tensor.From<long>([target], [1])).ToList());
        Assert.Throws<OpException>(() => Find("NegativeLogLikelihoodLoss", 13).Infer(Node(13, Attributes(), F32([1, 3], 1, 2, 3), Tensor.From<long>([1, 1], [2]))));
        Assert.Throws<OpException>(() => Find("NegativeLogLikelihoodLoss", 13).Infer(Node(13, Attributes(("reduction", "max")), F32([1, 3], 1, 2, 3), Tensor.From<long>([1], [1]))));
    }

    [Fact]
    public void OptimizersMoveTensors()
    {
        Tensor rate = Tensor.Scalar(0.1f), step = Tensor.Scalar(1L), x = F32(1, 2), g = F32(-0.5f, 1), h = F32(4, 9);
        Step("Adagrad", Attributes(("norm_coefficient", 0f), ("epsilon", 0f), ("decay_factor", 1f)), [rate, step, x, g, h],
            [1 + 0.05f * 0.5f / MathF.Sqrt(4.25f), 2 - 0.05f / MathF.Sqrt(10)], [4.25f, 10]);
        Step("Momentum", Attributes(("norm_coefficient", 0f), ("alpha", 0.5f), ("beta", 2f), ("mode", "standard")), [rate, step, x, g, h], [1 - 0.1f * 1, 2 - 0.1f * 6.5f], [1, 6.5f]);
        Step("Momentum", Attributes(("norm_coefficient", 0f), ("alpha", 0.5f), ("beta", 2f), ("mode", "nesterov")), [rate, step, x, g, h],
            [1 - 0.1f * (-0.5f + 0.5f), 2 - 0.1f * (1 + 3.25f)], [1, 6.5f]);
        Step("Adam", Attributes(("alpha", 0.5f), ("beta", 0.75f)), [rate, Tensor.Scalar(0L), x, g, F32(1, 1), h],
            [1 - 0.1f * 0.25f / MathF.Sqrt(3.0625f), 2 - 0.1f * 1 / MathF.Sqrt(7)], [0.25f, 1], [3.0625f, 7]);

        static void Step(string name, Attributes attributes, Tensor[] inputs, params float[][] expected)
        {
            OpDefinition op = OpCatalog.Default.Find("ai.onnx.preview.training", name, 1)!;
            foreach ((string row, Tensor[] y) in RowRunner.Run(op, 1, attributes, expected.Length, inputs))
                for (int o = 0; o < expected.Length; o++)
                    Near($"{name} {row} output {o}", [2], expected[o], y[o]);
        }
    }

    [Fact]
    public void BatchNormalizationInTraining()
    {
        Tensor x = F32([2, 2, 1], 1, 10, 3, 30), one = F32(1, 1), zero = F32(0, 0), mean = F32(1, 2), variance = F32(4, 5);
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find("BatchNormalization", 15), 15, Attributes(("training_mode", 1L), ("momentum", 0.5f), ("epsilon", 0f)), 3, x, one, zero, mean, variance))
        {
            Near(row, [2, 2, 1], [-1, -1, 1, 1], y[0]);
            Near(row, [2], [1.5f, 11], y[1]);
            Near(row, [2], [2.5f, 52.5f], y[2]);
        }
    }

    private static void Loss(string name, Attributes attributes, Tensor[] inputs, long[] shape, float[] expected)
    {
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find(name, 13), 13, attributes, 1, inputs))
            Near($"{name} {row}", shape, expected, y[0]);
    }

    private static void Near(string row, long[] shape, float[] expected, Tensor output)
    {
        Assert.Equal(Shape.Create(shape), output.Shape);
        ReadOnlySpan<float> actual = output.AsSpan<float>();
        for (int i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= 1e-6f * MathF.Max(1, MathF.Abs(expected[i])), $"{row}: element {i} is {actual[i]:R}, not {expected[i]:R}");
    }
}
