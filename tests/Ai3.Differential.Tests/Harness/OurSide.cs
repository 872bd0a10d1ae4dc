using System.Collections.Immutable;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>This runtime: from a file's bytes to outputs.</summary>
internal static class OurSide
{
    private static readonly WorkerPool s_workers = new(2);

    /// <summary>Runs a model; a refusal is one of the exceptions that sessions document.</summary>
    /// <exception cref="AlgorithmRefusedException">The selection pins an algorithm that does not apply.</exception>
    public static Answer Run(byte[] bytes, IReadOnlyList<(string Name, Value Value)> inputs, CompileOptions options)
    {
        try
        {
            using Model model = OnnxModel.Load(bytes);
            using Session session = model.Compile(options with { Workers = s_workers });
            Outputs outputs = session.Run([.. inputs]);
            return new Answer([.. Enumerable.Range(0, outputs.Count).Select(outputs.Value)], null);
        }
        catch (Exception e) when (e is GraphException or UnsupportedModelException or LimitExceededException or OnnxFormatException)
        {
            return new Answer(null, e.Message);
        }
    }

    /// <summary>The names of the algorithms of a use's operator.</summary>
    public static ImmutableArray<string> Rows(Use use) =>
        OpCatalog.Default.Find(use.Domain, use.Op, use.Opset) is { } op ? [.. op.Algorithms.Select(a => a.Name)] : [];
}
