using Ai3.DigitReader;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>One algorithm on one convolution of the demo network.</summary>
/// <param name="Node">The convolution.</param>
/// <param name="Problem">Its problem.</param>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Formats">Its layouts.</param>
/// <param name="Nanoseconds">The convolution's median time, layout changes left out.</param>
/// <param name="WorkspaceBytes">Its workspace.</param>
/// <param name="Error">The largest difference of the network's scores to those of the reference everywhere.</param>
/// <param name="IsAutomatic">Whether the automatic choice picks it.</param>
internal sealed record DemoRow(string Node, string Problem, string Algorithm, string Formats, double Nanoseconds, long WorkspaceBytes, double Error, bool IsAutomatic);

/// <summary>The digit reader that is built into the program, and a picture for it to read.</summary>
internal sealed class DigitDemo : IDisposable
{
    private const string Resource = "digits.onnx";
    private const string Conv = "Conv";
    private const string Reference = "reference";
    private const int Runs = 60;

    private readonly Model _model;
    private readonly Tensor _picture;
    private readonly WorkerPool _workers;

    public DigitDemo(int digit, int seed, int threads)
    {
        using Stream stream = typeof(DigitDemo).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource} is not built in");
        _model = OnnxModel.Load(stream);
        Pixels = DigitPicture.Draw(digit, new SplitMix((ulong)seed));
        _picture = Tensor.From(Pixels, [1, 1, DigitPicture.Size, DigitPicture.Size]);
        _workers = new WorkerPool(threads);
    }

    /// <summary>The picture, row-major, 0 for paper and 1 for ink.</summary>
    public float[] Pixels { get; }

    /// <summary>The probability of each digit, and the median time of a run with the automatic choice.</summary>
    public (float[] Probabilities, double Nanoseconds) Read()
    {
        using Session session = Compile(Selector.Automatic);
        using var bench = new ModelBench(session, Inputs);
        Samples times = bench.Run(Runs);
        using Outputs outputs = session.Run(Inputs);
        return (outputs["probabilities"].AsSpan<float>().ToArray(), times.Median);
    }

    /// <summary>Every algorithm that applies to each convolution, tried in turn while the reference computes the others.</summary>
    public IEnumerable<DemoRow> Compare()
    {
        using Session automatic = Compile(Selector.Automatic), reference = Compile(Reference);
        float[] expected = Scores(reference);
        PlanStep[] picks = Convolutions(automatic), nodes = Convolutions(reference);
        OpDefinition conv = OpCatalog.Default.Find("", Conv, _model.Opsets[""])!;
        for (int i = 0; i < nodes.Length; i++)
        {
            IEnumerable<string> names = conv.Candidates(nodes[i].Problem!, reference.Target).Accepted.Select(c => c.Algorithm.Name).Distinct();
            foreach (string name in names)
                yield return Try(i, nodes.Length, name, expected, picks[i].Algorithm == name);
        }
    }

    public void Dispose()
    {
        _picture.Dispose();
        _model.Dispose();
        _workers.Dispose();
    }

    private Dictionary<string, Value> Inputs => new() { ["picture"] = _picture };

    private DemoRow Try(int index, int count, string name, float[] expected, bool isAutomatic)
    {
        string[] entries = [.. Enumerable.Repeat(Reference, count)];
        entries[index] = name;
        using Session session = Compile(Selector.List(entries));
        using var bench = new ModelBench(session, Inputs);
        PlanStep step = Convolutions(session)[index];
        double time = bench.Profile(Runs).Single(t => t.Step == step).Nanoseconds;
        float[] scores = Scores(session);
        double error = scores.Zip(expected, (a, b) => (double)Math.Abs(a - b)).Max();
        return new DemoRow(step.Name, step.Problem!.Key, name, LayoutText.Of(step.Formats), time, step.WorkspaceBytes, error, isAutomatic);
    }

    private Session Compile(Selector selector) => _model.Compile(new CompileOptions { Workers = _workers, Selection = Selection.Automatic.WithOp(Conv, selector) });

    private float[] Scores(Session session)
    {
        using Outputs outputs = session.Run(Inputs);
        return outputs["scores"].AsSpan<float>().ToArray();
    }

    private static PlanStep[] Convolutions(Session session) => [.. session.Plan!.Steps.Where(s => s.Op == Conv)];
}
