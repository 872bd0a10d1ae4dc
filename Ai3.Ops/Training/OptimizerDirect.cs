using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Elements one by one, in double, each read once and written once.</summary>
internal static unsafe class OptimizerDirect
{
    public static Algorithm<OptimizerProblem> Row { get; } = new()
    {
        Name = "direct",
        Source = "Duchi, Hazan and Singer 2011; Polyak 1964; Nesterov 1983; Kingma and Ba 2015; in double",
        Supports = static (_, _) => Applicability.Yes,
        CostHint = static r => 100 + r.Problem.Flops / r.Target.Threads,
        // Double inside: for float32 the one rounding at the end, for float64 those of at most eight steps.
        Error = static (p, _) => ErrorBound.Relative(p.Operands.Skip(2).Any(o => o.Type == DType.Float64) ? 16 : 2),
        InPlace = static r => [.. Enumerable.Range(0, r.Problem.Outputs.Length).Select(o => (o, 2 + (o < r.Problem.Count ? o : o + r.Problem.Count)))],
        Bind = static (r, _) => new Kernel(r.Problem),
    };

    private sealed class Kernel(OptimizerProblem p) : PreparedKernel
    {
        private readonly DType _rateType = p.Operands[0].Type;
        private readonly int _tensors = p.Count;
        private readonly int _groups = p.Groups;
        private readonly long[] _counts = [.. p.Operands.Skip(2).Take(p.Count).Select(o => o.Shape.Count)];
        private readonly bool[] _wide = [.. p.Operands.Skip(2).Take(p.Count).Select(o => o.Type == DType.Float64)];
        private readonly OptimizerRule _rule = p.Rule;
        private readonly double _alpha = p.Alpha;
        private readonly double _beta = p.Beta;
        private readonly double _epsilon = p.Epsilon;
        private readonly double _norm = p.Norm;
        private readonly double _keep = 1 - (double)p.NormPost;
        private readonly double _decay = p.Decay;

        public override void Run(in KernelArgs args)
        {
            double rate = ElementAccess.Read((void*)args.Inputs[0], _rateType, 0);
            long count = *(long*)args.Inputs[1];
            for (int i = 0; i < _tensors; i++)
            {
                var body = new Body
                {
                    Kernel = this,
                    Wide = _wide[i],
                    Count = _counts[i],
                    Tasks = WorkSplit.Tasks(_counts[i], 64.0 * _counts[i], args.Workers),
                    Rate = RateOf(rate, count),
                    GradientFactor = count > 0 ? _beta : 1,
                    X = (void*)args.Inputs[2 + i],
                    G = (void*)args.Inputs[2 + _tensors + i],
                    V = (void*)args.Inputs[2 + 2 * _tensors + i],
                    H = _groups == 4 ? (void*)args.Inputs[2 + 3 * _tensors + i] : null,
                    NewX = (void*)args.Outputs[i],
                    NewV = (void*)args.Outputs[_tensors + i],
                    NewH = _groups == 4 ? (void*)args.Outputs[2 * _tensors + i] : null,
                };
                args.Workers.For(body.Tasks, ref body);
            }
        }

        private double RateOf(double rate, long count) => _rule switch
        {
            OptimizerRule.Adagrad => rate / (1 + count * _decay),
            OptimizerRule.Adam when count > 0 => rate * Math.Sqrt(1 - Math.Pow(_beta, count)) / (1 - Math.Pow(_alpha, count)),
            _ => rate,
        };

        private struct Body : IParallelBody
        {
            public Kernel Kernel;
            public bool Wide;
            public long Count;
            public int Tasks;
            public double Rate;
            public double GradientFactor;
            public void* X, G, V, H, NewX, NewV, NewH;

            public readonly void Run(int begin, int end, int worker)
            {
                long first = WorkSplit.Begin(Count, begin, Tasks), last = WorkSplit.Begin(Count, end, Tasks);
                if (Wide)
                    Range<double>(first, last);
                else
                    Range<float>(first, last);
            }

            private readonly void Range<T>(long first, long last) where T : unmanaged
            {
                for (long j = first; j < last; j++)
                {
                    double h = H == null ? 0 : Conversions.One<T, double>(((T*)H)[j]);
                    (double x, double v, h) = Kernel.Step(this, Conversions.One<T, double>(((T*)X)[j]), Conversions.One<T, double>(((T*)G)[j]), Conversions.One<T, double>(((T*)V)[j]), h);
                    ((T*)NewX)[j] = Conversions.One<double, T>(x);
                    ((T*)NewV)[j] = Conversions.One<double, T>(v);
                    if (NewH != null)
                        ((T*)NewH)[j] = Conversions.One<double, T>(h);
                }
            }
        }

        private (double X, double V, double H) Step(in Body body, double x, double g, double v, double h)
        {
            g += _norm * x;
            switch (_rule)
            {
                case OptimizerRule.Adagrad:
                    v += g * g;
                    return (x - body.Rate * g / (Math.Sqrt(v) + _epsilon), v, h);
                case OptimizerRule.Adam:
                    v = _alpha * v + (1 - _alpha) * g;
                    h = _beta * h + (1 - _beta) * (g * g);
                    return (_keep * (x - body.Rate * (v / (Math.Sqrt(h) + _epsilon))), v, h);
                case OptimizerRule.Momentum:
                    v = _alpha * v + body.GradientFactor * g;
                    return (x - body.Rate * v, v, h);
                default:
                    v = _alpha * v + body.GradientFactor * g;
                    return (x - body.Rate * (g + _alpha * v), v, h);
            }
        }
    }
}
