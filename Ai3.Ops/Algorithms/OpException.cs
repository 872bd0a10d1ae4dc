namespace Ai3.Ops;

/// <summary>An operator's attributes or input facts contradict its definition. The runtime adds the node's name.</summary>
/// <param name="message">One line: what is wrong and what would be right.</param>
public sealed class OpException(string message) : Exception(message);

/// <summary>A valid use of an operator that is not ours yet. The runtime adds the node's name.</summary>
/// <param name="message">One line: what is missing.</param>
public sealed class OpUnsupportedException(string message) : Exception(message);
