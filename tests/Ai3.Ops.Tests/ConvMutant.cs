using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>What is wrong with a <see cref="ConvMutant"/>: the mistakes that people make in kernels.</summary>
public enum Mutation
{
    None,
    OffByOneInTail,
    MissedTile,
    WorkspaceOverrun,
    UnwrittenLastElement,
    WrongGroupOffset,
    RaceOverThreads,
}

/// <summary>
/// A convolution that sums a row of outputs in workspace, one row for each worker, and stores it in tiles of four. Right, but for one mistake.
/// </summary>
internal sealed unsafe class ConvMutant(Mutation mutation)
{
    public static Algorithm<ConvProblem> Row(Mutation mutation) => new()
    {
        Name = "mutant",
        Source = "this test",
        Supports = static (p, _) => Applicability.If(p.Type == DType.Float32 && p.SpatialRank == 2, "needs a 2-D convolution of f32"),
        WorkspaceBytes = static r => sizeof(float) * r.Target.Threads * r.Problem.W.Out,
        CostHint = static r => r.Problem.Flops,
        Error = static (p, _) => ErrorBound.PerElement(p.Depth + 1),
        Bind = new ConvMutant(mutation).Bind,
    };

    private Kernel Bind(Request<ConvProblem> request, PackedConstants? packed) => new(mutation, request);

    private sealed class Kernel(Mutation mutation, Request<ConvProblem> request) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body
            {
                Mutation = mutation,
                P = request.Problem,
                X = (float*)args.Inputs[0],
                W = (float*)args.Inputs[1],
                Bias = (float*)args.Inputs[2],
                Y = (float*)args.Outputs[0],
                Sums = (float*)args.Workspace,
            };
            args.Workers.For(checked((int)(body.P.N * body.P.OutChannels * body.P.H.Out)), ref body);
            if (mutation == Mutation.WorkspaceOverrun)
                body.Sums[request.Target.Threads * body.P.W.Out] = 0;
        }
    }

    private struct Body : IParallelBody
    {
        private const int Tile = 4;

        public Mutation Mutation;
        public ConvProblem P;
        public float* X, W, Bias, Y, Sums;

        public readonly void Run(int begin, int end, int worker)
        {
            float* sums = Sums + (Mutation == Mutation.RaceOverThreads ? 0 : worker) * P.W.Out;
            for (int row = begin; row < end; row++)
            {
                Sum(row, sums);
                if (Mutation == Mutation.RaceOverThreads)
                    Thread.SpinWait(2000);
                Store(row, sums);
            }
        }

        private readonly void Sum(long row, float* sums)
        {
            long i = row % P.H.Out, m = row / P.H.Out % P.OutChannels, n = row / P.H.Out / P.OutChannels, group = m / P.GroupOutChannels;
            long first = Mutation == Mutation.WrongGroupOffset
                ? Math.Min(group * P.GroupOutChannels, P.InChannels - P.GroupInChannels) : group * P.GroupInChannels;
            for (long j = 0; j < P.W.Out; j++)
                sums[j] = Bias == null ? 0 : Bias[m];
            for (long c = 0; c < P.GroupInChannels; c++)
                for (long a = 0; a < P.H.Kernel; a++)
                {
                    long h = i * P.H.Stride + a * P.H.Dilation - P.H.PadBegin;
                    if (h < 0 || h >= P.H.In)
                        continue;
                    float* x = X + ((n * P.InChannels + first + c) * P.H.In + h) * P.W.In;
                    for (long b = 0; b < P.W.Kernel; b++)
                        AddTap(x, W[((m * P.GroupInChannels + c) * P.H.Kernel + a) * P.W.Kernel + b], b * P.W.Dilation - P.W.PadBegin, sums);
                }
        }

        private readonly void AddTap(float* x, float w, long offset, float* sums)
        {
            for (long j = 0; j < P.W.Out; j++)
                if (j * P.W.Stride + offset is >= 0 and var at && at < P.W.In)
                    sums[j] += w * x[at];
        }

        private readonly void Store(long row, float* sums)
        {
            float* y = Y + row * P.W.Out;
            for (long t = 0; t < P.W.Out; t += Tile)
            {
                long count = Math.Min(Tile, P.W.Out - t);
                if (Mutation == Mutation.MissedTile && t == 2 * Tile)
                    continue;
                bool last = row == P.N * P.OutChannels * P.H.Out - 1 && t + count == P.W.Out;
                for (long j = 0; j < count - (Mutation == Mutation.UnwrittenLastElement && last ? 1 : 0); j++)
                    y[t + j] = sums[t + j - (Mutation == Mutation.OffByOneInTail && t > 0 && count < Tile ? 1 : 0)];
            }
        }
    }
}
