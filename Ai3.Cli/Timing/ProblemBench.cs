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

    // A layer among hundreds: so many times the best is out of the race, and so long is spent on the rest.
    private const double OutOfTheRace = 4;
    private const double LayerNanoseconds = 3e8;

    // A sample of a short kernel is the mean of as many runs as the clock needs to see it.
    private const double LeastSample = 10_000;

    private static readonly HashSet<string> s_warm = [];

    /// <summary>Finds the operator whose problems have such keys, and reads the key.</summary>
    /// <exception cref="UsageException">No operator reads the key.</exception>
    public static (OpDefinition Op, Problem Problem) Parse(OpCatalog catalog, string key)
    {
        foreach (OpDefinition op in catalog.Operators)
            if (TryParse(op, key) is { } problem)
                return (op, problem);
        throw new UsageException($"'{key}' is no problem key; one is such as 'conv/f32 n1 c256 28x28 m256 k3x3 s1 p1 g1 relu' ('ai3 inspect MODEL --stage selection' prints a model's)");
    }

    /// <summary>What the automatic choice may take.</summary>
    public static IEnumerable<Candidate> Automatic(CandidateSet set) => set.Accepted.Where(c => !c.Algorithm.IsReference && !c.Algorithm.IsByNameOnly);

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
        Candidate? pick = Automatic(set).MinBy(c => c.CostNanoseconds) ?? set.Accepted.FirstOrDefault();
        Candidate[] candidates = [.. set.Accepted.Where(c => names.Count > 0 ? names.Contains(c.Algorithm.Name) : !c.Algorithm.IsReference || c == pick)];
        if (candidates.Length == 0)
            throw new UsageException($"no algorithm applies to '{problem.Key}': {string.Join("; ", set.Refused.Select(r => $"{r.Algorithm}: {r.Reason}"))}");
        return WithBound(problem, candidates, target, workers, bound =>
        {
            double total = bound.Sum(b => Warmup.Run(b.Run));
            return InTurns(bound, runs > 0 ? runs : Warmup.RunsFor(total), pick);
        });
    }

    /// <summary>Times what the automatic choice may take, the fastest first, in a fraction of a second; what is far from the best only once.</summary>
    public static List<ProblemTiming> RunLayer(Layer layer, Target target, WorkerPool workers)
    {
        Candidate[] candidates = [.. Automatic(layer.Op.Candidates(layer.Problem, target))];
        Candidate pick = candidates.MinBy(c => c.CostNanoseconds)!;
        return WithBound(layer.Problem, candidates, target, workers, bound =>
        {
            double[] first = [.. bound.Select(First)];
            double limit = OutOfTheRace * first.Min();
            BoundProblem[] racing = [.. bound.Where((_, i) => first[i] <= limit)];
            double round = 2 * first.Where(t => t <= limit).Sum();
            List<ProblemTiming> timings = InTurns(racing, (int)Math.Clamp(LayerNanoseconds / Math.Max(round, 1), 4, 60), pick);
            for (int i = 0; i < bound.Count; i++)
            {
                if (first[i] <= limit)
                    continue;
                var once = new Samples();
                once.Add(first[i]);
                timings.Add(new ProblemTiming(candidates[i], once, candidates[i] == pick));
            }
            return timings;
        });
    }

    // Code that has not run in this process yet is compiled anew after some calls.
    private static double First(BoundProblem bound)
    {
        if (s_warm.Add($"{bound.Candidate.Algorithm.Name} {bound.Candidate.Formats}"))
            Warmup.Run(bound.Run);
        int calls = Calls(Time(bound, 1));
        // One sample may meet a disturbance that puts the best out of the race.
        return Math.Min(Time(bound, calls), Math.Min(Time(bound, calls), Time(bound, calls)));
    }

    private static List<ProblemTiming> InTurns(IReadOnlyList<BoundProblem> bound, int rounds, Candidate? pick)
    {
        Samples[] times = [.. bound.Select(_ => new Samples())];
        int[] calls = [.. bound.Select(b => Calls(Time(b, 1)))];
        for (; rounds > 0; rounds--)
            for (int i = 0; i < times.Length; i++)
                times[i].Add(Time(bound[i], calls[i]));
        return [.. bound.Select((b, i) => new ProblemTiming(b.Candidate, times[i], b.Candidate == pick)).OrderBy(t => t.Times.Min)];
    }

    private static T WithBound<T>(Problem problem, Candidate[] candidates, Target target, WorkerPool workers, Func<IReadOnlyList<BoundProblem>, T> use)
    {
        Tensor?[] inputs = [.. problem.Inputs.Select((t, i) => t.IsAbsent ? null : RandomInput.MakeForKernel(t.Type, t.Shape, InputSeed + i))];
        var layouts = new LayoutChange(OpCatalog.Default, target);
        var bound = new List<BoundProblem>();
        try
        {
            foreach (Candidate candidate in candidates)
                bound.Add(new BoundProblem(problem, candidate, inputs, workers, layouts));
            return use(bound);
        }
        finally
        {
            foreach (IDisposable owned in bound.Concat<IDisposable?>(inputs).OfType<IDisposable>())
                owned.Dispose();
        }
    }

    private static int Calls(double nanoseconds) => (int)Math.Clamp(LeastSample / Math.Max(nanoseconds, 1), 1, 1000);

    // Once before, so that the other algorithms' traces in the caches do not count.
    private static double Time(BoundProblem bound, int calls)
    {
        bound.Run();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
            bound.Run();
        return (Stopwatch.GetTimestamp() - start) * (1e9 / Stopwatch.Frequency) / calls;
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
