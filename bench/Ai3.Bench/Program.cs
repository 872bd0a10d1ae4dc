using System.Globalization;
using Ai3.Bench;
using Ai3.Cli;

// Ours and ONNX Runtime in one process; --help says how.
if (args is ["--child", string runtime, string path, string threads])
    return CreationBench.RunChild(runtime, path, int.Parse(threads, CultureInfo.InvariantCulture));
return Arguments.TryParse(args, out Arguments arguments) ? Run(arguments) : Arguments.PrintHelp();

static int Run(Arguments arguments)
{
    Shell shell = Shell.OfProcess();
    if (arguments.Dispatch)
        DispatchBench.Run(shell);
    if (arguments.Alloc)
        return AllocationBench.Run(shell, arguments);
    if (arguments.Decode > 0)
        return DecodeBench.Run(shell, arguments);
    if (arguments.Throughput)
        ThroughputBench.Run(shell, arguments);
    if (arguments.Create)
        CreationBench.Run(shell, arguments);
    if (arguments.Layers)
        PaperLayerBench.Run(shell, arguments);
    if (!arguments.Dispatch && !arguments.Throughput && !arguments.Create && !arguments.Layers)
        PeerBench.Run(shell, arguments);
    return 0;
}
