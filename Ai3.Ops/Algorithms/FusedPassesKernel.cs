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

    public required IsaLevel Isa { get; init; }
}

/// <summary>Runs a kernel with its fused parts as passes of their own. float32 only, as all fusion is.</summary>
internal sealed unsafe class FusedPassesKernel : PreparedKernel
{
    private readonly PreparedKernel _inner;
    private readonly FusedPasses _passes;
    private readonly ScalePass? _prologue;
    private readonly ActivationPass? _epilogue;

    public FusedPassesKernel(PreparedKernel inner, FusedPasses passes)
    {
        _inner = inner;
        _passes = passes;
        Fusion outside = passes.Outside;
        if (outside.Prologue)
            _prologue = new ScalePass(ChannelLayout.Of(passes.Input.Shape, passes.InputFormat), outside.PrologueActivation, passes.Isa);
        if (outside.Residual || outside.Activation.Kind != ActivationKind.None)
            _epilogue = new ActivationPass(ChannelLayout.Of(passes.Output.Shape, passes.OutputFormat), outside.Activation, outside.Residual, passes.Isa);
    }

    public override void Run(in KernelArgs args)
    {
        Span<nint> inputs = stackalloc nint[_passes.OwnInputs + 3];
        int count = _passes.OwnInputs;
        args.Inputs[..count].CopyTo(inputs);
        if (_passes.ResidualInput >= 0 && !_passes.Outside.Residual)
            inputs[count++] = args.Inputs[_passes.ResidualInput];
        if (_prologue is not null)
        {
            _prologue.Run(args.Inputs[0], args.Inputs[_passes.ScaleInput], args.Inputs[_passes.ScaleInput + 1], args.Workspace, args.Workers);
            inputs[0] = args.Workspace;
        }
        else if (_passes.ScaleInput >= 0)
        {
            inputs[count++] = args.Inputs[_passes.ScaleInput];
            inputs[count++] = args.Inputs[_passes.ScaleInput + 1];
        }
        _inner.Run(new KernelArgs
        {
            Inputs = inputs[..count],
            Outputs = args.Outputs,
            Workspace = args.Workspace + (nint)_passes.PrologueBytes,
            Workers = args.Workers,
        });
        _epilogue?.Run(args.Outputs[0], _passes.Outside.Residual ? args.Inputs[_passes.ResidualInput] : 0, args.Workers);
    }
}
