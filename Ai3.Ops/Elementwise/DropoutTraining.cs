using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>y[i] = 0 where number i of the generator is below the ratio, else x[i] / (1 - ratio); mask[i] says which.</summary>
internal static unsafe class DropoutTraining
{
    public static Algorithm<DropoutProblem> Row { get; } = new()
    {
        Name = "random",
        Source = "Srivastava et al. 2014; Philox4x32-10, Salmon et al. 2011",
        Needs = "training mode",
        Supports = static (p, _) => Applicability.If(p.Ratio is not null, "nothing is dropped outside of training")
            .And(Applicability.If(p.Input.Type.IsFloat(), $"element type is {p.Input.Type.ShortName()}, needs a float type")),
        CostHint = static r => 100 + 20.0 * r.Problem.Input.Shape.Count / r.Target.Threads,
        Error = static (_, _) => ErrorBound.Ulp(1),
        InPlace = static _ => [(0, 0)],
        Bind = static (r, _) => ElementTypes.Select<Maker, PreparedKernel>(r.Problem.Input.Type, new Maker(r.Problem)),
    };

    public static Philox GeneratorOf(DropoutProblem problem) => problem.Seed is { } seed ? Philox.Of(seed) : Philox.Fresh();

    private readonly struct Maker(DropoutProblem problem) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(problem);
    }

    private sealed class Kernel<E>(DropoutProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly long _count = p.Input.Shape.Count;
        private readonly double _ratio = p.Ratio!.Value;
        private readonly double _scale = 1 / (1 - p.Ratio!.Value);
        private readonly DType _maskType = p.Mask.Type;

        public override void Run(in KernelArgs args)
        {
            var body = new Body
            {
                Kernel = this,
                Tasks = WorkSplit.Tasks(_count, 32.0 * _count, args.Workers),
                Random = GeneratorOf(p),
                X = (void*)args.Inputs[0],
                Y = (void*)args.Outputs[0],
                Mask = _maskType == DType.Undefined ? null : (void*)args.Outputs[1],
            };
            args.Workers.For(body.Tasks, ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<E> Kernel;
            public int Tasks;
            public Philox Random;
            public void* X;
            public void* Y;
            public void* Mask;

            public readonly void Run(int begin, int end, int worker)
            {
                long last = WorkSplit.Begin(Kernel._count, end, Tasks);
                for (long i = WorkSplit.Begin(Kernel._count, begin, Tasks); i < last; i++)
                {
                    bool keep = Random.Unit(i) >= Kernel._ratio;
                    E.Store(Y, (nint)i, keep ? E.Load(X, (nint)i) * Kernel._scale : 0);
                    if (Mask != null)
                        ElementAccess.Write(Mask, Kernel._maskType, i, keep ? 1 : 0);
                }
            }
        }
    }
}
