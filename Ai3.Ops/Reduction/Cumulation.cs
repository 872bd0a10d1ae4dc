using System.Numerics;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Running sums and products over [outer, n, inner]: a tile of up to <see cref="Tile"/> inner positions keeps its totals, floats in
/// double, while the axis is walked. Integers wrap.
/// </summary>
internal static unsafe class Cumulation
{
    private const int Tile = 64;

    private const long Grain = 8192;

    public static Applicability Supports(CumulativeProblem p, Target target) =>
        Applicability.If(TypeSet.Numeric.Has(p.Input.Type), $"{p.Input.Type.ShortName()} is no number type");

    public static PreparedKernel Bind(Request<CumulativeProblem> request, PackedConstants? packed) => request.Problem.Input.Type switch
    {
        DType.Float32 => new Kernel<float, double>(request.Problem),
        DType.Float64 => new Kernel<double, double>(request.Problem),
        DType.Float16 => new Kernel<Half, double>(request.Problem),
        DType.BFloat16 => new Kernel<BFloat16, double>(request.Problem),
        DType.Int8 => new Kernel<sbyte, sbyte>(request.Problem),
        DType.Int16 => new Kernel<short, short>(request.Problem),
        DType.Int32 => new Kernel<int, int>(request.Problem),
        DType.Int64 => new Kernel<long, long>(request.Problem),
        DType.UInt8 => new Kernel<byte, byte>(request.Problem),
        DType.UInt16 => new Kernel<ushort, ushort>(request.Problem),
        DType.UInt32 => new Kernel<uint, uint>(request.Problem),
        _ => new Kernel<ulong, ulong>(request.Problem),
    };

    private sealed class Kernel<T, TSum>(CumulativeProblem problem) : PreparedKernel where T : unmanaged where TSum : unmanaged, INumber<TSum>
    {
        private readonly long _outer = problem.Input.Shape.CountOf(..problem.Axis);
        private readonly long _length = problem.Input.Shape[problem.Axis];
        private readonly long _inner = problem.Input.Shape.CountOf((problem.Axis + 1)..);

        private long Tiles => ShapeMath.CeilDiv(_inner, Tile);

        private long Items => _outer * Tiles;

        private long ItemsAtATime => Math.Max(Math.Max(1, Grain / Math.Max(1, _length * Math.Min(_inner, Tile))), Items / 1_000_000);

        public override void Run(in KernelArgs args)
        {
            if (Items == 0 || _length == 0)
                return;
            var body = new Body { Kernel = this, X = (T*)args.Inputs[0], Y = (T*)args.Outputs[0] };
            args.Workers.For((int)ShapeMath.CeilDiv(Items, ItemsAtATime), ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<T, TSum> Kernel;
            public T* X;
            public T* Y;

            public readonly void Run(int begin, int end, int worker)
            {
                long step = Kernel.ItemsAtATime, last = Math.Min(end * step, Kernel.Items);
                for (long item = begin * step; item < last; item++)
                    Kernel.Item(X, Y, item);
            }
        }

        [SkipLocalsInit]
        private void Item(T* x, T* y, long item)
        {
            (long outer, long tile) = Math.DivRem(item, Tiles);
            long first = outer * _length * _inner + tile * Tile;
            int width = (int)Math.Min(Tile, _inner - tile * Tile);
            bool product = problem.IsProduct, exclusive = problem.Exclusive;
            long step = problem.Reverse ? -_inner : _inner;
            if (problem.Reverse)
                first += (_length - 1) * _inner;
            TSum* total = stackalloc TSum[Tile];
            new Span<TSum>(total, width).Fill(product ? TSum.One : TSum.Zero);
            for (long r = 0; r < _length; r++, first += step)
                for (int i = 0; i < width; i++)
                {
                    TSum before = total[i], value = Conversions.One<T, TSum>(x[first + i]);
                    TSum after = product ? before * value : before + value;
                    total[i] = after;
                    y[first + i] = Conversions.One<TSum, T>(exclusive ? before : after);
                }
        }
    }
}
