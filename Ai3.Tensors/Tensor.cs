using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ai3.Tensors;

/// <summary>A dense tensor: element type, shape, format and the memory that holds the elements.</summary>
public sealed unsafe class Tensor : Value
{
    private readonly TensorStorage? _storage;
    private readonly bool _ownsStorage;
    private readonly long _byteOffset;
    private readonly string[]? _strings;

    private Tensor(DType type, Shape shape, Format format, TensorStorage storage, long byteOffset, bool ownsStorage)
    {
        Type = type;
        Shape = shape;
        Format = format;
        _storage = storage;
        _byteOffset = byteOffset;
        _ownsStorage = ownsStorage;
        ByteLength = type.ByteCount(format.StorageCount(shape));
        if (byteOffset < 0 || ByteLength > storage.ByteLength - byteOffset)
            throw new ShapeException($"{type.ShortName()}{shape} takes {ByteLength} bytes, but {storage.ByteLength - byteOffset} are there");
    }

    private Tensor(Shape shape, string[] strings)
    {
        Type = DType.String;
        Shape = shape;
        _strings = strings;
        if (shape.Count != strings.Length)
            throw new ShapeException($"shape {shape} takes {shape.Count} strings, but {strings.Length} are there");
    }

    /// <summary>The element type.</summary>
    public DType Type { get; }

    /// <summary>The dimensions.</summary>
    public Shape Shape { get; }

    /// <summary>The layout.</summary>
    public Format Format { get; }

    /// <summary>The number of elements, block padding not counted.</summary>
    public long Count => Shape.Count;

    /// <summary>Bytes the elements take, block padding counted; 0 for strings.</summary>
    public long ByteLength { get; }

    /// <summary>Where the first element is. For kernels; the tensor must be kept alive while the address is in use.</summary>
    public nint Address => _storage is null ? throw new InvalidOperationException("a string tensor has no address") : _storage.Address + (nint)_byteOffset;

    /// <summary>True if the elements may not be written.</summary>
    public bool IsReadOnly => _storage?.IsReadOnly ?? false;

    /// <inheritdoc/>
    public override ValueFact Fact => TensorFact.Of(this);

    /// <summary>A new tensor with undefined contents (strings: empty).</summary>
    public static Tensor Allocate(DType type, Shape shape, Format format = default, bool clear = false)
    {
        if (type == DType.String)
        {
            var strings = new string[shape.Count];
            Array.Fill(strings, "");
            return new Tensor(shape, strings);
        }
        if (!type.IsDefined())
            throw new ArgumentException($"{type} is not an element type", nameof(type));
        return new Tensor(type, shape, format, new PinnedBuffer(type.ByteCount(format.StorageCount(shape)), clear), 0, ownsStorage: true);
    }

    /// <summary>A new tensor of zeros.</summary>
    public static Tensor Zeros(DType type, Shape shape) => Allocate(type, shape, clear: true);

    /// <summary>A tensor over the caller's memory, without a copy; the memory stays pinned until the tensor is disposed.</summary>
    public static Tensor From<T>(Memory<T> memory, Shape shape) where T : unmanaged => Pinned<T>(memory, shape, readOnly: false);

    /// <summary>A read-only tensor over the caller's memory, without a copy; pinned until the tensor is disposed.</summary>
    public static Tensor From<T>(ReadOnlyMemory<T> memory, Shape shape) where T : unmanaged => Pinned(memory, shape, readOnly: true);

    /// <summary>A tensor over the caller's array, without a copy; pinned until the tensor is disposed.</summary>
    public static Tensor From<T>(T[] array, Shape shape) where T : unmanaged => Pinned<T>(array, shape, readOnly: false);

    /// <summary>A string tensor over the caller's array, without a copy.</summary>
    public static Tensor From(string[] strings, Shape shape) => new(shape, strings);

    /// <summary>A new tensor that holds a copy of the elements.</summary>
    public static Tensor Copy<T>(ReadOnlySpan<T> elements, Shape shape) where T : unmanaged
    {
        Tensor tensor = Allocate(TypeOf<T>(), shape);
        elements.CopyTo(tensor.AsSpan<T>());
        return tensor;
    }

    /// <summary>A new tensor of rank 0.</summary>
    public static Tensor Scalar<T>(T value) where T : unmanaged => Copy<T>([value], Shape.Scalar);

    /// <summary>A tensor over native memory that the caller owns and keeps alive.</summary>
    /// <param name="type">The element type.</param>
    /// <param name="shape">The dimensions.</param>
    /// <param name="address">Where the first element is.</param>
    /// <param name="byteLength">Bytes that may be used from there.</param>
    /// <param name="format">The layout.</param>
    /// <param name="owner">An object to keep reachable as long as the tensor is; may be null.</param>
    public static Tensor Borrow(DType type, Shape shape, nint address, long byteLength, Format format = default, object? owner = null) =>
        new(type, shape, format, new BorrowedStorage(address, byteLength, owner), 0, ownsStorage: true);

