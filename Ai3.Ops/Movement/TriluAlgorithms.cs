using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to take a triangle.</summary>
internal static unsafe class TriluAlgorithms
{
    public static readonly ImmutableArray<Algorithm<TriluProblem>> All =
    [
        new()
        {
            Name = "copy_rows",
            Source = "one run of memory and one or two of zeros for each row",
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Data.Type),
            CostHint = static r => 100 + 5.0 * r.Problem.Data.Shape.CountOf(..^1) + r.Problem.Traffic / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Data.Type),
            CostHint = static r => 50.0 * r.Problem.Data.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Reference(r.Problem),
        },
    ];

    private sealed class Kernel(TriluProblem p) : PreparedKernel
    {
        private readonly long _rows = p.Data.Shape[^2];
        private readonly long _columns = p.Data.Shape[^1];
        private readonly long _allRows = p.Data.Shape.Count == 0 ? 0 : p.Data.Shape.CountOf(..^1);
        private readonly int _size = p.Data.Type.ByteSize();
        private readonly bool _upper = p.Upper;

        public override void Run(in KernelArgs args)
        {
            long k = args.Inputs[1] == 0 ? 0 : *(long*)args.Inputs[1];
            // Beyond the matrix every k is alike.
            k = Math.Clamp(k, -_rows - 1, _columns + 1);
            long row = _columns * _size;
            byte* from = (byte*)args.Inputs[0], to = (byte*)args.Outputs[0];
            for (long r = 0; r < _allRows; r++, from += row, to += row)
            {
                long diagonal = r % _rows + k;
                long first = _upper ? Math.Clamp(diagonal, 0, _columns) : 0;
                long last = _upper ? _columns : Math.Clamp(diagonal + 1, 0, _columns);
                NativeMemory.Clear(to, (nuint)(first * _size));
                if (from != to)
                    Buffer.MemoryCopy(from + first * _size, to + first * _size, (last - first) * _size, (last - first) * _size);
                NativeMemory.Clear(to + last * _size, (nuint)(row - last * _size));
            }
        }
    }

    private sealed class Reference(TriluProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            Int128 k = args.Inputs[1] == 0 ? 0 : *(long*)args.Inputs[1];
            long rows = p.Data.Shape[^2], columns = p.Data.Shape[^1];
            UInt128 zeros = 0;
            for (long i = 0; i < p.Data.Shape.Count; i++)
            {
                long column = i % columns, row = i / columns % rows;
                bool kept = p.Upper ? column >= row + k : column <= row + k;
                PackedBits.CopyElement(kept ? (byte*)args.Inputs[0] : (byte*)&zeros, kept ? i : 0, (byte*)args.Outputs[0], i, p.Data.Type);
            }
        }
    }
}
