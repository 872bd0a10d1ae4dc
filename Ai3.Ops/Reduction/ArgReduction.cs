using System.Numerics;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// ArgMax and ArgMin over [outer, n, inner]: a tile of up to <see cref="Tile"/> inner positions keeps its best values and
/// indices while the axis is walked.
/// </summary>
internal static unsafe class ArgReduction
{
    private const int Tile = 64;

    private const long Grain = 8192;

    public static Applicability Supports(ArgReductionProblem p, Target target) =>
        Applicability.If(TypeSet.Numeric.Has(p.Input.Type), $"{p.Input.Type.ShortName()} is no number type");

    public static PreparedKernel Bind(Request<ArgReductionProblem> request, PackedConstants? packed) => request.Problem.Input.Type switch
    {
        DType.Float32 => new Kernel<float, float>(request.Problem),
        DType.Float64 => new Kernel<double, double>(request.Problem),
        DType.Float16 => new Kernel<Half, float>(request.Problem),
        DType.BFloat16 => new Kernel<BFloat16, float>(request.Problem),
        DType.Int8 => new Kernel<sbyte, sbyte>(request.Problem),
        DType.Int16 => new Kernel<short, short>(request.Problem),
        DType.Int32 => new Kernel<int, int>(request.Problem),
        DType.Int64 => new Kernel<long, long>(request.Problem),
        DType.UInt8 => new Kernel<byte, byte>(request.Problem),
        DType.UInt16 => new Kernel<ushort, ushort>(request.Problem),
        DType.UInt32 => new Kernel<uint, uint>(request.Problem),
        _ => new Kernel<ulong, ulong>(request.Problem),
    };

    private sealed class Kernel<T, TValue>(ArgReductionProblem problem) : PreparedKernel where T : unmanaged where TValue : unmanaged, INumber<TValue>
    {
        private readonly long _outer = problem.Input.Shape.CountOf(..problem.Axis);
        private readonly long _length = problem.Input.Shape[problem.Axis];
        private readonly long _inner = problem.Input.Shape.CountOf((problem.Axis + 1)..);
        private readonly bool _isMax = problem.IsMax;
        private readonly bool _selectLast = problem.SelectLast;

        private long Tiles => ShapeMath.CeilDiv(_inner, Tile);

        private long Items => _outer * Tiles;

        private long ItemsAtATime => Math.Max(Math.Max(1, Grain / Math.Max(1, _length * Math.Min(_inner, Tile))), Items / 1_000_000);

        public override void Run(in KernelArgs args)
        {
            if (Items == 0)
                return;
            var body = new Body { Kernel = this, X = (T*)args.Inputs[0], Y = (long*)args.Outputs[0] };
            args.Workers.For((int)ShapeMath.CeilDiv(Items, ItemsAtATime), ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<T, TValue> Kernel;
            public T* X;
            public long* Y;

            public readonly void Run(int begin, int end, int worker)
            {
                long step = Kernel.ItemsAtATime, last = Math.Min(end * step, Kernel.Items);
                for (long item = begin * step; item < last; item++)
                    Kernel.Item(X, Y, item);
            }
        }

        [SkipLocalsInit]
        private void Item(T* x, long* y, long item)
        {
            (long outer, long tile) = Math.DivRem(item, Tiles);
            long first = tile * Tile;
            int width = (int)Math.Min(Tile, _inner - first);
            x += outer * _length * _inner + first;
            y += outer * _inner + first;
            TValue* best = stackalloc TValue[Tile];
            for (int i = 0; i < width; i++)
            {
                best[i] = Conversions.One<T, TValue>(x[i]);
                y[i] = 0;
            }
            for (long r = 1; r < _length; r++)
            {
                x += _inner;
                for (int i = 0; i < width; i++)
                {
                    TValue value = Conversions.One<T, TValue>(x[i]);
                    if (!IsBetter(value, best[i]))
                        continue;
                    best[i] = value;
                    y[i] = r;
                }
            }
        }

        private bool IsBetter(TValue value, TValue best)
        {
            if (_isMax ? value > best : value < best)
                return true;
            if (_selectLast && value == best)
                return true;
            return TValue.IsNaN(value) && !TValue.IsNaN(best);
        }
    }
}
