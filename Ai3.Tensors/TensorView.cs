using System.Collections.Immutable;

namespace Ai3.Tensors;

/// <summary>
/// Some elements of a row-major tensor in some order, without a copy: slices, permuted or repeated axes. The tensor must be kept
/// alive and undisposed by whoever uses the view.
/// </summary>
public readonly unsafe struct TensorView
{
    private readonly Tensor _tensor;
    private readonly ImmutableArray<long> _strides;

    private TensorView(Tensor tensor, Shape shape, ImmutableArray<long> strides, long offset)
    {
        _tensor = tensor;
        _strides = strides;
        Shape = shape;
        Offset = offset;
    }

    /// <summary>The element type.</summary>
    public DType Type => _tensor.Type;

    /// <summary>The dimensions.</summary>
    public Shape Shape { get; }

    /// <summary>For each axis, how far the next element is, in elements.</summary>
    public ReadOnlySpan<long> Strides => _strides.AsSpan();

    /// <summary>The position of the first element in the tensor, in elements.</summary>
    public long Offset { get; }

    /// <summary>The tensor whose elements these are.</summary>
    public Tensor Tensor => _tensor;

    /// <summary>True if the elements are one row-major run.</summary>
    public bool IsContiguous => Ai3.Tensors.Strides.IsContiguous(Shape, Strides);

    /// <summary>A view of all elements.</summary>
    /// <exception cref="ShapeException">The tensor is not row-major, or its elements have no address of their own (strings, packed types).</exception>
    public static TensorView Of(Tensor tensor)
    {
        if (tensor.Format != Format.Plain || tensor.Type.ByteSize() == 0)
            throw new ShapeException($"{tensor} ({tensor.Format}) has no strided views; it must be row-major with elements of whole bytes");
        return new TensorView(tensor, tensor.Shape, [.. ShapeMath.RowMajorStrides(tensor.Shape.AsSpan())], 0);
    }

    /// <summary>A part of one axis.</summary>
    /// <param name="axis">The axis, counted from the end if negative.</param>
    /// <param name="start">The first element, in [0, extent).</param>
    /// <param name="count">How many elements.</param>
    /// <param name="step">How many elements further the next one is; negative goes backwards.</param>
    /// <exception cref="ShapeException">An element is outside the axis.</exception>
    public TensorView Slice(int axis, long start, long count, long step = 1)
    {
        axis = ShapeMath.NormalizeAxis(axis, Shape.Rank);
        Int128 last = start + (Int128)(count - 1) * step;
        long extent = Shape[axis];
        if (count < 0 || (count > 0 && (start < 0 || start >= extent || last < 0 || last >= extent)))
            throw new ShapeException($"{count} elements from {start} by {step} are not inside axis {axis} of {Shape}");
        if (count == 0)
            return new TensorView(_tensor, WithDim(axis, 0), _strides, Offset);
        // One element needs no step, whose product with the stride might not fit.
        long stride = count == 1 ? _strides[axis] : _strides[axis] * step;
        return new TensorView(_tensor, WithDim(axis, count), _strides.SetItem(axis, stride), Offset + start * _strides[axis]);
    }

    /// <summary>Axis i of the result is axis <c>order[i]</c> of this view.</summary>
    /// <exception cref="ShapeException">The order does not name every axis once.</exception>
    public TensorView Permute(params ReadOnlySpan<int> order)
    {
        if (order.Length != Shape.Rank)
            throw new ShapeException($"{order.Length} axes are given for {Shape}, must be {Shape.Rank}");
        int[] axes = ShapeMath.NormalizeAxes(Array.ConvertAll(order.ToArray(), axis => (long)axis), Shape.Rank);
        Shape shape = Shape;
        ImmutableArray<long> strides = _strides;
        return new TensorView(_tensor, Shape.Create([.. axes.Select(axis => shape[axis])]), [.. axes.Select(axis => strides[axis])], Offset);
    }

    /// <summary>Repeats axes of extent 1, and adds axes in front.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public TensorView Broadcast(Shape shape) => new(_tensor, shape, Ai3.Tensors.Strides.Broadcast(Shape, Strides, shape), Offset);

    /// <summary>The same elements in the same order under another shape.</summary>
    /// <exception cref="ShapeException">The counts differ, or no strides say that without a copy.</exception>
    public TensorView Reshape(Shape shape)
    {
        if (shape.Count != Shape.Count)
            throw new ShapeException($"{Shape} has {Shape.Count} elements and cannot be seen as {shape} with {shape.Count}");
        return Ai3.Tensors.Strides.TryReshape(Shape, Strides, shape, out long[]? strides) ? new TensorView(_tensor, shape, [.. strides], Offset)
            : throw new ShapeException($"{Shape} with strides [{string.Join(",", _strides)}] cannot be seen as {shape} without a copy");
    }

    /// <summary>Copies the elements, row-major, into a tensor of the same type and shape that does not share memory.</summary>
    /// <exception cref="ShapeException">Type, shape or format differ.</exception>
    public void CopyTo(Tensor destination)
    {
        if (destination.Type != Type || destination.Shape != Shape || destination.Format != Format.Plain)
            throw new ShapeException($"{Type.ShortName()}{Shape} cannot be copied into {destination} ({destination.Format})");
        (long[] extents, long[] strides) = Ai3.Tensors.Strides.Merge(Shape, Strides);
        int size = Type.ByteSize();
        if (Shape.Count > 0)
            Copy((byte*)_tensor.Address + Offset * size, (byte*)destination.Address, extents, strides, size);
        GC.KeepAlive(_tensor);
        GC.KeepAlive(destination);
    }

    /// <summary>A new row-major tensor with a copy of the elements.</summary>
    public Tensor ToTensor()
    {
        Tensor copy = Tensor.Allocate(Type, Shape);
        CopyTo(copy);
        return copy;
    }

    private Shape WithDim(int axis, long extent)
    {
        long[] dims = Shape.ToArray();
        dims[axis] = extent;
        return Shape.Create(dims);
    }

    private static void Copy(byte* source, byte* destination, ReadOnlySpan<long> extents, ReadOnlySpan<long> strides, int size)
    {
        if (extents.Length == 0)
        {
            Buffer.MemoryCopy(source, destination, size, size);
            return;
        }
        long extent = extents[0], step = strides[0] * size;
        if (extents.Length == 1)
        {
            if (strides[0] == 1)
                Buffer.MemoryCopy(source, destination, extent * size, extent * size);
            else
                for (long i = 0; i < extent; i++, source += step, destination += size)
                    Buffer.MemoryCopy(source, destination, size, size);
            return;
        }
        long inner = ShapeMath.Product(extents[1..]) * size;
        for (long i = 0; i < extent; i++, source += step, destination += inner)
            Copy(source, destination, extents[1..], strides[1..], size);
    }
}
