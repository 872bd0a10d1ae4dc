using System.Numerics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// One sum after another, operands read in place: each operand has a stride for every label. Floats sum in double, integers wrap in their
/// own type.
/// </summary>
internal static unsafe class EinsumLoops
{
    private const int MaxOperands = 16;

    public static Algorithm<EinsumProblem> Row { get; } = new()
    {
        Name = "loops",
        Source = "nested loops over strides",
        Supports = static (p, _) => Applicability.If(TypeSet.Numeric.Has(p.Type), $"{p.Type.ShortName()} is no number type")
            .And(Applicability.If(p.Operands.Length <= MaxOperands, $"{p.Operands.Length} operands, takes up to {MaxOperands}")),
        CostHint = static r => 100 + (10.0 * r.Problem.Output.Shape.Count + r.Problem.Flops * (r.Problem.Operands.Length > 2 ? 1.5 : 0.6)) / r.Target.Threads,
        Error = static (p, _) => p.Type == DType.Float64 ? ErrorBound.PerElement(p.Depth + p.Operands.Length) : ErrorBound.PerElement(3),
        Bind = static (r, _) => Create(r.Problem.Type, Nest.Of(r.Problem)),
    };

    /// <summary>The kernel of a nest of loops.</summary>
    public static PreparedKernel Create(DType type, Nest nest) => type switch
    {
        DType.Float32 => new Kernel<float, double>(nest),
        DType.Float64 => new Kernel<double, double>(nest),
        DType.Float16 => new Kernel<Half, double>(nest),
        DType.BFloat16 => new Kernel<BFloat16, double>(nest),
        DType.Int8 => new Kernel<sbyte, sbyte>(nest),
        DType.Int16 => new Kernel<short, short>(nest),
        DType.Int32 => new Kernel<int, int>(nest),
        DType.Int64 => new Kernel<long, long>(nest),
        DType.UInt8 => new Kernel<byte, byte>(nest),
        DType.UInt16 => new Kernel<ushort, ushort>(nest),
        DType.UInt32 => new Kernel<uint, uint>(nest),
        _ => new Kernel<ulong, ulong>(nest),
    };

    /// <summary>Loops over output elements, row-major, and in each over the terms of its sum.</summary>
    /// <param name="Outer">The output's extents.</param>
    /// <param name="Summed">The extents of the sum; at least one.</param>
    /// <param name="OuterStrides">[operand][axis], in elements.</param>
    /// <param name="SummedStrides">[operand][axis], in elements.</param>
    public sealed record Nest(long[] Outer, long[] Summed, long[] OuterStrides, long[] SummedStrides)
    {
        public int Operands => SummedStrides.Length / Summed.Length;

        public static Nest Of(EinsumProblem p)
        {
            long[][] strides = [.. Enumerable.Range(0, p.Operands.Length).Select(p.Strides)];
            bool nothing = p.Extents.Length == p.OutputRank;
            return new Nest([.. p.Extents.Take(p.OutputRank)], nothing ? [1] : [.. p.Extents.Skip(p.OutputRank)],
                [.. strides.SelectMany(s => s.Take(p.OutputRank))], [.. strides.SelectMany(s => nothing ? [0L] : s.Skip(p.OutputRank))]);
        }
    }

    private sealed class Kernel<T, TSum>(Nest nest) : PreparedKernel where T : unmanaged where TSum : unmanaged, INumber<TSum>
    {
        private readonly int _operands = nest.Operands;
        private readonly long _count = ShapeMath.Product(nest.Outer);
        private readonly long[] _outer = nest.Outer;
        private readonly long[] _summed = nest.Summed;
        private readonly long[] _outerStrides = nest.OuterStrides;
        private readonly long[] _summedStrides = nest.SummedStrides;
        private readonly bool _empty = nest.Summed.Contains(0);

        public override void Run(in KernelArgs args)
        {
            if (_count == 0)
                return;
            int tasks = WorkSplit.Tasks(_count, 16.0 * _count * ProductOf(_summed), args.Workers);
            fixed (nint* inputs = args.Inputs)
            {
                var body = new Body { Kernel = this, Tasks = tasks, Inputs = inputs, Output = (T*)args.Outputs[0] };
                args.Workers.For(tasks, ref body);
            }
        }

        private static double ProductOf(long[] extents)
        {
            double product = 1;
            foreach (long extent in extents)
                product *= extent;
            return product;
        }

        private struct Body : IParallelBody
        {
            public Kernel<T, TSum> Kernel;
            public int Tasks;
            public nint* Inputs;
            public T* Output;

            public readonly void Run(int begin, int end, int worker) =>
                Kernel.Range(Inputs, Output, WorkSplit.Begin(Kernel._count, begin, Tasks), WorkSplit.Begin(Kernel._count, end, Tasks));
        }

        private void Range(nint* inputs, T* output, long first, long last)
        {
            T** at = stackalloc T*[MaxOperands];
            T** start = stackalloc T*[MaxOperands];
            long* index = stackalloc long[EinsumEquation.MaxLabels];
            for (long place = first; place < last; place++)
            {
                for (int i = 0; i < _operands; i++)
                    start[i] = (T*)inputs[i];
                long rest = place;
                for (int axis = _outer.Length - 1; axis >= 0; axis--)
                {
                    (rest, long coordinate) = Math.DivRem(rest, _outer[axis]);
                    for (int i = 0; i < _operands; i++)
                        start[i] += coordinate * _outerStrides[i * _outer.Length + axis];
                }
                for (int i = 0; i < _operands; i++)
                    at[i] = start[i];
                output[place] = Conversions.One<TSum, T>(_empty ? TSum.Zero : Sum(at, index));
            }
        }

        private TSum Sum(T** at, long* index)
        {
            int axes = _summed.Length;
            for (int axis = 0; axis < axes; axis++)
                index[axis] = 0;
            TSum total = TSum.Zero;
            while (true)
            {
                total += Inner(at);
                int axis = axes - 2;
                for (; axis >= 0; axis--)
                {
                    for (int i = 0; i < _operands; i++)
                        at[i] += _summedStrides[i * axes + axis];
                    if (++index[axis] < _summed[axis])
                        break;
                    for (int i = 0; i < _operands; i++)
                        at[i] -= _summed[axis] * _summedStrides[i * axes + axis];
                    index[axis] = 0;
                }
                if (axis < 0)
                    return total;
            }
        }

        private TSum Inner(T** at)
        {
            int axes = _summed.Length;
            long count = _summed[axes - 1], stepX = _summedStrides[axes - 1];
            T* x = at[0];
            TSum sum = TSum.Zero;
            if (_operands == 1)
            {
                for (long k = 0; k < count; k++, x += stepX)
                    sum += Conversions.One<T, TSum>(*x);
                return sum;
            }
            T* y = at[1];
            long stepY = _summedStrides[2 * axes - 1];
            for (long k = 0; k < count; k++, x += stepX, y += stepY)
            {
                TSum product = Conversions.One<T, TSum>(*x) * Conversions.One<T, TSum>(*y);
                for (int i = 2; i < _operands; i++)
                    product *= Conversions.One<T, TSum>(at[i][k * _summedStrides[(i + 1) * axes - 1]]);
                sum += product;
            }
            return sum;
        }
    }
}
