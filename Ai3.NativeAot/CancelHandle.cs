namespace Ai3.NativeAot;

/// <summary>ai3_cancel.</summary>
internal sealed class CancelHandle : IHandleTarget
{
    private readonly CancellationTokenSource _source = new();

    public static string TypeName => "ai3_cancel";

    public CancellationToken Token => _source.Token;

    public void Request() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
