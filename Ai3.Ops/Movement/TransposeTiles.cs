using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The strided copy whose innermost input axis (step 1, extent M) becomes an outer output axis, and whose innermost output
/// axis (extent N) has a step s in the input: for each index of the other axes, out[m * outStride + n] = in[m + n * s].
/// </summary>
/// <remarks>
/// Tiles of 128 bytes along m (two lines of the input, which share a page) and at least 32
/// elements or a line along n are read and written while they are in L1, in squares that are transposed in registers; the rest
/// at the edges goes in smaller squares and then element by element. Where N is 4 or less, 2 to 4 rows are interleaved instead,
/// in tiles of 1024 x N. Units of work are tiles, innermost along n.
/// </remarks>
internal static unsafe class TransposeTiles
{
    private const int TileM = 128;
    private const int TileN = 64;
    private const int InterleavedRows = 4;
    private const int InterleavedTile = 1024;

    public static Applicability Supports(StridedCopyProblem p, Target target)
    {
        Applicability bytes = ElementSize.RequireWholeBytes(p.Input.Type);
        if (!bytes.IsYes)
            return bytes;
        StridedLayout layout = StridedLayout.Of(p);
        if (layout.Rank > StridedLayout.MaxRank)
            return Applicability.No($"box has more than {StridedLayout.MaxRank} axes after merging");
        return Applicability.If(layout.TransposedAxis >= 0, "innermost axis stays innermost or repeats, must move outward");
    }

    public static double CostHint(Request<StridedCopyProblem> r)
    {
        StridedLayout layout = StridedLayout.Of(r.Problem);
        double m = layout.Extents[layout.TransposedAxis], n = layout.Extents[^1];
        double edges = n <= InterleavedRows ? 0.3 * layout.Count : m < 8 || n < 8 ? 2.0 * layout.Count : 0;
        return 100 + 2.5 * layout.Count * r.Problem.Output.Type.ByteSize() / r.Target.BytesPerNanosecond + layout.Count / (m * n) * 5 + edges;
    }

    public static PreparedKernel Bind(Request<StridedCopyProblem> request, PackedConstants? packed)
    {
        StridedLayout layout = StridedLayout.Of(request.Problem);
        IsaLevel isa = request.Target.Isa;
        return request.Problem.Input.Type.ByteSize() switch
        {
            1 => isa >= IsaLevel.V128 ? Make<byte, TransposeTile8x8Bytes, TransposeTileScalar<byte>>(layout) : Scalar<byte>(layout),
            2 => isa >= IsaLevel.V128 ? Make<ushort, TransposeTile8x8Words, TransposeTileScalar<ushort>>(layout) : Scalar<ushort>(layout),
            4 => isa switch
            {
                IsaLevel.Avx512 => Make<uint, TransposeTile16x16Avx512, TransposeTile8x8Avx>(layout),
                IsaLevel.Avx2 => Make<uint, TransposeTile8x8Avx, TransposeTile4x4>(layout),
                IsaLevel.V128 => Make<uint, TransposeTile4x4, TransposeTileScalar<uint>>(layout),
                _ => Scalar<uint>(layout),
            },
            8 => isa >= IsaLevel.Avx2 ? Make<ulong, TransposeTile4x4Avx, TransposeTileScalar<ulong>>(layout) : Scalar<ulong>(layout),
            _ => Scalar<UInt128>(layout),
        };
    }

    private static Kernel<T, TTile, TEdge> Make<T, TTile, TEdge>(StridedLayout layout)
        where T : unmanaged where TTile : struct, ITransposeTile<T> where TEdge : struct, ITransposeTile<T> => new(layout);

    private static Kernel<T, TransposeTileScalar<T>, TransposeTileScalar<T>> Scalar<T>(StridedLayout layout) where T : unmanaged => new(layout);

