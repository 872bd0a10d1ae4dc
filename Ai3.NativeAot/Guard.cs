using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Plugins;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.NativeAot;

/// <summary>The boundary: exceptions become a status and a line for <c>ai3_last_error</c>.</summary>
internal static unsafe class Guard
{
    public static int Run(Action call)
    {
        try
        {
            call();
            return (int)AbiStatus.Ok;
        }
        catch (Exception e)
        {
            AbiStatus status = StatusOf(e);
            LastError.Set(status switch
            {
                AbiStatus.Internal => $"unexpected {e.GetType().Name}: {e.Message}",
                AbiStatus.Memory => "out of memory",
                _ => e.Message,
            });
            return (int)status;
        }
    }

    private static AbiStatus StatusOf(Exception exception) => exception switch
    {
        AbiException e => e.Status,
        OnnxFormatException or InvalidDataException => AbiStatus.Format,
        UnsupportedModelException or OpUnsupportedException or PlatformNotSupportedException => AbiStatus.Unsupported,
        AlgorithmRefusedException or SavedPlanException => AbiStatus.Algorithm,
        GraphException or OpException or ShapeException => AbiStatus.Graph,
        LimitExceededException => AbiStatus.Limit,
        OperationCanceledException => AbiStatus.Cancelled,
        OutOfMemoryException => AbiStatus.Memory,
        IOException or UnauthorizedAccessException or PluginException => AbiStatus.File,
        ObjectDisposedException => AbiStatus.Handle,
        ArgumentException or OverflowException => AbiStatus.Argument,
        _ => AbiStatus.Internal,
    };
}
