namespace Ai3.Tensors;

/// <summary>Dimensions, axes or strides that contradict each other or do not fit in 63 bits.</summary>
/// <param name="message">One line: what is wrong and what would be right.</param>
public sealed class ShapeException(string message) : Exception(message);
