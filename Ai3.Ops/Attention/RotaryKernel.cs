using System.Diagnostics.CodeAnalysis;

namespace Ai3.Ops;

/// <summary>Rotates rows of (batch, position, head); position ids are checked before anything is read through them.</summary>
internal static unsafe class RotaryKernel
{
    private interface IRotation
    {
        static abstract int Size { get; }

        static abstract void Run(byte* x, byte* y, byte* cos, byte* sin, nint half, nint width, bool interleaved);
    }

    internal readonly struct Binder(RotaryProblem p) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<Halves<S, V>>(p);
    }

    internal readonly struct ScalarBinder(RotaryProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<Pairs<E>>(p);
    }

    private readonly struct Pairs<E> : IRotation where E : struct, IElement
    {
        public static int Size => typeof(E) == typeof(Float64Element) ? 8 : typeof(E) == typeof(Float32Element) ? 4 : 2;

        public static void Run(byte* x, byte* y, byte* cos, byte* sin, nint half, nint width, bool interleaved) =>
            RotaryRow.Rotate<E>(x, 0, y, 0, cos, sin, 0, half, width, interleaved);
    }

    private readonly struct Halves<S, V> : IRotation where S : struct, ISimd<V> where V : unmanaged
    {
        public static int Size => sizeof(float);

        public static void Run(byte* x, byte* y, byte* cos, byte* sin, nint half, nint width, bool interleaved)
        {
            float* from = (float*)x, to = (float*)y;
            for (nint k = 0; k < half; k += S.Lanes)
            {
                int n = (int)Math.Min(S.Lanes, half - k);
                V x1 = S.LoadPartial(from + k, n), x2 = S.LoadPartial(from + half + k, n);
                V c = S.LoadPartial((float*)cos + k, n), s = S.LoadPartial((float*)sin + k, n);
                S.StorePartial(S.MulSub(c, x1, S.Mul(s, x2)), to + k, n);
                S.StorePartial(S.MulAdd(s, x1, S.Mul(c, x2)), to + half + k, n);
            }
            if (x != y && width > 2 * half)
                Buffer.MemoryCopy(from + 2 * half, to + 2 * half, (width - 2 * half) * sizeof(float), (width - 2 * half) * sizeof(float));
        }
    }

    private sealed class Kernel<R>(RotaryProblem p) : PreparedKernel where R : struct, IRotation
    {
        private readonly long _length = p.Length;
        private readonly long _size = p.Size;

        public override void Run(in KernelArgs args)
        {
            var positions = (long*)args.Inputs[p.PositionInput];
            bool counts = positions != null && p.PositionsFirst && p.Positions!.Value.Count == 1;
            if (positions != null && _length > 0)
                Check(positions, counts);
            var body = new Body<R>
            {
                Heads = p.Heads,
                Length = _length,
                Half = (nint)p.Half,
                Width = (nint)_size,
                Interleaved = p.Interleaved,
                Counts = counts,
                Layout = p.Shape.Rank == 4 ? HeadLayout.HeadsOutside(p.Heads, _length, _size) : HeadLayout.HeadsInside(_length, p.Heads * _size, _size),
                X = (byte*)args.Inputs[0],
                Y = (byte*)args.Outputs[0],
                Cos = (byte*)args.Inputs[p.CosInput],
                Sin = (byte*)args.Inputs[p.CosInput + 1],
                Positions = positions,
                Split = new RowSplit(_size == 0 ? 0 : p.Batch * _length),
            };
            args.Workers.For(body.Split.Items, ref body);
        }

        private void Check(long* positions, bool counts)
        {
            long rows = p.Table[0], count = p.Positions!.Value.Count, last = counts ? _length - 1 : 0;
            for (long i = 0; i < count; i++)
                if (positions[i] < 0 || positions[i] >= rows - Math.Max(0, last))
                    Throw(positions[i], rows);
        }

        [DoesNotReturn]
        private static void Throw(long position, long rows) => throw new OpException($"position {position} is outside the {rows} rows of cosines");
    }

    // One item a (batch, position): its angles serve all heads.
    private struct Body<R> : IParallelBody where R : struct, IRotation
    {
        public long Heads;
        public long Length;
        public nint Half;
        public nint Width;
        public bool Interleaved;
        public bool Counts;
        public HeadLayout Layout;
        public byte* X;
        public byte* Y;
        public byte* Cos;
        public byte* Sin;
        public long* Positions;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                (long b, long i) = Math.DivRem(row, Length);
                long angle = Positions == null ? row : Counts ? Positions[0] + i : Positions[row];
                nint table = (nint)angle * Half * R.Size;
                for (long h = 0; h < Heads; h++)
                {
                    nint at = Layout.At(b, h, i) * R.Size;
                    R.Run(X + at, Y + at, Cos + table, Sin + table, Half, Width, Interleaved);
                }
            }
        }
    }
}
