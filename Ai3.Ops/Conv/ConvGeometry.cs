namespace Ai3.Ops;

/// <summary>The numbers of a convolution as kernels use them: every axis number fits in 31 bits, offsets are native integers.</summary>
internal sealed class ConvGeometry(ConvProblem p)
{
    public readonly int N = (int)p.N;
    public readonly int Channels = (int)p.InChannels;
    public readonly int OutChannels = (int)p.OutChannels;
    public readonly int Group = (int)p.Group;
    public readonly int GroupChannels = (int)p.GroupInChannels;
    public readonly int GroupOutChannels = (int)p.GroupOutChannels;
    public readonly ConvTaps D = new(p.D);
    public readonly ConvTaps H = new(p.H);
    public readonly ConvTaps W = new(p.W);
    public readonly nint Taps = (nint)p.Taps;
    public readonly nint InPixels = (nint)p.InPixels;
    public readonly nint OutPixels = (nint)p.OutPixels;
    public readonly bool HasBias = p.HasBias;
    public readonly bool HasResidual = p.Fusion.Residual;
    public readonly float Low = p.Fusion.Activation.Low;
    public readonly float High = p.Fusion.Activation.High;

    /// <summary>Output rows of one channel of one image.</summary>
    public int OutRows => D.Out * H.Out;
}

/// <summary>One axis of a convolution in 31-bit numbers, and which taps meet the input.</summary>
internal readonly struct ConvTaps(ConvAxis a)
{
    public readonly int In = (int)a.In;
    public readonly int Kernel = (int)a.Kernel;
    public readonly int Stride = (int)a.Stride;
    public readonly int Pad = (int)a.PadBegin;
    public readonly int Dilation = (int)a.Dilation;
    public readonly int Out = (int)a.Out;

    /// <summary>The input position of tap 0 of output <paramref name="o"/>; negative inside the pad.</summary>
    public int Start(int o) => o * Stride - Pad;

    /// <summary>The taps [first, end) of output <paramref name="o"/> that fall on the input.</summary>
    public void Range(int o, out int first, out int end)
    {
        int start = Start(o);
        first = start >= 0 ? 0 : (-start + Dilation - 1) / Dilation;
        end = start >= In ? 0 : Math.Min(Kernel, (In - start + Dilation - 1) / Dilation);
        end = Math.Max(first, end);
    }

    /// <summary>The outputs [first, end) whose taps all fall on the input.</summary>
    public void Inner(out int first, out int end)
    {
        int room = In - 1 - (Kernel - 1) * Dilation + Pad;
        first = Math.Min(Out, (Pad + Stride - 1) / Stride);
        end = room < 0 ? first : Math.Max(first, Math.Min(Out, room / Stride + 1));
    }
}
