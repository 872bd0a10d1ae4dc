using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>NonZero: the coordinates of all elements that are not zero, one column each, in row-major order. A scalar counts as a list of one.</summary>
internal sealed unsafe class NonZeroOp : DataShapedOp
{
    public static NonZeroOp V9 { get; } = new() { Name = "NonZero", Since = 9, MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0);
        TypeSet.Any.Check(input, 0);
        return [new TensorFact(DType.Int64, input.Shape is null ? null : [Math.Max(input.Shape.Rank, 1), node.Fresh()])];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Tensor?> inputs, long maxBytes)
    {
        Tensor x = inputs[0]!;
        Func<long, bool> test = Test(x);
        long count = 0;
        for (long i = 0; i < x.Count; i++)
            if (test(i))
                count++;
        int rank = Math.Max(x.Shape.Rank, 1);
        Tensor result = Allocate(DType.Int64, [rank, count], maxBytes);
        var output = (long*)result.Address;
        var coordinates = new long[rank];
        ReadOnlySpan<long> dims = x.Shape.AsSpan();
        long column = 0;
        for (long i = 0; i < x.Count; i++)
        {
            if (test(i))
            {
                for (int axis = 0; axis < rank; axis++)
                    output[axis * count + column] = coordinates[axis];
                column++;
            }
            for (int axis = dims.Length - 1; axis >= 0 && ++coordinates[axis] == dims[axis]; axis--)
                coordinates[axis] = 0;
        }
        GC.KeepAlive(x);
        return [result];
    }

    // Floats are zero whatever their sign bit, everything else if all bits are.
    private static Func<long, bool> Test(Tensor x)
    {
        if (x.Type == DType.String)
            return i => x.AsStrings()[(int)i].Length > 0;
        nint address = x.Address;
        return x.Type switch
        {
            DType.Float16 or DType.BFloat16 => i => (((ushort*)address)[i] & 0x7FFF) != 0,
            DType.Float32 => i => ((float*)address)[i] != 0,
            DType.Float64 => i => ((double*)address)[i] != 0,
            DType.Complex64 => i => ((float*)address)[2 * i] != 0 || ((float*)address)[2 * i + 1] != 0,
            DType.Complex128 => i => ((double*)address)[2 * i] != 0 || ((double*)address)[2 * i + 1] != 0,
            _ when x.Type.ByteSize() == 1 => i => ((byte*)address)[i] != 0,
            _ when x.Type.ByteSize() == 2 => i => ((ushort*)address)[i] != 0,
            _ when x.Type.ByteSize() == 4 => i => ((uint*)address)[i] != 0,
            _ => i => ((ulong*)address)[i] != 0,
        };
    }
}
