namespace Ai3.Testing;

/// <summary>Something a check demands does not hold. Never leaves the harness.</summary>
/// <param name="message">What, where, in one line.</param>
internal sealed class CheckFailure(string message) : Exception(message);
