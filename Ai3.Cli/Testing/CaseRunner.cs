using System.Diagnostics;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Runs a case: every data set, every output. A case that cannot run has failed.</summary>
/// <param name="options">How models are compiled.</param>
/// <param name="limits">What model files may hold; null for the default.</param>
/// <param name="tolerance">The tolerance instead of the cases' own; null for theirs.</param>
internal sealed class CaseRunner(CompileOptions options, ImportLimits? limits = null, Func<Tolerance, Tolerance>? tolerance = null)
{
    public CaseResult Run(TestCase test)
    {
        long start = Stopwatch.GetTimestamp();
        if (!test.HasData)
            return new CaseResult(test, CaseVerdict.Skipped, ["no test_data_set_0: nothing to compare with"], TimeSpan.Zero);
        var messages = new List<string>();
        try
        {
            using CaseFolder folder = CaseFolder.Open(test);
            RunIn(folder.FullPath, messages);
        }
        catch (Exception e)
        {
            messages.Add(ErrorLine.Of(e));
        }
        return new CaseResult(test, messages.Count == 0 ? CaseVerdict.Passed : CaseVerdict.Failed, messages, Stopwatch.GetElapsedTime(start));
    }

    private void RunIn(string folder, List<string> messages)
    {
        Tolerance own = Tolerance.Read(Path.Combine(folder, "data.json"));
        var comparer = new ValueComparer(tolerance?.Invoke(own) ?? own);
        using Model model = OnnxModel.Load(CaseFinder.ModelPath(folder), limits);
        using Session session = model.Compile(options);
        foreach (string path in CaseFinder.DataSets(folder))
        {
            using DataSet data = DataSet.Read(path, model, withOutputs: true);
            if (data.Outputs.Count == 0 && model.Outputs.Count > 0)
                throw new InvalidDataException($"{Path.GetFileName(path)} has no output_0.pb to compare with");
            using Outputs outputs = session.Run(data.Inputs);
            Compare(Path.GetFileName(path), model, data, outputs, comparer, messages);
        }
    }

    private static void Compare(string set, Model model, DataSet data, Outputs outputs, ValueComparer comparer, List<string> messages)
    {
        var random = new RandomOutputs(data.Inputs);
        for (int i = 0; i < data.Outputs.Count; i++)
        {
            GraphValue output = model.Outputs[i];
            Value got = outputs.Value(i), expected = data.Outputs[i];
            string? difference = random.IsRandom(output) ? random.Check(output, got, expected) : comparer.Compare(got, expected);
            if (difference is not null)
                messages.Add($"{set}: output '{output.Name}': {difference}");
        }
    }
}
