using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to compute STFT.</summary>
internal static unsafe class StftAlgorithms
{
    public static ImmutableArray<Algorithm<StftProblem>> All { get; } =
    [
        new()
        {
            Name = "fft",
            Source = "each frame by Stockham 1966, mixed radix; Bluestein 1970 for large prime factors; in double",
            Workspace = "a frame and scratch in double a thread",
            PropagatesExactly = false,
            Supports = static (p, _) => Applicability.If(p.Signal.Type.IsFloat(), $"element type is {p.Signal.Type.ShortName()}, needs a float type"),
            WorkspaceBytes = static r => r.Target.Threads * SignalLanes.BytesAWorker(r.Problem.Length, r.Problem.IsReal, inverse: false),
            CostHint = static r => 200 + r.Problem.Batch * r.Problem.Frames * Spectrum.Cost(r.Problem.Length, r.Problem.IsReal, inverse: false) / r.Target.Threads,
            Error = static (p, _) => SignalLanes.Error(p.Signal.Type, p.Length),
            Bind = static (r, _) => NumberTypes.Select<Maker, PreparedKernel>(r.Problem.Signal.Type, new Maker(r.Problem)),
        },
        ReferenceAlgorithm.Of<StftProblem>(Evaluate),
    ];

    /// <summary>Each bin of each frame by its definition.</summary>
    public static OracleResult Evaluate(StftProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!;
        double[]? window = inputs[2];
        long n = p.Length, parts = p.Signal.Shape[2], to = 0;
        var values = new double[p.Outputs[0].Shape.Count];
        var magnitudes = new double[values.Length];
        double[] re = new double[n], im = new double[n];
        for (long b = 0; b < p.Batch; b++)
            for (long f = 0; f < p.Frames; f++)
            {
                for (long j = 0; j < n; j++)
                {
                    long at = (b * p.Signal.Shape[1] + f * p.Step + j) * parts;
                    double weight = window is null ? 1 : window[j];
                    re[j] = x[at] * weight;
                    im[j] = parts == 2 ? x[at + 1] * weight : 0;
                }
                for (long k = 0; k < p.Bins; k++, to += 2)
                {
                    (values[to], values[to + 1], magnitudes[to]) = DftOracle.Bin(re, im, k, inverse: false);
                    magnitudes[to + 1] = magnitudes[to];
                }
            }
        return new OracleResult([values], [magnitudes]);
    }

    private readonly struct Maker(StftProblem problem) : INumberFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(problem);
    }

    private sealed class Kernel<T>(StftProblem p) : PreparedKernel where T : unmanaged
    {
        private readonly Spectrum _spectrum = new((int)p.Length, p.IsReal, inverse: false);
        private readonly long _bytes = SignalLanes.BytesAWorker(p.Length, p.IsReal, inverse: false);
        private readonly int _length = (int)p.Length;
        private readonly long _samples = p.Signal.Shape[1];
        private readonly long _frames = p.Frames;
        private readonly long _all = p.Batch * p.Frames;
        private readonly long _step = p.Step;
        private readonly int _bins = (int)p.Bins;
        private readonly int _parts = (int)p.Signal.Shape[2];

        public override void Run(in KernelArgs args)
        {
            int tasks = WorkSplit.Tasks(_all, 64.0 * _all * _length, args.Workers);
            var body = new Body
            {
                Kernel = this,
                Tasks = tasks,
                X = (T*)args.Inputs[0],
                Window = (T*)args.Inputs[2],
                Y = (T*)args.Outputs[0],
                Workspace = args.Workspace,
            };
            args.Workers.For(tasks, ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<T> Kernel;
            public int Tasks;
            public T* X;
            public T* Window;
            public T* Y;
            public nint Workspace;

            public readonly void Run(int begin, int end, int worker)
            {
                double* re = (double*)(Workspace + (nint)(worker * Kernel._bytes)), im = re + Kernel._length, scratch = im + Kernel._length;
                long last = WorkSplit.Begin(Kernel._all, end, Tasks);
                for (long frame = WorkSplit.Begin(Kernel._all, begin, Tasks); frame < last; frame++)
                {
                    Kernel.Load(X, Window, frame, re, im);
                    Kernel._spectrum.Transform(re, im, scratch);
                    Kernel.Store(Y + frame * 2 * Kernel._bins, re, im);
                }
            }
        }

        private void Load(T* x, T* window, long frame, double* re, double* im)
        {
            (long batch, long f) = Math.DivRem(frame, _frames);
            x += (batch * _samples + f * _step) * _parts;
            for (int j = 0; j < _length; j++, x += _parts)
            {
                double weight = window == null ? 1 : Conversions.One<T, double>(window[j]);
                re[j] = Conversions.One<T, double>(x[0]) * weight;
                if (_parts == 2)
                    im[j] = Conversions.One<T, double>(x[1]) * weight;
            }
        }

        private void Store(T* y, double* re, double* im)
        {
            for (int k = 0; k < _bins; k++, y += 2)
            {
                y[0] = Conversions.One<double, T>(re[k]);
                y[1] = Conversions.One<double, T>(im[k]);
            }
        }
    }
}