    private sealed class Kernel<T, TTile, TEdge> : PreparedKernel
        where T : unmanaged where TTile : struct, ITransposeTile<T> where TEdge : struct, ITransposeTile<T>
    {
        private readonly long _m, _n, _sourceStride, _destinationStride, _offset, _mTile, _nTile, _mTiles, _nTiles, _units;
        private readonly int _outerRank;
        private readonly long[] _extents;
        private readonly long[] _sourceSteps;
        private readonly long[] _destinationSteps;

        public Kernel(StridedLayout layout)
        {
            int a = layout.TransposedAxis, last = layout.Rank - 1;
            long[] outputSteps = ShapeMath.RowMajorStrides(layout.Extents);
            (_m, _n) = (layout.Extents[a], layout.Extents[last]);
            (_sourceStride, _destinationStride, _offset) = (layout.Steps[last], outputSteps[a], layout.Offset);
            int[] outer = [.. Enumerable.Range(0, last).Where(i => i != a)];
            _outerRank = outer.Length;
            _extents = [.. outer.Select(i => layout.Extents[i])];
            _sourceSteps = [.. outer.Select(i => layout.Steps[i])];
            _destinationSteps = [.. outer.Select(i => outputSteps[i])];
            _mTile = _n <= InterleavedRows ? InterleavedTile : Math.Max(32, TileM / sizeof(T));
            _nTile = Math.Max(32, TileN / sizeof(T));
            _mTiles = (_m + _mTile - 1) / _mTile;
            _nTiles = (_n + _nTile - 1) / _nTile;
            _units = layout.Count / (_m * _n) * _mTiles * _nTiles;
        }

        public override void Run(in KernelArgs args)
        {
            int tasks = WorkSplit.Tasks(_units, 2.0 * _units * _mTile * Math.Min(_nTile, _n) * sizeof(T), args.Workers);
            var body = new Body<T, TTile, TEdge>(this, (T*)args.Inputs[0] + _offset, (T*)args.Outputs[0], tasks);
            args.Workers.For(tasks, ref body);
        }

        public long Begin(int task, int tasks) => WorkSplit.Begin(_units, task, tasks);

        public void Range(T* source, T* destination, long first, long last)
        {
            for (long unit = first; unit < last; unit++)
            {
                long rest = unit / _nTiles;
                long n0 = (unit - rest * _nTiles) * _nTile;
                long outer = rest / _mTiles;
                long m0 = (rest - outer * _mTiles) * _mTile;
                T* from = source + m0 + n0 * _sourceStride;
                T* to = destination + m0 * _destinationStride + n0;
                for (int axis = _outerRank - 1; axis >= 0; axis--)
                {
                    long next = outer / _extents[axis], index = outer - next * _extents[axis];
                    from += index * _sourceSteps[axis];
                    to += index * _destinationSteps[axis];
                    outer = next;
                }
                if (_n <= InterleavedRows)
                    InterleaveRows(from, to, Math.Min(_mTile, _m - m0));
                else
                    TileAt(from, to, Math.Min(_mTile, _m - m0), Math.Min(_nTile, _n - n0));
            }
        }

        private void TileAt(T* from, T* to, long rows, long columns)
        {
            long fullRows = rows / TTile.Size * TTile.Size, fullColumns = columns / TTile.Size * TTile.Size;
            for (long m = 0; m < fullRows; m += TTile.Size)
                for (long n = 0; n < fullColumns; n += TTile.Size)
                    TTile.Run(from + m + n * _sourceStride, (nint)_sourceStride, to + m * _destinationStride + n, (nint)_destinationStride);
            if (fullColumns < columns)
                Edge(from, to, 0, fullRows, fullColumns, columns);
            if (fullRows < rows)
                Edge(from, to, fullRows, rows, 0, columns);
        }

        private void Edge(T* from, T* to, long mBegin, long mEnd, long nBegin, long nEnd)
        {
            long mFull = mBegin + (mEnd - mBegin) / TEdge.Size * TEdge.Size, nFull = nBegin + (nEnd - nBegin) / TEdge.Size * TEdge.Size;
            for (long m = mBegin; m < mFull; m += TEdge.Size)
                for (long n = nBegin; n < nFull; n += TEdge.Size)
                    TEdge.Run(from + m + n * _sourceStride, (nint)_sourceStride, to + m * _destinationStride + n, (nint)_destinationStride);
            Elements(from, to, mBegin, mFull, nFull, nEnd);
            Elements(from, to, mFull, mEnd, nBegin, nEnd);
        }

        private void Elements(T* from, T* to, long mBegin, long mEnd, long nBegin, long nEnd)
        {
            for (long n = nBegin; n < nEnd; n++)
            {
                T* source = from + n * _sourceStride;
                T* destination = to + mBegin * _destinationStride + n;
                for (long m = mBegin; m < mEnd; m++, destination += _destinationStride)
                    *destination = source[m];
            }
        }

        // N is 2, 3 or 4: an axis of one element is merged away.
        private void InterleaveRows(T* a, T* to, long rows)
        {
            T* b = a + _sourceStride, c = b + _sourceStride, d = c + _sourceStride;
            long stride = _destinationStride;
            switch (_n)
            {
                case 2:
                    for (long m = 0; m < rows; m++, to += stride)
                        (to[0], to[1]) = (a[m], b[m]);
                    break;
                case 3:
                    for (long m = 0; m < rows; m++, to += stride)
                        (to[0], to[1], to[2]) = (a[m], b[m], c[m]);
                    break;
                default:
                    for (long m = 0; m < rows; m++, to += stride)
                        (to[0], to[1], to[2], to[3]) = (a[m], b[m], c[m], d[m]);
                    break;
            }
        }
    }

    private readonly struct Body<T, TTile, TEdge>(Kernel<T, TTile, TEdge> kernel, T* source, T* destination, int tasks) : IParallelBody
        where T : unmanaged where TTile : struct, ITransposeTile<T> where TEdge : struct, ITransposeTile<T>
    {
        public void Run(int begin, int end, int worker) => kernel.Range(source, destination, kernel.Begin(begin, tasks), kernel.Begin(end, tasks));
    }
}
