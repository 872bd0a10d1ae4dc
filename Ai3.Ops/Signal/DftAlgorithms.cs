using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to compute DFT.</summary>
internal static unsafe class DftAlgorithms
{
    public static ImmutableArray<Algorithm<DftProblem>> All { get; } =
    [
        new()
        {
            Name = "fft",
            Source = "Stockham 1966, mixed radix; Bluestein 1970 for large prime factors; in double",
            Workspace = "a signal and scratch in double a thread",
            // A sample reaches every bin of its signal, and transforms of parts meet infinities in another order.
            PropagatesExactly = false,
            Supports = static (p, _) => Applicability.If(p.Input.Type.IsFloat(), $"element type is {p.Input.Type.ShortName()}, needs a float type"),
            WorkspaceBytes = static r => r.Target.Threads * SignalLanes.BytesAWorker(r.Problem.Length, r.Problem.IsReal, r.Problem.Inverse),
            CostHint = static r => 200 + r.Problem.Outer * r.Problem.Inner * Spectrum.Cost(r.Problem.Length, r.Problem.IsReal, r.Problem.Inverse) / r.Target.Threads,
            Error = static (p, _) => SignalLanes.Error(p.Input.Type, p.Length),
            Bind = static (r, _) => NumberTypes.Select<Maker, PreparedKernel>(r.Problem.Input.Type, new Maker(r.Problem)),
        },
        ReferenceAlgorithm.Of<DftProblem>(DftOracle.Evaluate),
    ];

    private readonly struct Maker(DftProblem problem) : INumberFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(problem);
    }

    private sealed class Kernel<T>(DftProblem p) : PreparedKernel where T : unmanaged
    {
        private readonly Spectrum _spectrum = new((int)p.Length, p.IsReal, p.Inverse);
        private readonly long _bytes = SignalLanes.BytesAWorker(p.Length, p.IsReal, p.Inverse);
        private readonly int _length = (int)p.Length;
        private readonly long _inLength = p.Input.Shape[p.Axis];
        private readonly long _outLength = p.OutLength;
        private readonly nint _inner = (nint)p.Inner;
        private readonly long _lanes = p.Outer * p.Inner;
        private readonly int _parts = (int)p.Input.Shape[^1];
        private readonly bool _toReal = p.ToReal;

        public override void Run(in KernelArgs args)
        {
            int tasks = WorkSplit.Tasks(_lanes, 64.0 * _lanes * _length, args.Workers);
            var body = new Body { Kernel = this, Tasks = tasks, X = (T*)args.Inputs[0], Y = (T*)args.Outputs[0], Workspace = args.Workspace };
            args.Workers.For(tasks, ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<T> Kernel;
            public int Tasks;
            public T* X;
            public T* Y;
            public nint Workspace;

            public readonly void Run(int begin, int end, int worker)
            {
                double* re = (double*)(Workspace + (nint)(worker * Kernel._bytes)), im = re + Kernel._length, scratch = im + Kernel._length;
                long last = WorkSplit.Begin(Kernel._lanes, end, Tasks);
                for (long lane = WorkSplit.Begin(Kernel._lanes, begin, Tasks); lane < last; lane++)
                {
                    Kernel.Load(X, lane, re, im);
                    Kernel._spectrum.Transform(re, im, scratch);
                    Kernel.Store(Y, lane, re, im);
                }
            }
        }

        private void Load(T* x, long lane, double* re, double* im)
        {
            (long outer, long inner) = Math.DivRem(lane, _inner);
            // Of a one-sided spectrum the other half is its mirror image.
            int wanted = _toReal ? _length / 2 + 1 : _length, given = (int)Math.Min(_inLength, wanted);
            nint step = _inner * _parts;
            x += (outer * _inLength * _inner + inner) * _parts;
            for (int j = 0; j < given; j++, x += step)
            {
                re[j] = Conversions.One<T, double>(x[0]);
                if (_parts == 2)
                    im[j] = Conversions.One<T, double>(x[1]);
            }
            for (int j = given; j < wanted; j++)
                re[j] = im[j] = 0;
            if (!_toReal)
                return;
            im[0] = 0;
            for (int j = 1; j < _length - j; j++)
                (re[_length - j], im[_length - j]) = (re[j], -im[j]);
            if (_length % 2 == 0)
                im[_length / 2] = 0;
        }

        private void Store(T* y, long lane, double* re, double* im)
        {
            (long outer, long inner) = Math.DivRem(lane, _inner);
            int parts = _toReal ? 1 : 2;
            nint step = _inner * parts;
            y += (outer * _outLength * _inner + inner) * parts;
            for (int k = 0; k < _outLength; k++, y += step)
            {
                y[0] = Conversions.One<double, T>(re[k]);
                if (!_toReal)
                    y[1] = Conversions.One<double, T>(im[k]);
            }
        }
    }
}
