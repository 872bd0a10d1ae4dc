using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to lay out relative position biases.</summary>
internal static unsafe class PositionBiasAlgorithms
{
    public static readonly ImmutableArray<Algorithm<PositionBiasProblem>> All =
    [
        new()
        {
            Name = "diagonals",
            Source = "Raffel et al. 2020, arXiv:1910.10683: a bucket for each diagonal, then rows that slide along them",
            Workspace = "the biases of all diagonals of a head a thread",
            Supports = static (_, _) => Applicability.Yes,
            WorkspaceBytes = static r => ShapeMath.Multiply(BytesAThread(r.Problem), r.Target.Threads),
            CostHint = static r => 100 + (r.Problem.Traffic / r.Target.BytesPerNanosecond + 20.0 * Diagonals(r.Problem) * r.Problem.Table.Shape[1]) / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time",
            IsReference = true,
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 1e6 + 50 * r.Problem.Flops,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Reference(r.Problem),
        },
    ];

    // The last diagonal is the first query's last key; at least one, so that sizes are not negative.
    private static long Diagonals(PositionBiasProblem p) => Math.Max(1, p.Queries + p.Keys - 1);

    private static long BytesAThread(PositionBiasProblem p) => ShapeMath.RoundUp(ShapeMath.Multiply(Diagonals(p), p.Table.Type.ByteSize()), NativeBuffer.Alignment);

    // In float32, as models are trained.
    private static long Far(long distance, long near, long buckets, long maxDistance) =>
        Math.Min(buckets - 1, near + (long)(MathF.Log((float)distance / near) / MathF.Log((float)maxDistance / near) * (buckets - near)));

    private sealed class Kernel(PositionBiasProblem p) : PreparedKernel
    {
        private readonly int _size = p.Table.Type.ByteSize();
        private readonly long _buckets = p.Buckets;

        public nint BytesOfDiagonals { get; } = (nint)BytesAThread(p);

        public override void Run(in KernelArgs args)
        {
            var body = new Body
            {
                Table = (byte*)args.Inputs[0],
                Y = (byte*)args.Outputs[0],
                Buffers = (byte*)args.Workspace,
                Kernel = this,
                Split = new RowSplit(p.Queries == 0 || p.Keys == 0 ? 0 : p.Table.Shape[1]),
            };
            args.Workers.For(body.Split.Items, ref body);
        }

        // Biases of key - query from 1 - queries to keys - 1; query i's row starts queries - 1 - i from the first.
        public void Head(long head, byte* table, byte* y, byte* diagonals)
        {
            long heads = p.Table.Shape[1], row = p.Keys * _size;
            for (long d = 0; d < p.Queries + p.Keys - 1; d++)
                Buffer.MemoryCopy(table + (nint)((Bucket(d - (p.Queries - 1)) * heads + head) * _size), diagonals + (nint)(d * _size), _size, _size);
            for (long i = 0; i < p.Queries; i++)
                Buffer.MemoryCopy(diagonals + (nint)((p.Queries - 1 - i) * _size), y + (nint)((head * p.Queries + i) * row), row, row);
        }

        private long Bucket(long relative)
        {
            long after = p.Bidirectional && relative > 0 ? _buckets : 0, distance = p.Bidirectional ? Math.Abs(relative) : Math.Max(0, -relative), near = _buckets / 2;
            return after + (distance < near ? distance : Far(distance, near, _buckets, p.MaxDistance));
        }
    }

    private struct Body : IParallelBody
    {
        public byte* Table, Y, Buffers;
        public Kernel Kernel;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long head = Split.Begin(begin); head < Split.End(end); head++)
                Kernel.Head(head, Table, Y, Buffers + worker * Kernel.BytesOfDiagonals);
        }
    }

    private sealed class Reference(PositionBiasProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            long heads = p.Table.Shape[1], side = p.Table.Shape[0] / (p.Bidirectional ? 2 : 1), near = side / 2;
            for (long i = 0; i < p.Outputs[0].Shape.Count; i++)
            {
                long key = i % p.Keys, query = i / p.Keys % p.Queries, head = i / p.Keys / p.Queries, bucket;
                bool isAfter = key > query;
                long distance = isAfter ? p.Bidirectional ? key - query : 0 : query - key;
                if (distance < near)
                    bucket = distance;
                else
                    bucket = (long)(near + (long)(MathF.Log(distance / (float)near) / MathF.Log(p.MaxDistance / (float)near) * (side - near)));
                bucket = Math.Min(bucket, side - 1) + (isAfter && p.Bidirectional ? side : 0);
                PackedBits.CopyElement((byte*)args.Inputs[0], bucket * heads + head, (byte*)args.Outputs[0], i, p.Table.Type);
            }
        }
    }
}
