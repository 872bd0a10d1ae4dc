using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A convolution over plain tensors as a matrix product for each image and group: Y [M/G, P] = W [M/G, K] B [K, P].</summary>
internal sealed unsafe class ConvGemmPlan
{
    public ConvGemmPlan(ConvProblem p, Target target)
    {
        Geometry = new ConvGeometry(p);
        Gemm = new GemmPlan(p.GroupOutChannels, p.OutPixels, p.Depth, p.Depth, false, target, Math.Max(1, ShapeMath.Multiply(p.N, p.Group)));
        HasClamp = p.Fusion.Activation is { IsClamp: true, Kind: not ActivationKind.None };
        Activation = ActivationStrip.Of(p.Fusion.Activation, target.Isa);
    }

    public ConvGeometry Geometry { get; }

    public GemmPlan Gemm { get; }

    private bool HasClamp { get; }

    private ActivationStrip Activation { get; }

    /// <summary>Products: images times groups.</summary>
    public long Batches => (long)Geometry.N * Geometry.Group;

    /// <summary>Taken by all rows over plain tensors: something to multiply, and a product's sizes in 63 bits.</summary>
    public static Applicability Supports(ConvProblem p)
    {
        Applicability common = ConvRows.Common(p);
        if (!common.IsYes)
            return common;
        if (p.N == 0 || p.OutPixels == 0)
            return Applicability.No("the output is empty");
        return Applicability.If((double)p.Depth * (p.OutPixels + 32.0) * sizeof(float) * p.N * p.Group < long.MaxValue / 4, "the matrix of inputs does not fit in 63 bits");
    }

    /// <summary>The operands of batch <paramref name="batch"/>, B left out.</summary>
    public GemmOperands Operands(long batch, in KernelArgs args) => Operands(batch, (float*)args.Inputs[1], (float*)args.Inputs[2],
        Geometry.HasResidual ? (float*)args.Inputs[3] : null, (float*)args.Outputs[0]);

    public GemmOperands Operands(long batch, float* w, float* bias, float* residual, float* y)
    {
        (long n, long group) = Math.DivRem(batch, Geometry.Group);
        nint channel = (nint)group * Geometry.GroupOutChannels, at = ((nint)n * Geometry.OutChannels + channel) * Geometry.OutPixels;
        return new GemmOperands
        {
            A = w + channel * (nint)Gemm.K,
            ARow = (nint)Gemm.K,
            C = y + at,
            CRow = Geometry.OutPixels,
            RowBias = bias == null ? null : bias + channel,
            Residual = residual == null ? null : residual + at,
            ResidualRow = Geometry.OutPixels,
            Clamp = HasClamp,
            Low = Geometry.Low,
            High = Geometry.High,
            Activation = Activation,
        };
    }

    /// <summary>The group's first channel of a batch's image.</summary>
    public float* Image(long batch, float* x) => x + (nint)batch * Geometry.GroupChannels * Geometry.InPixels;

    /// <summary>A cost: arithmetic at the efficiency of few rows, and so many nanoseconds for each element of the packed matrix.</summary>
    public static double Cost(Request<ConvProblem> r, double nanosecondsOfElement, double bytes)
    {
        ConvProblem p = r.Problem;
        double panels = 2.0 * r.Target.Lanes, columns = p.OutPixels < panels ? panels / 2 : ShapeMath.RoundUp(p.OutPixels, r.Target.Lanes);
        double efficiency = Math.Min(0.9, 0.1 + 0.2 * p.GroupOutChannels);
        double packing = (double)p.N * p.Group * p.Depth * p.OutPixels * nanosecondsOfElement * (p.W.Stride == 1 && p.W.Out >= r.Target.Lanes ? 1 : 3);
        return ConvRows.Cost(r, p.Flops / p.OutPixels * Math.Max(columns, p.OutPixels), efficiency, bytes) + packing / r.Target.Threads + 1000;
    }
}
