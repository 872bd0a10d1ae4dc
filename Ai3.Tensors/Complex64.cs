namespace Ai3.Tensors;

/// <summary>A complex number of two binary32 parts.</summary>
/// <param name="Real">The real part.</param>
/// <param name="Imaginary">The imaginary part.</param>
public readonly record struct Complex64(float Real, float Imaginary);
