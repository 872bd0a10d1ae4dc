namespace Ai3.DigitReader;

/// <summary>
/// The digit reader: conv 5x5 (8) - pool - conv 3x3 (16) - pool - depthwise 3x3 - conv 1x1 (32) - linear - softmax, ReLU after
/// each convolution. Four kinds of convolution, so that many algorithms have something to do.
/// </summary>
internal sealed class Network
{
    public const int Size = DigitPicture.Size;
    public const int Classes = 10;
    private const int Half = Size / 2, Quarter = Size / 4, Features = 32 * Quarter * Quarter;

    private readonly PoolLayer _pool1 = new(8, Size), _pool2 = new(16, Half);

    public Network(SplitMix random)
    {
        Conv1 = new ConvLayer(1, 8, 5, 1, Size, random);
        Conv2 = new ConvLayer(8, 16, 3, 1, Half, random);
        Depthwise = new ConvLayer(16, 16, 3, 16, Quarter, random);
        Pointwise = new ConvLayer(16, 32, 1, 1, Quarter, random);
        LinearWeight = new Parameter(Classes, Features).Initialize(6 * Features, random);
        LinearBias = new Parameter(Classes);
        Parameters = [Conv1.Weight, Conv1.Bias, Conv2.Weight, Conv2.Bias, Depthwise.Weight, Depthwise.Bias, Pointwise.Weight, Pointwise.Bias, LinearWeight, LinearBias];
    }

    public ConvLayer Conv1 { get; }

    public ConvLayer Conv2 { get; }

    public ConvLayer Depthwise { get; }

    public ConvLayer Pointwise { get; }

    public Parameter LinearWeight { get; }

    public Parameter LinearBias { get; }

    /// <summary>All that training changes, in a fixed order.</summary>
    public Parameter[] Parameters { get; }

    /// <summary>The digit that the network takes a picture for.</summary>
    public int Read(float[] picture)
    {
        var values = new Activations();
        Forward(picture, values);
        return Array.IndexOf(values.Probabilities, values.Probabilities.Max());
    }

    /// <summary>Adds the gradient of the cross entropy at one picture to <paramref name="gradients"/>.</summary>
    public void AddGradient(float[] picture, int digit, Activations values, float[][] gradients)
    {
        Forward(picture, values);
        float[] d = values.Probabilities;
        d[digit] -= 1;
        values.DFeatures.AsSpan().Clear();
        for (int c = 0; c < Classes; c++)
        {
            Rows.AddScaled(d[c], values.Features, gradients[8].AsSpan(c * Features, Features));
            Rows.AddScaled(d[c], LinearWeight.Values.AsSpan(c * Features, Features), values.DFeatures);
            gradients[9][c] += d[c];
        }
        Pointwise.Backward(values.Deep, values.Features, values.DFeatures, values.DDeep, gradients[6], gradients[7]);
        Depthwise.Backward(values.Pooled2, values.Deep, values.DDeep, values.DPooled2, gradients[4], gradients[5]);
        _pool2.Backward(values.Conv2, values.DPooled2, values.DConv2);
        Conv2.Backward(values.Pooled1, values.Conv2, values.DConv2, values.DPooled1, gradients[2], gradients[3]);
        _pool1.Backward(values.Conv1, values.DPooled1, values.DConv1);
        Conv1.Backward(picture, values.Conv1, values.DConv1, [], gradients[0], gradients[1]);
    }

    private void Forward(float[] picture, Activations values)
    {
        Conv1.Forward(picture, values.Conv1);
        _pool1.Forward(values.Conv1, values.Pooled1);
        Conv2.Forward(values.Pooled1, values.Conv2);
        _pool2.Forward(values.Conv2, values.Pooled2);
        Depthwise.Forward(values.Pooled2, values.Deep);
        Pointwise.Forward(values.Deep, values.Features);
        for (int c = 0; c < Classes; c++)
            values.Probabilities[c] = LinearBias.Values[c] + Rows.Dot(values.Features, LinearWeight.Values.AsSpan(c * Features, Features));
        Softmax(values.Probabilities);
    }

    private static void Softmax(float[] x)
    {
        float max = x.Max();
        double sum = 0;
        foreach (float value in x)
            sum += PortableMath.Exp(value - max);
        for (int i = 0; i < x.Length; i++)
            x[i] = (float)(PortableMath.Exp(x[i] - max) / sum);
    }

    /// <summary>What one picture makes of every layer, and the gradients on the way back.</summary>
    public sealed class Activations
    {
        public readonly float[] Conv1 = new float[8 * Size * Size], DConv1 = new float[8 * Size * Size];
        public readonly float[] Pooled1 = new float[8 * Half * Half], DPooled1 = new float[8 * Half * Half];
        public readonly float[] Conv2 = new float[16 * Half * Half], DConv2 = new float[16 * Half * Half];
        public readonly float[] Pooled2 = new float[16 * Quarter * Quarter], DPooled2 = new float[16 * Quarter * Quarter];
        public readonly float[] Deep = new float[16 * Quarter * Quarter], DDeep = new float[16 * Quarter * Quarter];
        public readonly float[] Features = new float[Network.Features], DFeatures = new float[Network.Features];
        public readonly float[] Probabilities = new float[Classes];
    }
}
