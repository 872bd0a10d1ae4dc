using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Docs.Tests;

/// <summary>y[n,m,i,j] = b[m] + sum over c,a,b of w[m,c,a,b] x[n,c,i+a,j+b]; plain layout, no workspace. Author 2026.</summary>
internal static unsafe class ConvMyConv
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "my_conv",                                    // snake_case; public and stable
        Source = "Author 2026, a journal",
        Needs = "2-D float32, one group, no padding, stride 1, no dilation",
        Supports = Supports,                                 // a verdict for every problem; never throws
        CostHint = static r => r.Problem.Flops,              // nanoseconds, to rank with
        Error = static (p, _) => ErrorBound.PerElement(p.Depth + 1),   // the longest chain of roundings
        Bind = static (r, _) => new Kernel(r.Problem),
    };

    private static Applicability Supports(ConvProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.SpatialRank == 2 && p.Group == 1, $"rank {p.SpatialRank}, group {p.Group}; needs 2 and 1"))
            .And(Applicability.If(IsPlain(p.H) && IsPlain(p.W), "strides, dilations or pads; needs none"));

    private static bool IsPlain(ConvAxis axis) => axis is { Stride: 1, Dilation: 1, PadBegin: 0, PadEnd: 0 };

    private sealed class Kernel(ConvProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            var rows = new Rows
            {
                P = p,
                X = (float*)args.Inputs[0],
                Weights = (float*)args.Inputs[1],
                Bias = (float*)args.Inputs[2],
                Y = (float*)args.Outputs[0],
            };
            args.Workers.For(checked((int)(p.N * p.OutChannels)), ref rows);
        }
    }

    // One output plane an iteration: planes are independent, so any split over threads gives the same bits.
    private struct Rows : IParallelBody
    {
        public ConvProblem P;
        public float* X, Weights, Bias, Y;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int plane = begin; plane < end; plane++)
                Plane(plane / P.OutChannels, plane % P.OutChannels);
        }

        private readonly void Plane(long n, long m)
        {
            for (long i = 0; i < P.H.Out; i++)
                for (long j = 0; j < P.W.Out; j++)
                    Y[((n * P.OutChannels + m) * P.H.Out + i) * P.W.Out + j] = Pixel(n, m, i, j);
        }

        private readonly float Pixel(long n, long m, long i, long j)
        {
            float sum = Bias == null ? 0 : Bias[m];
            for (long c = 0; c < P.InChannels; c++)
                for (long a = 0; a < P.H.Kernel; a++)
                    for (long b = 0; b < P.W.Kernel; b++)
                        sum += Weights[((m * P.InChannels + c) * P.H.Kernel + a) * P.W.Kernel + b]
                            * X[((n * P.InChannels + c) * P.H.In + i + a) * P.W.In + j + b];
            return sum;
        }
    }
}
