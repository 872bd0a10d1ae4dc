using System.Text;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Plugins;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Says in one line what went wrong.</summary>
internal static class ErrorLine
{
    public static string Of(Exception exception)
    {
        Exception cause = exception is AggregateException { InnerException: { } inner } ? inner : exception;
        return Clean(cause switch
        {
            OutOfMemoryException => "out of memory",
            _ when IsExpected(cause) => cause.Message,
            _ => $"unexpected {cause.GetType().Name}: {cause.Message}",
        });
    }

    /// <summary>One line without control characters: names from a model may hold anything.</summary>
    public static string Clean(string message)
    {
        var line = new StringBuilder(message.Length);
        foreach (char c in message)
            line.Append(char.IsControl(c) ? ' ' : c);
        return line.ToString().TrimEnd();
    }

    /// <summary>True for exceptions whose message is written for the user.</summary>
    private static bool IsExpected(Exception e) => e is UsageException or OnnxFormatException or UnsupportedModelException or GraphException
        or AlgorithmRefusedException or SavedPlanException or PluginException or LimitExceededException or ShapeException or OpException or OpUnsupportedException or ArgumentException
        or IOException or UnauthorizedAccessException or OperationCanceledException or InvalidDataException;
}
