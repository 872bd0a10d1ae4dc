using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An operator whose output shapes only the data decides: always a host step, without a problem or rows.</summary>
internal abstract class DataShapedOp : OpDefinition
{
    public sealed override IReadOnlyList<Algorithm> Algorithms => [];

    public sealed override bool RunsOnHost(NodeFacts node) => true;

    public sealed override Problem CreateProblem(NodeFacts node) => throw new InvalidOperationException($"{this} has no problem: it is computed on the host");

    public sealed override CandidateSet Candidates(Problem problem, Target target) => throw new InvalidOperationException($"{this} has no rows");

    public sealed override OracleResult? Evaluate(Problem problem, IReadOnlyList<double[]?> inputs) => null;

    public sealed override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes)
    {
        Infer(node);
        return Compute(node, [.. inputs.Select(static v => v as Tensor)], maxBytes);
    }

    /// <summary>Computes the outputs of inputs whose facts <see cref="OpDefinition.Infer"/> found good.</summary>
    protected abstract Value[] Compute(NodeFacts node, IReadOnlyList<Tensor?> inputs, long maxBytes);

    /// <summary>A new tensor, refused if it takes more bytes than allowed.</summary>
    protected static Tensor Allocate(DType type, Shape shape, long maxBytes)
    {
        long bytes = type == DType.String ? ShapeMath.Multiply(shape.Count, IntPtr.Size) : type.ByteCount(shape.Count);
        return bytes <= maxBytes ? Tensor.Allocate(type, shape) : throw new OpException($"output {type.ShortName()}{shape} takes {bytes} bytes, at most {maxBytes} are allowed");
    }

    /// <summary>Copies <paramref name="count"/> elements, strings too.</summary>
    protected static unsafe void CopyElements(Tensor from, long start, Tensor to, long place, long count)
    {
        if (from.Type == DType.String)
        {
            from.AsStrings().Slice((int)start, (int)count).CopyTo(to.AsStrings()[(int)place..]);
            return;
        }
        long size = from.Type.ByteSize();
        Buffer.MemoryCopy((byte*)from.Address + start * size, (byte*)to.Address + place * size, count * size, count * size);
        GC.KeepAlive(from);
        GC.KeepAlive(to);
    }
}
