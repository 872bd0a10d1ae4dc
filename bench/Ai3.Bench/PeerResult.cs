using Ai3.Cli;

namespace Ai3.Bench;

/// <summary>One model in both runtimes.</summary>
/// <param name="Model">The model.</param>
/// <param name="Threads">Threads of both.</param>
/// <param name="Ours">Our times.</param>
/// <param name="Theirs">ONNX Runtime's.</param>
/// <param name="Difference">The largest difference of the outputs.</param>
/// <param name="Failure">Why there are no times; null if there are.</param>
internal sealed record PeerResult(string Model, int Threads, Samples Ours, Samples Theirs, double Difference, string? Failure)
{
    /// <summary>Our least time by theirs; under 1, we are faster.</summary>
    public double MinRatio => Ours.Min / Theirs.Min;

    /// <summary>Our median time by theirs.</summary>
    public double MedianRatio => Ours.Median / Theirs.Median;

    /// <summary>A model that did not run.</summary>
    public static PeerResult Failed(string model, int threads, string message) => new(model, threads, new Samples(), new Samples(), 0, message);
}