    /// <summary>A tensor over a part of a storage that somebody else disposes.</summary>
    public static Tensor Over(TensorStorage storage, long byteOffset, DType type, Shape shape, Format format = default) =>
        new(type, shape, format, storage, byteOffset, ownsStorage: false);

    /// <summary>The same elements under another shape of the same count; shares memory with this tensor.</summary>
    public Tensor Reshape(Shape shape)
    {
        if (shape.Count != Count || Format != Format.Plain)
            throw new ShapeException($"{Shape} ({Format}) has {Count} elements and cannot be seen as {shape} with {shape.Count}");
        return _strings is not null ? new Tensor(shape, _strings) : new Tensor(Type, shape, Format, _storage!, _byteOffset, ownsStorage: false);
    }

    /// <summary>Consecutive elements of this row-major tensor under a shape of their own; shares memory with this tensor.</summary>
    /// <param name="first">The first element, in row-major order.</param>
    /// <param name="shape">The shape.</param>
    /// <exception cref="ShapeException">The elements are not all there, or do not begin at a whole byte.</exception>
    public Tensor Part(long first, Shape shape)
    {
        if (Format != Format.Plain || first < 0 || shape.Count > Count - first)
            throw new ShapeException($"{Shape} ({Format}) has no {shape.Count} elements from element {first}");
        if (_strings is not null)
            return new Tensor(shape, _strings.AsSpan((int)first, (int)shape.Count).ToArray());
        long bits = checked(first * Type.BitsPerElement());
        if (bits % 8 != 0)
            throw new ShapeException($"element {first} of {Fact} does not begin at a whole byte");
        return new Tensor(Type, shape, Format, _storage!, _byteOffset + (bits / 8), ownsStorage: false);
    }

    /// <summary>A copy in memory of its own.</summary>
    public Tensor Clone()
    {
        if (_strings is not null)
            return new Tensor(Shape, (string[])_strings.Clone());
        Tensor copy = Allocate(Type, Shape, Format);
        CopyTo(copy);
        return copy;
    }

    /// <summary>Copies the elements into a tensor of the same type, shape and format.</summary>
    public void CopyTo(Tensor destination)
    {
        if (destination.Type != Type || destination.Shape != Shape || destination.Format != Format)
            throw new ShapeException($"{Fact} ({Format}) cannot be copied into {destination.Fact} ({destination.Format})");
        if (_strings is not null)
            _strings.CopyTo(destination._strings!, 0);
        else
            Buffer.MemoryCopy((void*)Address, (void*)destination.Address, destination.ByteLength, ByteLength);
        GC.KeepAlive(this);
        GC.KeepAlive(destination);
    }

    /// <summary>The elements in memory order. Valid until the tensor, or the model or session whose memory it shows, is disposed.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not the element type, or there are more than 2^31-1 elements.</exception>
    public Span<T> AsSpan<T>() where T : unmanaged
    {
        if (DTypes.Of<T>() != Type)
            throw new InvalidOperationException($"elements are {Type.ShortName()}, not {typeof(T).Name}");
        long count = Format.StorageCount(Shape);
        if (count > int.MaxValue)
            throw new InvalidOperationException($"{count} elements do not fit in a span");
        return MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref Start), (int)count);
    }

    /// <summary>The bytes of the elements in memory order; valid as long as <see cref="AsSpan{T}"/> is.</summary>
    public Span<byte> AsBytes() => ByteLength <= int.MaxValue ? MemoryMarshal.CreateSpan(ref Start, (int)ByteLength)
        : throw new InvalidOperationException($"{ByteLength} bytes do not fit in a span");

    /// <summary>The elements of a string tensor.</summary>
    public Span<string> AsStrings() => _strings ?? throw new InvalidOperationException($"elements are {Type.ShortName()}, not strings");

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_ownsStorage)
            _storage!.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => Fact.ToString()!;

    // Reading an address keeps nobody alive: spans come from here.
    private ref byte Start => ref Unsafe.AddByteOffset(ref (_storage ?? throw new InvalidOperationException("a string tensor has no bytes")).Start, (nint)_byteOffset);

    private static Tensor Pinned<T>(ReadOnlyMemory<T> memory, Shape shape, bool readOnly) where T : unmanaged
    {
        DType type = TypeOf<T>();
        if (memory.Length != shape.Count)
            throw new ShapeException($"shape {shape} takes {shape.Count} elements, but {memory.Length} are there");
        return new Tensor(type, shape, Format.Plain, new PinnedStorage<T>(memory, readOnly), 0, ownsStorage: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DType TypeOf<T>()
    {
        DType type = DTypes.Of<T>();
        return type is not DType.Undefined ? type : throw new ArgumentException($"{typeof(T).Name} is not an element type");
    }
}
