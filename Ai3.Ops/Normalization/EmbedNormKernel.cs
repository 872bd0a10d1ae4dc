using System.Diagnostics.CodeAnalysis;

namespace Ai3.Ops;

/// <summary>Adds the rows of a token's word, position and segment and normalises the sum; ids are checked before anything is read through them.</summary>
internal static unsafe class EmbedNormKernel
{
    internal readonly struct Binder(EmbedNormProblem p) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<SingleRows<S, V>>(p);
    }

    internal readonly struct ScalarBinder(EmbedNormProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<RealRows<E>>(p);
    }

    private interface IRows
    {
        static abstract int Size { get; }

        /// <summary>y = normalised(a + b + c) * gamma + beta; the sum goes to s, or is not wanted where s is null. c may be null.</summary>
        static abstract void Run(RowStatistics statistics, byte* a, byte* b, byte* c, byte* gamma, byte* beta, byte* y, byte* s, double* buffer, nint n);
    }

    private readonly struct SingleRows<S, V> : IRows where S : struct, ISimd<V> where V : unmanaged
    {
        public static int Size => sizeof(float);

        public static void Run(RowStatistics statistics, byte* a, byte* b, byte* c, byte* gamma, byte* beta, byte* y, byte* s, double* buffer, nint n)
        {
            float* sum = (float*)(s == null ? y : s);
            for (nint i = 0; i < n; i += S.Lanes)
            {
                int lanes = (int)Math.Min(S.Lanes, n - i);
                V v = S.Add(S.LoadPartial((float*)a + i, lanes), S.LoadPartial((float*)b + i, lanes));
                S.StorePartial(c == null ? v : S.Add(v, S.LoadPartial((float*)c + i, lanes)), sum + i, lanes);
            }
            RowNorm.Normalize<S, V>(statistics, sum, (float*)y, n, (float*)gamma, (float*)beta);
        }
    }

    private readonly struct RealRows<E> : IRows where E : struct, IElement
    {
        public static int Size => typeof(E) == typeof(Float64Element) ? 8 : typeof(E) == typeof(Float32Element) ? 4 : 2;

        public static void Run(RowStatistics statistics, byte* a, byte* b, byte* c, byte* gamma, byte* beta, byte* y, byte* s, double* buffer, nint n)
        {
            double mean = 0, squares = 0;
            for (nint i = 0; i < n; i++)
            {
                buffer[i] = E.Load(a, i) + E.Load(b, i) + (c == null ? 0 : E.Load(c, i));
                mean += buffer[i];
                if (s != null)
                    E.Store(s, i, buffer[i]);
            }
            mean /= n;
            for (nint i = 0; i < n; i++)
                squares += (buffer[i] - mean) * (buffer[i] - mean);
            double inverse = statistics.Inverse(squares, n);
            for (nint i = 0; i < n; i++)
                E.Store(y, i, (buffer[i] - mean) * inverse * E.Load(gamma, i) + E.Load(beta, i));
        }
    }

    private sealed class Kernel<R>(EmbedNormProblem p) : PreparedKernel where R : struct, IRows
    {
        private readonly RowStatistics _statistics = new(NormalizationKind.Layer, p.Epsilon);

        public override void Run(in KernelArgs args)
        {
            var body = new Body<R>
            {
                Statistics = _statistics,
                Tokens = p.Tokens,
                Width = (nint)p.Width,
                PositionRows = p.PositionRows,
                Ids = (int*)args.Inputs[0],
                SegmentIds = p.Segments > 0 ? (int*)args.Inputs[1] : null,
                PositionIds = p.PositionRows > 0 ? (int*)args.Inputs[8] : null,
                Words = (byte*)args.Inputs[2],
                Positions = (byte*)args.Inputs[3],
                Segments = (byte*)args.Inputs[4],
                Gamma = (byte*)args.Inputs[5],
                Beta = (byte*)args.Inputs[6],
                Y = (byte*)args.Outputs[0],
                Sum = args.Outputs.Length > 2 ? (byte*)args.Outputs[2] : null,
                Buffers = args.Workspace,
                Split = new RowSplit(p.Batch * p.Tokens),
            };
            Check("input_ids", body.Ids, p.Batch * p.Tokens, p.Words);
            if (body.SegmentIds != null)
                Check("segment_ids", body.SegmentIds, p.Batch * p.Tokens, p.Segments);
            if (body.PositionIds != null)
                Check("position_ids", body.PositionIds, p.PositionRows * p.Tokens, p.Positions);
            else if (p.Tokens > p.Positions)
                Throw($"there are {p.Tokens} tokens, must be at most the {p.Positions} rows of position_embedding");
            if (args.Outputs.Length > 1 && args.Outputs[1] != 0)
                CountMask((int*)args.Outputs[1], p.HasMask ? (int*)args.Inputs[7] : null);
            args.Workers.For(body.Split.Items, ref body);
        }

        private void CountMask(int* counts, int* mask)
        {
            for (long b = 0; b < p.Batch; b++)
            {
                counts[b] = 0;
                for (long s = 0; mask != null && s < p.Tokens; s++)
                    counts[b] += mask[b * p.Tokens + s] == 1 ? 1 : 0;
            }
        }

        private static void Check(string name, int* ids, long count, long rows)
        {
            for (long i = 0; i < count; i++)
                if ((ulong)(long)ids[i] >= (ulong)rows)
                    Throw($"{name} has {ids[i]}, must be 0 to {rows - 1}");
        }

        [DoesNotReturn]
        private static void Throw(string message) => throw new OpException(message);
    }

    private struct Body<R> : IParallelBody where R : struct, IRows
    {
        public RowStatistics Statistics;
        public long Tokens;
        public nint Width;
        public long PositionRows;
        public int* Ids;
        public int* SegmentIds;
        public int* PositionIds;
        public byte* Words;
        public byte* Positions;
        public byte* Segments;
        public byte* Gamma;
        public byte* Beta;
        public byte* Y;
        public byte* Sum;
        public nint Buffers;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            double* buffer = (double*)(Buffers + worker * (nint)SkipNormScalar.RowBytes(Width));
            nint bytes = Width * R.Size;
            for (long token = Split.Begin(begin); token < Split.End(end); token++)
            {
                long place = token % Tokens, position = PositionIds == null ? place : PositionIds[PositionRows == 1 ? place : token];
                byte* segment = SegmentIds == null ? null : Segments + SegmentIds[token] * bytes;
                R.Run(Statistics, Words + Ids[token] * bytes, Positions + (nint)position * bytes, segment, Gamma, Beta,
                    Y + (nint)token * bytes, Sum == null ? null : Sum + (nint)token * bytes, buffer, Width);
            }
        }
    }
}
