using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Ai3.Ops;

internal static unsafe class TensorScatterAlgorithms
{
    /// <summary>Every way to append. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<TensorScatterProblem>> All =
    [
        new()
        {
            Name = "copy",
            Source = "runs of bytes; in place only the update is written",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + r.Problem.Traffic / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => new Copy(r.Problem),
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time",
            IsReference = true,
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 1e6 + 10 * r.Problem.Traffic,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Elements(r.Problem),
        },
    ];

    [DoesNotReturn]
    private static void Throw(long batch, long index, long last) =>
        throw new OpException($"write_indices[{batch}] is {index}, must be 0 to {last}");

    private sealed class Copy(TensorScatterProblem p) : PreparedKernel
    {
        private readonly long _outer = p.Shape.CountOf(1..p.Axis);
        private readonly long _bytes = p.Shape.CountOf((p.Axis + 1)..) * Ai3.Tensors.DTypes.ByteSize(p.Type);
        private readonly long _rows = p.Shape[p.Axis];
        private readonly long _batches = p.Shape[0];
        private readonly long _whole = p.Outputs[0].ByteLength;

        public override void Run(in KernelArgs args)
        {
            long* indices = (long*)args.Inputs[2];
            for (long b = 0; indices != null && b < _batches; b++)
                if (indices[b] < 0 || !p.Circular && indices[b] > _rows - p.Rows)
                    Throw(b, indices[b], p.Circular ? long.MaxValue : _rows - p.Rows);
            byte* past = (byte*)args.Inputs[0], update = (byte*)args.Inputs[1], y = (byte*)args.Outputs[0];
            if (past != y)
                Buffer.MemoryCopy(past, y, _whole, _whole);
            if (_rows == 0)
                return;
            for (long b = 0; b < _batches; b++)
            {
                long at = indices == null ? 0 : indices[b] % _rows;
                // At most two runs: up to the end of the axis, and from its beginning on.
                long first = Math.Min(p.Rows, _rows - at) * _bytes, second = p.Rows * _bytes - first;
                for (long o = b * _outer; o < (b + 1) * _outer; o++)
                {
                    byte* from = update + o * p.Rows * _bytes, to = y + o * _rows * _bytes;
                    Buffer.MemoryCopy(from, to + at * _bytes, first, first);
                    Buffer.MemoryCopy(from + first, to, second, second);
                }
            }
        }
    }

    private sealed class Elements(TensorScatterProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            int size = Ai3.Tensors.DTypes.ByteSize(p.Type);
            byte* past = (byte*)args.Inputs[0], update = (byte*)args.Inputs[1], y = (byte*)args.Outputs[0];
            long count = p.Shape.Count, inner = 1, rows = p.Shape[p.Axis];
            for (int a = p.Axis + 1; a < p.Shape.Rank; a++)
                inner *= p.Shape[a];
            for (long i = 0; i < count * size; i++)
                y[i] = past[i];
            long updates = count == 0 ? 0 : count / rows * p.Rows;
            for (long i = 0; i < updates; i++)
            {
                long c = i % inner, row = i / inner % p.Rows, outer = i / inner / p.Rows, b = outer * p.Shape[0] * rows * inner / count;
                long index = args.Inputs[2] == 0 ? 0 : ((long*)args.Inputs[2])[b];
                if (index < 0 || !p.Circular && index + p.Rows > rows)
                    Throw(b, index, rows - p.Rows);
                long to = (outer * rows + (index % rows + row) % rows) * inner + c;
                for (int k = 0; k < size; k++)
                    y[to * size + k] = update[i * size + k];
            }
        }
    }
}
