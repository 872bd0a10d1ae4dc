using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The strided copy whose innermost input axis (step 1, extent M) becomes an outer output axis, and whose innermost output
/// axis (extent N) has a step s in the input: for each index of the other axes, out[m * outStride + n] = in[m + n * s].
/// </summary>
/// <remarks>
/// Tiles of 32 x 32 elements are read and written while they are in L1, in squares that are transposed in registers; the
/// rest at the edges goes element by element. Units of work are tiles, innermost along n.
/// </remarks>
internal static unsafe class TransposeTiles
{
    private const int Tile = 32;

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
        double edges = m < 8 || n < 8 ? 2 * (double)layout.Count : 0;
        return 100 + 2.5 * layout.Count * r.Problem.Output.Type.ByteSize() / r.Target.BytesPerNanosecond + layout.Count / (m * n) * 10 + edges;
    }

    public static PreparedKernel Bind(Request<StridedCopyProblem> request, PackedConstants? packed)
    {
        StridedLayout layout = StridedLayout.Of(request.Problem);
        IsaLevel isa = request.Target.Isa;
        return request.Problem.Input.Type.ByteSize() switch
        {
            1 => isa >= IsaLevel.V128 ? new Kernel<byte, TransposeTile8x8Bytes>(layout) : new Kernel<byte, TransposeTileScalar<byte>>(layout),
            2 => isa >= IsaLevel.V128 ? new Kernel<ushort, TransposeTile8x8Words>(layout) : new Kernel<ushort, TransposeTileScalar<ushort>>(layout),
            4 => isa >= IsaLevel.Avx2 ? new Kernel<uint, TransposeTile8x8Avx>(layout)
                : isa >= IsaLevel.V128 ? new Kernel<uint, TransposeTile4x4>(layout) : new Kernel<uint, TransposeTileScalar<uint>>(layout),
            8 => isa >= IsaLevel.Avx2 ? new Kernel<ulong, TransposeTile4x4Avx>(layout) : new Kernel<ulong, TransposeTileScalar<ulong>>(layout),
            _ => new Kernel<UInt128, TransposeTileScalar<UInt128>>(layout),
        };
    }

    private sealed class Kernel<T, TTile> : PreparedKernel where T : unmanaged where TTile : struct, ITransposeTile<T>
    {
        private readonly long _m, _n, _sourceStride, _destinationStride, _offset, _mTiles, _nTiles, _units;
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
            _mTiles = (_m + Tile - 1) / Tile;
            _nTiles = (_n + Tile - 1) / Tile;
            _units = layout.Count / (_m * _n) * _mTiles * _nTiles;
        }

        public override void Run(in KernelArgs args)
        {
            int tasks = WorkSplit.Tasks(_units, 2.0 * _units * Tile * Tile * sizeof(T), args.Workers);
            var body = new Body<T, TTile>(this, (T*)args.Inputs[0] + _offset, (T*)args.Outputs[0], tasks);
            args.Workers.For(tasks, ref body);
        }

        public long Begin(int task, int tasks) => WorkSplit.Begin(_units, task, tasks);

        public void Range(T* source, T* destination, long first, long last)
        {
            for (long unit = first; unit < last; unit++)
            {
                long rest = unit / _nTiles;
                long n0 = (unit - rest * _nTiles) * Tile;
                long outer = rest / _mTiles;
                long m0 = (rest - outer * _mTiles) * Tile;
                T* from = source + m0 + n0 * _sourceStride;
                T* to = destination + m0 * _destinationStride + n0;
                for (int axis = _outerRank - 1; axis >= 0; axis--)
                {
                    long next = outer / _extents[axis], index = outer - next * _extents[axis];
                    from += index * _sourceSteps[axis];
                    to += index * _destinationSteps[axis];
                    outer = next;
                }
                TileAt(from, to, Math.Min(Tile, _m - m0), Math.Min(Tile, _n - n0));
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
            for (long m = mBegin; m < mEnd; m++)
                for (long n = nBegin; n < nEnd; n++)
                    to[m * _destinationStride + n] = from[m + n * _sourceStride];
        }
    }

    private readonly struct Body<T, TTile>(Kernel<T, TTile> kernel, T* source, T* destination, int tasks) : IParallelBody
        where T : unmanaged where TTile : struct, ITransposeTile<T>
    {
        public void Run(int begin, int end, int worker) => kernel.Range(source, destination, kernel.Begin(begin, tasks), kernel.Begin(end, tasks));
    }
}
