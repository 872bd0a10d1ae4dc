using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to draw random tensors.</summary>
internal static unsafe class RandomAlgorithms
{
    public static ImmutableArray<Algorithm<RandomProblem>> All { get; } =
    [
        new()
        {
            Name = "philox",
            Source = "Salmon, Moraes, Dror and Shaw 2011; Box and Muller 1958",
            Workspace = "Multinomial: the running sums of a row's probabilities a thread",
            Supports = static (_, _) => Applicability.Yes,
            WorkspaceBytes = static r => r.Problem.Kind == RandomKind.Multinomial ? r.Target.Threads * BytesAWorker(r.Problem) : 0,
            CostHint = static r => 100 + r.Problem.Flops / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => r.Problem.Kind == RandomKind.Multinomial ? new MultinomialKernel(r.Problem) : new ElementKernel(r.Problem),
        },
    ];

    private static long BytesAWorker(RandomProblem p) => ShapeMath.RoundUp(ShapeMath.Multiply(p.Input.Shape[1], sizeof(double)), 64);

    private static Philox GeneratorOf(float? seed) => seed is { } given ? Philox.Of(given) : Philox.Fresh();

    private sealed class ElementKernel(RandomProblem p) : PreparedKernel
    {
        private readonly RandomKind _kind = p.Kind;
        private readonly DType _inputType = p.Input.Type;
        private readonly DType _type = p.Output.Type;
        private readonly long _count = p.Output.Shape.Count;
        private readonly float? _seed = p.Seed;
        private readonly double _a = p.A;
        private readonly double _b = p.B;
        private readonly double _last = p.Kind == RandomKind.Uniform ? LastBelow(p.Output.Type, p.A, p.B) : 0;

        public override void Run(in KernelArgs args)
        {
            var body = new Body
            {
                Kernel = this,
                Tasks = WorkSplit.Tasks(_count, 32.0 * _count, args.Workers),
                Random = GeneratorOf(_seed),
                Input = _inputType == DType.Undefined ? null : (void*)args.Inputs[0],
                Output = (void*)args.Outputs[0],
            };
            args.Workers.For(body.Tasks, ref body);
        }

        private struct Body : IParallelBody
        {
            public ElementKernel Kernel;
            public int Tasks;
            public Philox Random;
            public void* Input;
            public void* Output;

            public readonly void Run(int begin, int end, int worker)
            {
                long last = WorkSplit.Begin(Kernel._count, end, Tasks);
                for (long i = WorkSplit.Begin(Kernel._count, begin, Tasks); i < last; i++)
                    ElementAccess.Write(Output, Kernel._type, i, Kernel.Draw(Random, Input, i));
            }
        }

        private double Draw(Philox random, void* input, long i) => _kind switch
        {
            RandomKind.Uniform => Math.Min(_a + (_b - _a) * random.Unit(i), _last),
            RandomKind.Normal => _a + _b * random.Normal(i),
            _ => random.Unit(i) < ElementAccess.Read(input, _inputType, i) ? 1 : 0,
        };
    }

    // The greatest value of the type that is below high, or low itself if there is none between: rounding must not reach high.
    private static double LastBelow(DType type, float low, float high)
    {
        if (low == high)
            return low;
        double below = type switch
        {
            DType.Float64 => Math.BitDecrement((double)high),
            DType.Float32 => MathF.BitDecrement(high),
            DType.Float16 => (double)Half.BitDecrement((Half)high),
            _ => (float)Step((BFloat16)high),
        };
        return Math.Max(low, below);
    }

    private static BFloat16 Step(BFloat16 value) => value.Bits switch
    {
        0 or 0x8000 => new BFloat16(0x8001),
        < 0x8000 => new BFloat16((ushort)(value.Bits - 1)),
        _ => new BFloat16((ushort)(value.Bits + 1)),
    };

    /// <summary>A row's probabilities are summed up; each sample finds its place among the sums by bisection.</summary>
    private sealed class MultinomialKernel(RandomProblem p) : PreparedKernel
    {
        private readonly DType _inputType = p.Input.Type;
        private readonly DType _type = p.Output.Type;
        private readonly long _rows = p.Input.Shape[0];
        private readonly long _classes = p.Input.Shape[1];
        private readonly long _samples = p.Output.Shape[1];
        private readonly long _bytes = BytesAWorker(p);
        private readonly float? _seed = p.Seed;

        public override void Run(in KernelArgs args)
        {
            var body = new Body
            {
                Kernel = this,
                Tasks = WorkSplit.Tasks(_rows, 32.0 * _rows * (_classes + _samples), args.Workers),
                Random = GeneratorOf(_seed),
                Input = (void*)args.Inputs[0],
                Output = (void*)args.Outputs[0],
                Workspace = args.Workspace,
            };
            args.Workers.For(body.Tasks, ref body);
        }

        private struct Body : IParallelBody
        {
            public MultinomialKernel Kernel;
            public int Tasks;
            public Philox Random;
            public void* Input;
            public void* Output;
            public nint Workspace;

            public readonly void Run(int begin, int end, int worker)
            {
                var sums = new Span<double>((void*)(Workspace + (nint)(worker * Kernel._bytes)), checked((int)Kernel._classes));
                long last = WorkSplit.Begin(Kernel._rows, end, Tasks);
                for (long row = WorkSplit.Begin(Kernel._rows, begin, Tasks); row < last; row++)
                    Kernel.Row(Random, Input, Output, row, sums);
            }
        }

        private void Row(Philox random, void* input, void* output, long row, Span<double> sums)
        {
            double max = double.NegativeInfinity, total = 0;
            for (int c = 0; c < sums.Length; c++)
            {
                sums[c] = ElementAccess.Read(input, _inputType, row * _classes + c);
                max = sums[c] > max ? sums[c] : max;
            }
            // A NaN has no weight; of infinite ones each counts the same.
            for (int c = 0; c < sums.Length; c++)
                sums[c] = total += sums[c] == max ? 1 : sums[c] < max ? Math.Exp(sums[c] - max) : 0;
            for (long s = 0; s < _samples; s++)
            {
                // The product may round to the total, above which there is no class.
                double target = Math.Min(random.Unit(row * _samples + s) * total, Math.BitDecrement(total));
                int low = 0, high = sums.Length - 1;
                while (low < high)
                {
                    int middle = (low + high) >>> 1;
                    if (sums[middle] > target)
                        high = middle;
                    else
                        low = middle + 1;
                }
                ElementAccess.Write(output, _type, row * _samples + s, low);
            }
        }
    }
}
