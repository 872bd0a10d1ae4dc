using System.Diagnostics;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>The median time of one step of a plan.</summary>
/// <param name="Step">The step.</param>
/// <param name="Nanoseconds">Its median time.</param>
internal sealed record StepTiming(PlanStep Step, double Nanoseconds)
{
    /// <summary>Floating-point operations of the definition; 0 where they are not known.</summary>
    public double Flops => Step.Problem?.Flops ?? 0;

    /// <summary>Bytes of all operands, each once; 0 where they are not known.</summary>
    public double Bytes => Step.Problem?.Traffic ?? 0;
}

/// <summary>Times a compiled model on fixed inputs.</summary>
internal sealed class ModelBench : IDisposable
{
    private readonly Session _session;
    private readonly Binding _binding;

    public ModelBench(Session session, IReadOnlyDictionary<string, Value> inputs)
    {
        _session = session;
        _binding = session.CreateBinding();
        foreach ((string name, Value value) in inputs)
            _binding.SetInput(name, value);
    }

    /// <summary>The plan that the runs use.</summary>
    public Plan Plan => _session.Plan ?? throw new InvalidOperationException("the session has not run yet");

    /// <summary>Floating-point operations of a run; 0 if no step counts any.</summary>
    public double Flops => Plan.Steps.Sum(s => s.Problem?.Flops ?? 0);

    /// <summary>Times whole runs.</summary>
    /// <param name="runs">How many; 0 to choose from the time of a run.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    public Samples Run(int runs, Progress? progress = null)
    {
        progress?.Say("warming up");
        double last = Warmup.Run(() => _session.Run(_binding));
        var times = new Samples();
        int count = runs > 0 ? runs : Warmup.RunsFor(last);
        for (int i = 1; i <= count; i++)
        {
            progress?.Say($"run {i} of {count}");
            long start = Stopwatch.GetTimestamp();
            _session.Run(_binding);
            times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }
        return times;
    }

    /// <summary>Times each step, in the order of the plan.</summary>
    public List<StepTiming> Profile(int runs)
    {
        var profile = new RunProfile();
        var times = new Dictionary<PlanStep, Samples>();
        for (int i = 0; i < runs; i++)
        {
            profile.Clear();
            _session.Run(_binding, new RunOptions { Profile = profile });
            foreach (RunProfile.Entry entry in profile.Entries)
            {
                if (!times.TryGetValue(entry.Step, out Samples? samples))
                    times.Add(entry.Step, samples = new Samples());
                samples.Add(entry.Nanoseconds);
            }
        }
        return [.. Plan.Steps.Where(times.ContainsKey).Select(s => new StepTiming(s, times[s].Median))];
    }

    /// <summary>One profiled run.</summary>
    public RunProfile Trace()
    {
        var profile = new RunProfile();
        _session.Run(_binding, new RunOptions { Profile = profile });
        return profile;
    }

    public void Dispose() => _binding.Dispose();
}
