namespace Ai3.Runtime;

/// <summary>A saved plan does not fit: another model, a node it does not know, an algorithm that is not there or does not apply.</summary>
/// <param name="message">One line: what is wrong and what would be right.</param>
public sealed class SavedPlanException(string message) : Exception(message);
