using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Ai3.Ops;

/// <summary>Every way to block repeated n-grams.</summary>
internal static unsafe class NGramBlockAlgorithms
{
    public static readonly ImmutableArray<Algorithm<NGramBlockProblem>> All =
    [
        new()
        {
            Name = "compare",
            Source = "the last tokens compared with those at every place",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + r.Problem.Traffic / r.Target.BytesPerNanosecond + 2.0 * r.Problem.Ids.Count,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 1)],
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        ReferenceAlgorithm.Of<NGramBlockProblem>(Evaluate),
    ];

    internal static OracleResult Evaluate(NGramBlockProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] scores = [.. inputs[1]!];
        long length = p.Ids[1], tokens = p.Scores[1];
        for (long b = 0; b < p.Ids[0]; b++)
            for (long last = p.Size - 1; last < length; last++)
            {
                bool same = true;
                for (long back = 1; back < p.Size; back++)
                    same &= inputs[0]![b * length + last - back] == inputs[0]![b * length + length - back];
                if (!same)
                    continue;
                long token = (long)inputs[0]![b * length + last];
                if (token < 0 || token >= tokens)
                    throw new OpException($"token {token} is outside the {tokens} scores");
                scores[b * tokens + token] = double.NegativeInfinity;
            }
        return OracleResult.Of(scores);
    }

    private sealed class Kernel(NGramBlockProblem p) : PreparedKernel
    {
        private readonly long _batch = p.Ids[0];
        private readonly long _length = p.Ids[1];
        private readonly long _tokens = p.Scores[1];
        private readonly long _prefix = p.Size - 1;

        public override void Run(in KernelArgs args)
        {
            var ids = (long*)args.Inputs[0];
            float* scores = (float*)args.Inputs[1], blocked = (float*)args.Outputs[0];
            if (scores != blocked)
                Buffer.MemoryCopy(scores, blocked, _batch * _tokens * sizeof(float), _batch * _tokens * sizeof(float));
            for (long b = 0; b < _batch; b++, ids += _length, blocked += _tokens)
            {
                if (_prefix >= _length)
                    continue;
                var end = new ReadOnlySpan<long>(ids + (_length - _prefix), (int)_prefix);
                for (long i = 0; i + _prefix < _length; i++)
                {
                    if (!end.SequenceEqual(new ReadOnlySpan<long>(ids + i, (int)_prefix)))
                        continue;
                    long token = ids[i + _prefix];
                    if ((ulong)token >= (ulong)_tokens)
                        Throw(token, _tokens);
                    blocked[token] = float.NegativeInfinity;
                }
            }
        }

        [DoesNotReturn]
        private static void Throw(long token, long tokens) => throw new OpException($"token {token} is outside the {tokens} scores");
    }
}
