using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Row normalisation of any element type, in double, two passes and one that writes.</summary>
internal static unsafe class NormalizationScalar
{
    public static Applicability Supports(NormalizationProblem p, Target target) =>
        Applicability.If(p.Type == p.OutputType, $"x is {p.Type.ShortName()} and y {p.OutputType.ShortName()}, needs one type")
            .And(Applicability.If(NormalizationRows.TryOf(p, out _), "a row's elements lie on more than two axes"));

    public static double CostHint(Request<NormalizationProblem> r) => 100 + (r.Problem.Rows * 30.0 + r.Problem.Shape.Count * 5.0) / r.Target.Threads;

    public static PreparedKernel Bind(Request<NormalizationProblem> r, PackedConstants? packed) =>
        ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem));

    private readonly struct Binder(NormalizationProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E> : PreparedKernel where E : struct, IElement
    {
        private readonly NormalizationRows _layout;
        private readonly RowStatistics _statistics;
        private readonly DType _statisticsType;
        private readonly long _rows;
        private readonly int _mean;
        private readonly int _inverse;

        public Kernel(NormalizationProblem p)
        {
            NormalizationRows.TryOf(p, out NormalizationRows? layout);
            _layout = layout!;
            _statistics = RowStatistics.Of(p);
            _statisticsType = p.StatisticsType;
            _rows = p.Rows;
            _mean = p.MeanOutput;
            _inverse = p.InverseOutput;
        }

        public override void Run(in KernelArgs args)
        {
            var body = new Body<E>
            {
                Layout = _layout,
                Statistics = _statistics,
                StatisticsType = _statisticsType,
                X = (void*)args.Inputs[0],
                Scale = (void*)args.Inputs[1],
                Bias = (void*)args.Inputs[2],
                Y = (void*)args.Outputs[0],
                Mean = _mean >= 0 && args.Outputs.Length > _mean ? (void*)args.Outputs[_mean] : null,
                Inverse = args.Outputs.Length > _inverse ? (void*)args.Outputs[_inverse] : null,
                Split = new RowSplit(_rows),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public NormalizationRows Layout;
        public RowStatistics Statistics;
        public DType StatisticsType;
        public void* X;
        public void* Scale;
        public void* Bias;
        public void* Y;
        public void* Mean;
        public void* Inverse;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            var shape = new RowInDouble.Shape(Layout.Outer, Layout.Inner);
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                (nint at, nint scale, nint bias) = Layout.Base(row);
                (double mean, double inverse) = RowInDouble.Normalize<E>(Statistics, shape, X, Y, at, Scale, scale, Bias, bias);
                if (Mean != null)
                    ElementAccess.Write(Mean, StatisticsType, row, mean);
                if (Inverse != null)
                    ElementAccess.Write(Inverse, StatisticsType, row, inverse);
            }
        }
    }
}
