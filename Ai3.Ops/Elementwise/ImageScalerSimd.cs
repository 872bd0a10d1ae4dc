namespace Ai3.Ops;

/// <summary>y = x * scale + bias[c], one plane of a channel at a time; float32, row-major.</summary>
internal static unsafe class ImageScalerSimd
{
    public static Algorithm<ImageScalerProblem> Row { get; } = new()
    {
        Name = "simd",
        Source = "the definition",
        Needs = "f32",
        Supports = static (p, _) => Applicability.If(p.Type == Tensors.DType.Float32, $"element type is {Tensors.DTypes.ShortName(p.Type)}, needs f32"),
        CostHint = static r => 100 + r.Problem.Traffic / r.Target.BytesPerNanosecond / r.Target.Threads,
        Error = static (_, _) => ErrorBound.PerElement(2),
        InPlace = static _ => [(0, 0)],
        Bind = static (r, _) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r.Problem)),
    };

    private readonly struct Binder(ImageScalerProblem p) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(p);
    }

    private sealed class Kernel<S, V>(ImageScalerProblem p) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly float[] _bias = p.Bias.Length > 0 ? [.. p.Bias] : new float[p.Shape[1]];
        private readonly nint _inner = (nint)p.Shape.CountOf(2..);
        private readonly int _planes = checked((int)p.Shape.CountOf(..2));

        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V> { X = (float*)args.Inputs[0], Y = (float*)args.Outputs[0], Scale = p.Scale, Bias = _bias, Inner = _inner };
            args.Workers.For(_planes, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public float* X, Y;
        public float Scale;
        public float[] Bias;
        public nint Inner;

        public readonly void Run(int begin, int end, int worker)
        {
            V scale = S.Create(Scale);
            for (nint plane = begin; plane < end; plane++)
            {
                V bias = S.Create(Bias[plane % Bias.Length]);
                float* x = X + plane * Inner, y = Y + plane * Inner;
                nint i = 0;
                for (; i + S.Lanes <= Inner; i += S.Lanes)
                    S.Store(S.MulAdd(S.Load(x + i), scale, bias), y + i);
                if (i < Inner)
                    S.StorePartial(S.MulAdd(S.LoadPartial(x + i, (int)(Inner - i)), scale, bias), y + i, (int)(Inner - i));
            }
        }
    }
}
