using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The fused parts that run as passes round a kernel, and where their operands are.</summary>
internal sealed record FusedPasses
{
    public required Fusion Outside { get; init; }

    /// <summary>The number of the operator's own inputs; fused inputs follow.</summary>
    public required int OwnInputs { get; init; }

    /// <summary>Index of the residual, or -1.</summary>
    public required int ResidualInput { get; init; }

    /// <summary>Index of the scale (the shift follows), or -1.</summary>
    public required int ScaleInput { get; init; }

    public required TensorType Input { get; init; }

    public required Format InputFormat { get; init; }

    public required TensorType Output { get; init; }

    public required Format OutputFormat { get; init; }

    /// <summary>Bytes at the start of the workspace for the prologue's result.</summary>
    public required long PrologueBytes { get; init; }
}

/// <summary>Runs a kernel with its fused parts as passes of their own. float32 only, as all fusion is.</summary>
internal sealed unsafe class FusedPassesKernel(PreparedKernel inner, FusedPasses passes) : PreparedKernel
{
    public override void Run(in KernelArgs args)
    {
        Span<nint> inputs = stackalloc nint[passes.OwnInputs + 3];
        int count = passes.OwnInputs;
        args.Inputs[..count].CopyTo(inputs);
        if (passes.ResidualInput >= 0 && !passes.Outside.Residual)
            inputs[count++] = args.Inputs[passes.ResidualInput];
        if (passes.Outside.Prologue)
        {
            Prologue((float*)args.Inputs[0], (float*)args.Inputs[passes.ScaleInput], (float*)args.Inputs[passes.ScaleInput + 1], (float*)args.Workspace);
            inputs[0] = args.Workspace;
        }
        else if (passes.ScaleInput >= 0)
        {
            inputs[count++] = args.Inputs[passes.ScaleInput];
            inputs[count++] = args.Inputs[passes.ScaleInput + 1];
        }
        inner.Run(new KernelArgs
        {
            Inputs = inputs[..count],
            Outputs = args.Outputs,
            Workspace = args.Workspace + (nint)passes.PrologueBytes,
            Workers = args.Workers,
        });
        Epilogue((float*)args.Outputs[0], passes.Outside.Residual ? (float*)args.Inputs[passes.ResidualInput] : null);
    }

    private void Prologue(float* x, float* scale, float* shift, float* y)
    {
        Shape shape = passes.Input.Shape;
        var layout = ChannelLayout.Of(shape, passes.InputFormat);
        for (long i = 0; i < layout.StorageCount; i++)
        {
            long c = layout.ChannelOf(i);
            y[i] = c < layout.Channels ? Apply(passes.Outside.PrologueActivation, MathF.FusedMultiplyAdd(x[i], scale[c], shift[c])) : 0;
        }
    }

    private void Epilogue(float* y, float* residual)
    {
        Activation activation = passes.Outside.Activation;
        if (residual == null && activation.Kind == ActivationKind.None)
            return;
        var layout = ChannelLayout.Of(passes.Output.Shape, passes.OutputFormat);
        for (long i = 0; i < layout.StorageCount; i++)
        {
            float v = residual == null ? y[i] : y[i] + residual[i];
            y[i] = layout.ChannelOf(i) < layout.Channels ? Apply(activation, v) : 0;
        }
    }

    private static float Apply(Activation activation, float x) => activation.IsClamp
        ? x < activation.Low ? activation.Low : x > activation.High ? activation.High : x
        : (float)activation.Evaluate(x);
}
