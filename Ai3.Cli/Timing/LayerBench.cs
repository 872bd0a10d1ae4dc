using System.CommandLine;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Times every distinct layer of models with each algorithm that the automatic choice may take.</summary>
internal sealed class LayerBench(Shell shell, InputFlags inputs, CompileFlags flags, ParseResult parse, bool json)
{
    private const double DefaultPercent = 10;

    private readonly CompileOptions _options = flags.Read(parse);
    private readonly Dictionary<string, Layer> _layers = new(StringComparer.Ordinal);

    /// <summary>Prints the report; the exit code says whether enough picks are close to the best.</summary>
    /// <param name="models">Paths, or zoo:NAME.</param>
    /// <param name="percent">How much slower than the best is close; null to demand nothing.</param>
    /// <param name="share">The percentage of layers that have to be.</param>
    public int Run(IReadOnlyList<string> models, double? percent, double share)
    {
        Target? target = null;
        using Progress progress = Progress.Start(shell, json, "loading");
        foreach (string path in models)
        {
            progress.Say($"compiling {ErrorLine.Clean(ModelArgument.NameOf(path))}");
            target = Collect(path);
        }
        using var workers = new WorkerPool(_options.Threads);
        var timings = new List<LayerTiming>();
        foreach (Layer layer in _layers.Values)
        {
            progress.Say($"layer {timings.Count + 1} of {_layers.Count}: {layer.Problem.Key}");
            timings.Add(new LayerTiming(layer, ProblemBench.RunLayer(layer, target!, workers)));
        }
        progress.Dispose();
        var report = new LayerReport(target!, timings, percent ?? DefaultPercent);
        if (json)
            report.WriteJson(shell);
        else
            report.Write(shell);
        if (percent is null || report.ShareWithin * 100 >= share)
            return ExitCode.Good;
        shell.Error.WriteLine(FormattableString.Invariant($"ai3: the automatic pick is within {percent} % of the best on {report.ShareWithin * 100:0.0} % of the layers; {share} % are demanded"));
        return ExitCode.Failed;
    }

    private Target Collect(string path)
    {
        using Model model = ModelArgument.Load(path, flags.ImportLimits(parse));
        using Session session = model.Compile(_options);
        session.Run(InputsOf(path, model)).Dispose();
        Layer.Collect(ModelArgument.NameOf(path), session, _options.Catalog, _layers);
        return session.Target;
    }

    // Shapes matter, values do not; but those of a data set beside the model are sure to be valid.
    private Dictionary<string, Value> InputsOf(string path, Model model)
    {
        var dimensions = new Dictionary<string, long>(_options.Dimensions, StringComparer.Ordinal);
        if (ModelArgument.ZooOf(path) is { } network)
        {
            foreach ((string symbol, long size) in network.BenchDimensions)
                dimensions.TryAdd(symbol, size);
            return inputs.Read(parse, model, dimensions, randomByDefault: true);
        }
        string data = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "test_data_set_0");
        return Directory.Exists(data) ? DataSet.Read(data, model, withOutputs: false).Inputs : inputs.Read(parse, model, dimensions, randomByDefault: true);
    }
}
