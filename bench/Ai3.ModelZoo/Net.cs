using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.ModelZoo;

/// <summary>What follows a layer; its weights are scaled so that the mean square is about 1 behind it.</summary>
public enum Activation
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>max(x, 0).</summary>
    Relu,
    /// <summary>x limited to [0, 6].</summary>
    Relu6,
    /// <summary>x * sigmoid(x).</summary>
    Silu,
    /// <summary>x * relu6(x + 3) / 6.</summary>
    HardSwish,
    /// <summary>x * (1 + erf(x / sqrt(2))) / 2.</summary>
    Gelu,
}

/// <summary>Writes a network layer by layer: a <see cref="GraphBuilder"/> with seeded weights and a count of parameters.</summary>
/// <param name="name">The network's name.</param>
/// <param name="seed">The seed of the weights; null leaves their memory as it comes, for counting.</param>
public sealed class Net(string name, ulong? seed)
{
    private const int Opset = 17;

    private string _path = "";

    /// <summary>The builder.</summary>
    public GraphBuilder Graph { get; } = new(name, Opset);

    /// <summary>Trained parameters so far; statistics of normalization are not counted, as is usual.</summary>
    public long Parameters { get; private set; }

    /// <summary>Puts a name in front of nodes and weights until the result is disposed.</summary>
    public IDisposable Scope(string scope)
    {
        string outer = _path;
        _path = $"{outer}{scope}.";
        return new Left(Graph.Scope(scope), () => _path = outer);
    }

    /// <summary>The input of an image classifier.</summary>
    public Operand Image(int size) => Graph.Input<float>("input", ["batch", 3, size, size]);

    /// <summary>A trained parameter, uniform in a range.</summary>
    public Operand Parameter(string stem, Shape shape, float low, float high)
    {
        Parameters += shape.Count;
        return Make(stem, shape, low, high);
    }

    /// <summary>A trained parameter of mean 0 and a given mean square.</summary>
    public Operand Weight(string stem, Shape shape, double meanSquare)
    {
        float limit = (float)Math.Sqrt(3 * meanSquare);
        return Parameter(stem, shape, -limit, limit);
    }

    /// <summary>Convolution; pads keep the size of a stride of 1 unless given.</summary>
    public Operand Conv(
        Operand x, long channels, long kernel, long stride = 1, long? pad = null, long group = 1, bool bias = false, Activation act = Activation.None, double gain = 1) =>
        Conv(x, channels, (kernel, kernel), stride, pad is { } p ? (p, p) : (kernel / 2, kernel / 2), group, bias, act, gain);

    /// <summary>Convolution with windows that are not square.</summary>
    public Operand Conv(
        Operand x, long channels, (long H, long W) kernel, long stride, (long H, long W) pad, long group = 1, bool bias = false, Activation act = Activation.None, double gain = 1)
    {
        long inputs = Channels(x) / group;
        Operand w = Weight("weight", [channels, inputs, kernel.H, kernel.W], gain * GainOf(act) / (inputs * kernel.H * kernel.W));
        Operand? b = bias ? Parameter("bias", [channels], -0.1f, 0.1f) : null;
        return Graph.Conv2D(x, w, b, strides: [stride], pads: [pad.H, pad.W], group: group);
    }

    /// <summary>Batch normalization with statistics near those of its input. A gain below 1 keeps sums of residual branches small.</summary>
    public Operand BatchNorm(Operand x, float gain = 1, float epsilon = 1e-5f)
    {
        long c = Channels(x);
        return Graph.BatchNormalization(x,
            Parameter("weight", [c], 0.9f * gain, 1.1f * gain), Parameter("bias", [c], -0.1f * gain, 0.1f * gain),
            Make("running_mean", [c], -0.1f, 0.1f), Make("running_var", [c], 0.8f, 1.25f), epsilon);
    }

    /// <summary>Layer normalization of the last axis.</summary>
    public Operand LayerNorm(Operand x, float epsilon = 1e-5f)
    {
        long c = x.Shape![^1].Value;
        return Graph.LayerNormalization(x, Parameter("weight", [c], 0.9f, 1.1f), Parameter("bias", [c], -0.1f, 0.1f), -1, epsilon);
    }

    /// <summary>A linear layer on the last axis: Gemm on a matrix, otherwise MatMul and Add, as exporters write it.</summary>
    public Operand Linear(Operand x, long outputs, bool bias = true, Activation act = Activation.None, double gain = 1)
    {
        long inputs = x.Shape![^1].Value;
        bool matrix = x.Shape.Rank == 2;
        Operand w = Weight("weight", matrix ? [outputs, inputs] : [inputs, outputs], gain * GainOf(act) / inputs);
        Operand? b = bias ? Parameter("bias", [outputs], -0.1f, 0.1f) : null;
        if (matrix)
            return Graph.Gemm(x, w, b, transB: true);
        Operand y = Graph.MatMul(x, w);
        return b is null ? y : y + b;
    }

    /// <summary>An activation.</summary>
    public Operand Activate(Operand x, Activation act) => act switch
    {
        Activation.Relu => Graph.Relu(x),
        Activation.Relu6 => Graph.Clip(x, 0, 6),
        Activation.Silu => Graph.Silu(x),
        Activation.HardSwish => Graph.HardSwish(x),
        Activation.Gelu => Graph.Gelu(x),
        _ => x,
    };

    /// <summary>Global mean and a linear layer: the end of an image classifier.</summary>
    public void Classify(Operand x, int classes = 1000, string scope = "fc")
    {
        x = Graph.Flatten(Graph.GlobalAveragePool(x));
        using (Scope(scope))
            x = Linear(x, classes);
        Graph.Output("logits", x);
    }

    /// <summary>The channels of an image.</summary>
    public static long Channels(Operand x) => x.Shape![1].Value;

    // The mean square in front of an activation that gives 1 behind it, for normal numbers.
    private static double GainOf(Activation act) => act switch
    {
        Activation.Relu or Activation.Relu6 => 2,
        Activation.Silu or Activation.HardSwish => 2.4,
        Activation.Gelu => 2.2,
        _ => 1,
    };

    private Operand Make(string stem, Shape shape, float low, float high)
    {
        string full = _path + stem;
        if (seed is not { } modelSeed)
            return Graph.Constant(Tensor.Allocate(DType.Float32, shape), full, takeOwnership: true);
        var values = new float[shape.Count];
        Weights.Fill(values, Weights.SeedOf(modelSeed, full), low, high);
        return Graph.Constant(Tensor.From(values, shape), full, takeOwnership: true);
    }

    private sealed class Left(IDisposable inner, Action action) : IDisposable
    {
        public void Dispose()
        {
            inner.Dispose();
            action();
        }
    }
}
