namespace Ai3.Ops;

/// <summary>
/// An algorithm bound to a problem, formats and target: everything decided, ready to run any number of times, also at the
/// same time from several threads (each with its own workspace and outputs).
/// </summary>
public abstract class PreparedKernel
{
    /// <summary>Computes the outputs. Allocates nothing, checks nothing, throws nothing.</summary>
    public abstract void Run(in KernelArgs args);
}
