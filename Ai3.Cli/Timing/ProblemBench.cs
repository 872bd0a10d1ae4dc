using System.Diagnostics;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>One algorithm's times on a problem.</summary>
/// <param name="Candidate">The algorithm with its layouts.</param>
/// <param name="Times">Its times.</param>
/// <param name="IsPick">Whether cost hints alone would pick it.</param>
internal sealed record ProblemTiming(Candidate Candidate, Samples Times, bool IsPick);

/// <summary>Times every applicable algorithm of a problem, in interleaved rounds.</summary>
internal static class ProblemBench
{
    private const int InputSeed = 1;

    /// <summary>Finds the operator whose problems have such keys, and reads the key.</summary>
    /// <exception cref="UsageException">No operator reads the key.</exception>
    public static (OpDefinition Op, Problem Problem) Parse(OpCatalog catalog, string key)
    {
        foreach (OpDefinition op in catalog.Operators)
            if (TryParse(op, key) is { } problem)
                return (op, problem);
        throw new UsageException($"'{key}' is no problem key; one is such as 'conv/f32 n1 c256 28x28 m256 k3x3 s1 p1 g1 relu' ('ai3 inspect MODEL --stage selection' prints a model's)");
    }

    /// <summary>Times, the fastest first.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="target">The machine.</param>
    /// <param name="names">Algorithms to time; empty for all but the reference.</param>
    /// <param name="runs">Rounds; 0 to choose from the time of a run.</param>
    /// <param name="workers">Who computes.</param>
    public static List<ProblemTiming> Run(OpDefinition op, Problem problem, Target target, IReadOnlyCollection<string> names, int runs, WorkerPool workers)
    {
        CandidateSet set = op.Candidates(problem, target);
        Candidate? pick = set.Accepted.Where(c => !c.Algorithm.IsReference && !c.Algorithm.IsByNameOnly).MinBy(c => c.CostNanoseconds) ?? set.Accepted.FirstOrDefault();
        Candidate[] candidates = [.. set.Accepted.Where(c => names.Count > 0 ? names.Contains(c.Algorithm.Name) : !c.Algorithm.IsReference || c == pick)];
        if (candidates.Length == 0)
            throw new UsageException($"no algorithm applies to '{problem.Key}': {string.Join("; ", set.Refused.Select(r => $"{r.Algorithm}: {r.Reason}"))}");
        Tensor?[] inputs = [.. problem.Inputs.Select((t, i) => t.IsAbsent ? null : RandomInput.MakeForKernel(t.Type, t.Shape, InputSeed + i))];
        var layouts = new LayoutChange(OpCatalog.Default, target);
        var bound = new List<BoundProblem>();
        try
        {
            foreach (Candidate candidate in candidates)
                bound.Add(new BoundProblem(problem, candidate, inputs, workers, layouts));
            double total = bound.Sum(b => Warmup.Run(b.Run));
            var times = candidates.Select(_ => new Samples()).ToArray();
            for (int round = runs > 0 ? runs : Warmup.RunsFor(total); round > 0; round--)
                for (int i = 0; i < times.Length; i++)
                    times[i].Add(Time(bound[i]));
            return [.. candidates.Select((c, i) => new ProblemTiming(c, times[i], c == pick)).OrderBy(t => t.Times.Median)];
        }
        finally
        {
            foreach (IDisposable owned in bound.Concat<IDisposable?>(inputs).OfType<IDisposable>())
                owned.Dispose();
        }
    }

    // Twice, so that the other algorithms' traces in the caches do not count.
    private static double Time(BoundProblem bound)
    {
        bound.Run();
        long start = Stopwatch.GetTimestamp();
        bound.Run();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private static Problem? TryParse(OpDefinition op, string key)
    {
        try
        {
            return op.ParseProblem(key);
        }
        catch (Exception e) when (e is OpException or ShapeException or FormatException or ArgumentException)
        {
            throw new UsageException($"'{key}' is not a problem of {op}: {e.Message}");
        }
    }
}
