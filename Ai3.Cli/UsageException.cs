namespace Ai3.Cli;

/// <summary>The command line asks for what does not exist or contradicts itself.</summary>
/// <param name="message">One line: what is wrong and what would be right.</param>
internal sealed class UsageException(string message) : Exception(message);
