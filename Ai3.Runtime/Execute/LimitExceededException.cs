namespace Ai3.Runtime;

/// <summary>A model or a run that would take more than its limits allow; nothing was allocated for it.</summary>
/// <param name="message">One line: what is over which limit.</param>
public sealed class LimitExceededException(string message) : Exception(OneLine.Of(message));
