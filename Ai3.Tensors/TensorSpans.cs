using System.Numerics.Tensors;

namespace Ai3.Tensors;

/// <summary>Tensors as spans of System.Numerics.Tensors, without a copy. Valid until the tensor is disposed.</summary>
public static class TensorSpans
{
    /// <summary>The elements of a row-major tensor.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not the element type, or the tensor is read-only or not row-major.</exception>
    public static TensorSpan<T> AsTensorSpan<T>(this Tensor tensor) where T : unmanaged
    {
        if (tensor.IsReadOnly)
            throw new InvalidOperationException($"{tensor} is read-only");
        Check<T>(tensor);
        return new TensorSpan<T>(tensor.AsSpan<T>(), Lengths(tensor.Shape), default);
    }

    /// <summary>The elements of a row-major tensor.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not the element type, or the tensor is not row-major.</exception>
    public static ReadOnlyTensorSpan<T> AsReadOnlyTensorSpan<T>(this Tensor tensor) where T : unmanaged
    {
        Check<T>(tensor);
        return new ReadOnlyTensorSpan<T>(tensor.AsSpan<T>(), Lengths(tensor.Shape), default);
    }

    /// <summary>The elements of a view; none of its strides may be negative.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not the element type.</exception>
    /// <exception cref="ShapeException">A stride is negative.</exception>
    public static ReadOnlyTensorSpan<T> AsReadOnlyTensorSpan<T>(this TensorView view) where T : unmanaged
    {
        Check<T>(view.Tensor);
        var strides = new nint[view.Shape.Rank];
        for (int i = 0; i < strides.Length; i++)
        {
            if (view.Strides[i] < 0)
                throw new ShapeException($"axis {i} goes backwards (stride {view.Strides[i]}), which a tensor span cannot say");
            // An axis of one element has stride 0 there.
            strides[i] = view.Shape[i] > 1 ? (nint)view.Strides[i] : 0;
        }
        return new ReadOnlyTensorSpan<T>(view.Tensor.AsSpan<T>()[checked((int)view.Offset)..], Lengths(view.Shape), strides);
    }

    private static nint[] Lengths(Shape shape) => Array.ConvertAll(shape.ToArray(), extent => checked((nint)extent));

    private static void Check<T>(Tensor tensor) where T : unmanaged
    {
        if (DTypes.Of<T>() != tensor.Type)
            throw new InvalidOperationException($"elements are {tensor.Type.ShortName()}, not {typeof(T).Name}");
        if (tensor.Format != Format.Plain)
            throw new InvalidOperationException($"{tensor} is {tensor.Format}, must be row-major");
    }
}
