namespace Ai3.Ops;

/// <summary>The plain form of <see cref="ConvPointwise"/>.</summary>
internal static unsafe class ConvPointwisePlain
{
    public static PreparedKernel Bind(Request<ConvProblem> r) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r));

    private readonly struct Maker(Request<ConvProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged =>
            new ConvPanelKernel<Source<S, V>, MatrixPanels<S, V>>(new ConvGemmPlan(r.Problem, r.Target), default);
    }

    private readonly struct Source<S, V> : IImagePanelSource<MatrixPanels<S, V>> where S : struct, ISimd<V> where V : unmanaged
    {
        public MatrixPanels<S, V> Of(ConvGeometry geometry, float* image) => new(image, geometry.InPixels);
    }
}
