using Ai3.Tensors;
using static Ai3.Ops.Tests.ElementwiseRunner;

namespace Ai3.Ops.Tests;

/// <summary>Transforms and windows on values written out.</summary>
public class SignalTests
{
    [Fact]
    public void TransformsARealSignal()
    {
        Tensor x = F32([1, 4, 1], 1, 2, 3, 4);
        Dft(Attributes(), [x], [1, 4, 2], [10, 0, -2, 2, -2, 0, -2, -2]);
        Dft(Attributes(("onesided", 1L)), [x], [1, 3, 2], [10, 0, -2, 2, -2, 0]);
        Dft(Attributes(), [F32([1, 3, 1], 1, 2, 3), Tensor.Scalar(4L)], [1, 4, 2], [6, 0, -2, -2, 2, 0, -2, 2]);
        Dft(Attributes(), [x, Tensor.Scalar(2L)], [1, 2, 2], [3, 0, -1, 0]);
        Dft(Attributes(), [x, null, Tensor.Scalar(0L)], [1, 4, 2], [1, 0, 2, 0, 3, 0, 4, 0]);
    }

    [Fact]
    public void TransformsBack()
    {
        Dft(Attributes(("inverse", 1L)), [F32([1, 4, 2], 10, 0, -2, 2, -2, 0, -2, -2)], [1, 4, 2], [1, 0, 2, 0, 3, 0, 4, 0]);
        Dft(Attributes(("inverse", 1L), ("onesided", 1L)), [F32([1, 3, 2], 10, 0, -2, 2, -2, 0)], [1, 4, 1], [1, 2, 3, 4]);
        Dft(Attributes(("inverse", 1L), ("onesided", 1L)), [F32([1, 2, 2], 6, 0, -1.5f, 0.8660254f), Tensor.Scalar(3L)], [1, 3, 1], [1, 2, 3]);
    }

    [Fact]
    public void RefusesWhatIsNoTransform()
    {
        Assert.Throws<OpException>(() => Infer(Attributes(("onesided", 1L)), F32([1, 2, 2], 1, 2, 3, 4)));
        Assert.Throws<OpException>(() => Infer(Attributes(("onesided", 1L), ("inverse", 1L)), F32([1, 2, 1], 1, 2)));
        Assert.Throws<OpException>(() => Infer(Attributes(), F32([1, 1, 3], 1, 2, 3)));
        Assert.Throws<OpException>(() => Infer(Attributes(), F32([1, 2, 1], 1, 2), null, Tensor.Scalar(2L)));
        Assert.Throws<OpException>(() => Infer(Attributes(), F32([1, 2, 1], 1, 2), Tensor.Scalar(0L)));
        Assert.Throws<OpUnsupportedException>(() => Infer(Attributes(), F32([1, 2, 1], 1, 2), Tensor.Scalar(1L << 40)));

        static void Infer(Attributes attributes, params Tensor?[] inputs) =>
            Find("DFT", 20).Infer(new NodeFacts(attributes, 20, [.. inputs.Select(t => t is null ? null : (ValueFact)TensorFact.OfConstant(t))], 1, () => Dim.Symbol("?")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(60)]
    [InlineData(74)]
    [InlineData(97)]
    [InlineData(512)]
    [InlineData(2310)]
    [InlineData(1 << 13)]
    [InlineData(10007)]
    public unsafe void ATransformAndBackIsTheSignal(int length)
    {
        var fft = new Fft(length);
        double[] re = new double[length], im = new double[length], scratch = new double[fft.ScratchCount];
        for (int i = 0; i < length; i++)
            (re[i], im[i]) = (Math.Sin(i * 0.7) + i % 3, Math.Cos(i * 1.3));
        double[] re0 = [.. re], im0 = [.. im];
        Assert.Equal(Fft.ScratchCountOf(length), fft.ScratchCount);
        fixed (double* r = re, i = im, s = scratch)
        {
            fft.Transform(r, i, s);
            fft.Transform(i, r, s);
        }
        for (int i = 0; i < length; i++)
        {
            Assert.InRange(re[i] / length - re0[i], -1e-13, 1e-13);
            Assert.InRange(im[i] / length - im0[i], -1e-13, 1e-13);
        }
    }

    [Fact]
    public void FramesAreWindowed()
    {
        Tensor signal = F32([1, 5, 1], 1, 2, 3, 4, 5);
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find("STFT", 17), 17, Attributes(), 1, signal, Tensor.Scalar(2L), F32(1, 2), null))
            Near(row, [1, 2, 2, 2], [5, 0, -3, 0, 11, 0, -5, 0], y[0]);
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find("STFT", 17), 17, Attributes(("onesided", 0L)), 1, signal, Tensor.Scalar(1L), null, Tensor.Scalar(4L)))
            Near(row, [1, 2, 4, 2], [10, 0, -2, 2, -2, 0, -2, -2, 14, 0, -2, 2, -2, 0, -2, -2], y[0]);
    }

    [Fact]
    public void Windows()
    {
        Window("HannWindow", 4, 1, [0, 0.5f, 1, 0.5f]);
        Window("HannWindow", 4, 0, [0, 0.75f, 0.75f, 0]);
        Window("HammingWindow", 4, 1, [0.08695652f, 0.54347826f, 1, 0.54347826f]);
        Window("BlackmanWindow", 4, 1, [0, 0.34f, 1, 0.34f]);
        Window("BlackmanWindow", 1, 0, [1]);
        Window("HannWindow", 0, 1, []);

        static void Window(string name, long size, long periodic, float[] expected)
        {
            foreach ((string row, Tensor[] y) in RowRunner.Run(Find(name, 17), 17, Attributes(("periodic", periodic)), 1, Tensor.Scalar(size)))
                Near($"{name} {row}", [size], expected, y[0]);
        }
    }

    [Fact]
    public void MelTriangles()
    {
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find("MelWeightMatrix", 17), 17, Attributes(), 1,
            Tensor.Scalar(2L), Tensor.Scalar(8L), Tensor.Scalar(8000L), Tensor.Scalar(0f), Tensor.Scalar(4000f)))
            Near(row, [5, 2], [1, 0, 0, 1, 0, 0, 0, 0, 0, 0], y[0]);
    }

    private static void Dft(Attributes attributes, Tensor?[] inputs, long[] shape, float[] expected)
    {
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find("DFT", 20), 20, attributes, 1, inputs))
            Near(row, shape, expected, y[0]);
    }

    private static void Near(string row, long[] shape, float[] expected, Tensor output)
    {
        Assert.Equal(Shape.Create(shape), output.Shape);
        ReadOnlySpan<float> actual = output.AsSpan<float>();
        for (int i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= 1e-6f, $"{row}: element {i} is {actual[i]:R}, not {expected[i]:R}");
    }
}
