namespace Ai3.Runtime;

/// <summary>Constants that a model disposes.</summary>
internal sealed class OwnedConstants(IReadOnlyList<IDisposable> constants) : IDisposable
{
    public void Dispose()
    {
        foreach (IDisposable constant in constants)
            constant.Dispose();
    }
}
