using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>A compiled model that runs. Safe for any number of callers at the same time.</summary>
public sealed class Session : IDisposable
{
    private Session(Model model) => Model = model;

    /// <summary>The model.</summary>
    public Model Model { get; }

    internal static Session Create(Model model, CompileOptions options) => throw new NotSupportedException($"{model}{options}");

    /// <summary>Runs the model once on named inputs.</summary>
    /// <exception cref="ArgumentException">An input is missing, unknown, or of the wrong type or shape.</exception>
    public Outputs Run(params ReadOnlySpan<(string Name, Value Value)> inputs) => throw new NotSupportedException($"{inputs.Length}");

    /// <summary>Runs the model once on named inputs.</summary>
    public Outputs Run(IReadOnlyDictionary<string, Value> inputs, RunOptions? options = null) => throw new NotSupportedException($"{inputs}{options}");

    /// <inheritdoc/>
    public void Dispose() { }
}
