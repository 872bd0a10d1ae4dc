namespace Ai3.DigitReader;

/// <summary>Numbers that training changes, with what Adam remembers of them (Kingma and Ba 2015).</summary>
/// <param name="shape">The dimensions.</param>
internal sealed class Parameter(params long[] shape)
{
    private const float FirstDecay = 0.9f, SecondDecay = 0.999f, Epsilon = 1e-7f;
    private readonly float[] _first = new float[Count(shape)];
    private readonly float[] _second = new float[Count(shape)];

    /// <summary>The dimensions.</summary>
    public long[] Shape => shape;

    /// <summary>The numbers, row-major.</summary>
    public float[] Values { get; } = new float[Count(shape)];

    /// <summary>Fills the numbers uniformly in +-sqrt(6 / fanIn) (He et al. 2015).</summary>
    public Parameter Initialize(int fanIn, SplitMix random)
    {
        float bound = MathF.Sqrt(6f / fanIn);
        for (int i = 0; i < Values.Length; i++)
            Values[i] = random.Between(-bound, bound);
        return this;
    }

    /// <summary>One step of Adam.</summary>
    /// <param name="gradient">The mean gradient of the batch.</param>
    /// <param name="rate">The step size, bias correction counted in.</param>
    public void Step(ReadOnlySpan<float> gradient, float rate)
    {
        for (int i = 0; i < Values.Length; i++)
        {
            float g = gradient[i];
            _first[i] = FirstDecay * _first[i] + (1 - FirstDecay) * g;
            _second[i] = SecondDecay * _second[i] + (1 - SecondDecay) * g * g;
            Values[i] -= rate * _first[i] / (MathF.Sqrt(_second[i]) + Epsilon);
        }
    }

    private static int Count(long[] shape) => (int)shape.Aggregate(1L, (a, b) => a * b);
}
