namespace Ai3.Ops;

/// <summary>
/// An algorithm bound to a problem, formats and target: everything decided, ready to run any number of times, also at the
/// same time from several threads (each with its own workspace and outputs).
/// </summary>
public abstract class PreparedKernel
{
    /// <summary>
    /// Computes the outputs. Allocates nothing, checks nothing, throws nothing, but for what only the data can show: an index
    /// outside its axis, checked on the caller's thread before anything is read or written through it.
    /// </summary>
    /// <exception cref="OpException">A value of an index input is out of range; the outputs are undefined.</exception>
    public abstract void Run(in KernelArgs args);
}
