using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Makes the tensors of a host step, each within a limit.</summary>
/// <param name="maxBytes">Bytes that one tensor may take; a string counts as its reference.</param>
internal readonly struct HostMemory(long maxBytes)
{
    // What a value takes beside its elements, roughly.
    private const int BytesOfValue = 256;

    /// <summary>A tensor with undefined contents (strings: empty).</summary>
    /// <exception cref="OpException">It would take more than the limit.</exception>
    public Tensor Allocate(DType type, Shape shape)
    {
        Check(type, shape);
        return Tensor.Allocate(type, shape);
    }

    /// <summary>A tensor of zeros (strings: empty).</summary>
    /// <exception cref="OpException">It would take more than the limit.</exception>
    public Tensor Zeros(DType type, Shape shape)
    {
        Check(type, shape);
        return Tensor.Zeros(type, shape);
    }

    /// <summary>Refuses more values in a sequence than their bookkeeping may take, however small they are.</summary>
    /// <exception cref="OpException">They take more than the limit.</exception>
    public void CheckValues(long count)
    {
        if (count > Math.Min(maxBytes / BytesOfValue, Array.MaxLength))
            throw new OpException($"a sequence of {count} values takes more than the allowed {maxBytes} bytes");
    }

    /// <summary>Refuses more characters in one tensor of strings than its bytes may be.</summary>
    /// <exception cref="OpException">They take more than the limit.</exception>
    public void CheckText(Int128 characters)
    {
        if (characters * sizeof(char) > maxBytes)
            throw new OpException($"an output of {characters} characters takes more than the allowed {maxBytes} bytes");
    }

    /// <summary>Refuses a tensor over the limit.</summary>
    /// <exception cref="OpException">It would take more than the limit.</exception>
    public void Check(DType type, Shape shape)
    {
        long limit = type == DType.String ? Math.Min(maxBytes / nint.Size, Array.MaxLength) : maxBytes;
        int bits = type == DType.String ? 8 : type.BitsPerElement();
        if ((Int128)shape.Count * bits / 8 > limit)
            throw new OpException($"output {type.ShortName()}{shape} takes more than the allowed {maxBytes} bytes");
    }
}
