using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y[.., o, ..] = x[.., map(o), ..]: copies by a table for each axis. Elements of any type of whole bytes, and whole blocks where the axes behind the
/// last resized one stay as they are (NHWC, NCHWc).
/// </summary>
/// <remarks>
/// Lines run along the last resized axis. Where a line's source is that of the line before it, the line is copied. Lines of 4-byte elements
/// that double are stored two elements at a time.
/// </remarks>
internal static unsafe class ResizeNearest
{
    public static Applicability Supports(ResizeProblem p, Target target) =>
        Applicability.If(p.Mode == ResizeMode.Nearest, $"mode is {p.Mode.ToString().ToLowerInvariant()}, needs nearest")
            .And(Applicability.If(p.Type.IsDefined() && !p.Type.IsPacked() && p.Type != DType.String, "elements are not whole bytes"))
            .And(ResizeLayout.FitsTables(p));

    public static double CostHint(Request<ResizeProblem> r)
    {
        double elements = r.Problem.Outputs[0].Shape.Count, bytes = r.Problem.Traffic;
        bool blocked = r.Formats.Input(0).Kind == FormatKind.Blocked;
        return 100 + ((blocked ? 0.15 : 0.35) * elements + bytes / (2 * r.Target.BytesPerNanosecond)) / r.Target.Threads;
    }

    public static PreparedKernel Bind(Request<ResizeProblem> r, PackedConstants? packed) => new Kernel(r.Problem, ResizeLayout.Stored(r.Problem, r.Formats.Input(0)));

    private sealed class Kernel : PreparedKernel
    {
        private readonly int[][] _maps;
        private readonly int[] _lineMap;
        private readonly long[] _strides;
        private readonly long _lines;
        private readonly nint _in;
        private readonly int _block;
        private readonly bool _doubles;
        private readonly ulong _outsideBits;
        private readonly int _element;

        public Kernel(ResizeProblem problem, ImmutableArray<ResizeAxis> axes)
        {
            int last = axes.Length - 1;
            while (last > 0 && axes[last].IsIdentity)
                last--;
            _element = problem.Type.ByteSize();
            long block = _element;
            for (int i = last + 1; i < axes.Length; i++)
                block *= axes[i].In;
            _block = checked((int)block);
            _maps = [.. axes[..last].Select(a => ResizeTaps.Nearest(problem, a))];
            _lineMap = ResizeTaps.Nearest(problem, axes[last]);
            _in = (nint)(axes[last].In * block);
            _doubles = _block == 4 && Enumerable.Range(0, _lineMap.Length).All(o => _lineMap[o] == o / 2) && _lineMap.Length % 2 == 0;
            _strides = new long[last];
            long stride = _in;
            _lines = 1;
            for (int i = last - 1; i >= 0; i--)
            {
                _strides[i] = stride;
                stride *= axes[i].In;
                _lines *= axes[i].Out;
            }
            ulong bits = 0;
            if (problem.Coordinates == ResizeCoordinates.TfCropAndResize && ElementAccess.CanReadAsDouble(problem.Type))
                ElementAccess.Write(&bits, problem.Type, 0, problem.Extrapolation);
            _outsideBits = bits;
        }

        public override void Run(in KernelArgs args)
        {
            if (_lineMap.Length == 0 || _block == 0)
                return;
            fixed (int* map = _lineMap)
            {
                var body = new Body { K = this, Map = map, X = (byte*)args.Inputs[0], Y = (byte*)args.Outputs[0], Split = new RowSplit(_lines) };
                args.Workers.For(body.Split.Items, ref body);
            }
        }

        private struct Body : IParallelBody
        {
            public Kernel K;
            public int* Map;
            public byte* X;
            public byte* Y;
            public RowSplit Split;

            public void Run(int begin, int end, int worker)
            {
                nint length = (nint)K._lineMap.Length * K._block, before = -1;
                for (long line = Split.Begin(begin); line < Split.End(end); line++)
                {
                    byte* y = Y + (nint)line * length;
                    nint source = Source(line);
                    if (source >= 0 && source == before)
                        Buffer.MemoryCopy(y - length, y, length, length);
                    else if (source < 0)
                        Outside(y, length);
                    else
                        Line(X + source, y);
                    before = source;
                }
            }

            // Byte offset of the line's source; -1 outside the input.
            private readonly nint Source(long line)
            {
                long offset = 0;
                for (int i = K._maps.Length - 1; i >= 0; i--)
                {
                    int[] map = K._maps[i];
                    int index = map[line % map.Length];
                    line /= map.Length;
                    if (index < 0)
                        return -1;
                    offset += index * K._strides[i];
                }
                return (nint)offset;
            }

            private readonly void Line(byte* x, byte* y)
            {
                int count = K._lineMap.Length, block = K._block;
                if (K._doubles)
                {
                    for (nint i = 0; i < count / 2; i++)
                        ((ulong*)y)[i] = ((uint*)x)[i] * 0x1_0000_0001ul;
                    return;
                }
                switch (block)
                {
                    case 1: Gather(x, y, (byte)K._outsideBits); break;
                    case 2 when K._element == 2: Gather((ushort*)x, (ushort*)y, (ushort)K._outsideBits); break;
                    case 4 when K._element == 4: Gather((uint*)x, (uint*)y, (uint)K._outsideBits); break;
                    case 8 when K._element == 8: Gather((ulong*)x, (ulong*)y, K._outsideBits); break;
                    default:
                        for (nint o = 0; o < count; o++, y += block)
                            if (Map[o] >= 0)
                                Buffer.MemoryCopy(x + (nint)Map[o] * block, y, block, block);
                            else
                                Outside(y, block);
                        break;
                }
            }

            private readonly void Gather<T>(T* x, T* y, T outside) where T : unmanaged
            {
                nint count = K._lineMap.Length;
                for (nint o = 0; o < count; o++)
                    y[o] = Map[o] >= 0 ? x[Map[o]] : outside;
            }

            private readonly void Outside(byte* y, nint length)
            {
                nint count = length / K._element;
                for (nint i = 0; i < count; i++)
                    for (int b = 0; b < K._element; b++)
                        y[i * K._element + b] = b < 8 ? (byte)(K._outsideBits >> (8 * b)) : (byte)0;
            }
        }
    }
}
