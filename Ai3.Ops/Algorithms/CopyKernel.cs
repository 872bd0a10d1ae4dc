namespace Ai3.Ops;

/// <summary>Copies the bytes of input 0 to output 0.</summary>
/// <param name="bytes">How many.</param>
public sealed unsafe class CopyKernel(long bytes) : PreparedKernel
{
    /// <inheritdoc/>
    public override void Run(in KernelArgs args) => Buffer.MemoryCopy((void*)args.Inputs[0], (void*)args.Outputs[0], bytes, bytes);
}
