using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>How much of an algorithm is proven.</summary>
public sealed record ProofOptions
{
    /// <summary>Problems for each instruction set.</summary>
    public int Count { get; init; } = 200;

    /// <summary>Determines the problems.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The instruction set; null for all that can run here.</summary>
    public IsaLevel? Isa { get; init; }

    /// <summary>How large dimensions may get; null for small and large in turn.</summary>
    public int? Size { get; init; }

    /// <summary>One problem of exactly this seed: repeats a failure.</summary>
    public bool Once { get; init; }

    /// <summary>Where operands are, in turn; with <see cref="Once"/> all of them. Guarded ones end the process where memory is touched that is not the algorithm's.</summary>
    public ImmutableArray<Placement> Placements { get; init; } = [Placement.Canary];

    /// <summary>Failures of one instruction set after which the next is begun.</summary>
    public int MaxFailures { get; init; } = 1;

    /// <summary>Called before each problem, so that one that ends the process is known; null for nothing.</summary>
    public Action<RowCase, ulong, int>? Before { get; init; }
}

/// <summary>A problem that an algorithm fails, shrunk.</summary>
/// <param name="Row">The algorithm and the instruction set.</param>
/// <param name="Seed">The seed that repeats it.</param>
/// <param name="Size">The size that repeats it.</param>
/// <param name="Message">One line: what is wrong, on which problem.</param>
public sealed record ProofFailure(RowCase Row, ulong Seed, int Size, string Message);

/// <summary>What became of a proof.</summary>
/// <param name="Passed">Problems on which everything held.</param>
/// <param name="Skipped">Problems that say nothing about the algorithm.</param>
/// <param name="Failures">The others.</param>
public sealed record ProofReport(int Passed, int Skipped, ImmutableArray<ProofFailure> Failures)
{
    /// <summary>Throws if something did not hold.</summary>
    /// <exception cref="InvalidOperationException">It says what, for each failure.</exception>
    public void ThrowIfFailed()
    {
        if (Failures.Length > 0)
            throw new InvalidOperationException(string.Join(Environment.NewLine, Failures.Select(f => f.Message)));
    }
}

public static partial class AlgorithmCheck
{
    /// <summary>Proves an algorithm, built in or a user's, on generated problems at every instruction set.</summary>
    /// <param name="catalog">The catalogue that has it.</param>
    /// <param name="op">Its operator.</param>
    /// <param name="algorithm">Its name.</param>
    /// <param name="options">How much; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no such algorithm, or no generator makes problems of its operator.</exception>
    public static ProofReport Run(OpCatalog catalog, string op, string algorithm, ProofOptions? options = null)
    {
        options ??= new ProofOptions();
        HashSet<OpDefinition> definitions = [.. catalog.Named(op)];
        RowCase[] rows = [.. RowTable.Of(catalog).Where(r => definitions.Contains(r.Op) && r.Row.Name == algorithm && (options.Isa is null || r.Isa == options.Isa))];
        if (rows.Length == 0)
            throw new ArgumentException(definitions.Count == 0 ? $"no operator is named '{op}'"
                : $"{op} has no algorithm '{algorithm}'; it has {string.Join(", ", definitions.SelectMany(d => d.Algorithms).Select(a => a.Name).Distinct())}");
        int passed = 0, skipped = 0;
        var failures = ImmutableArray.CreateBuilder<ProofFailure>();
        foreach (RowCase row in rows)
        {
            IProblemGenerator generator = ProblemGenerators.For(row.Op) ?? throw new ArgumentException($"no problem generator serves {row.OpName}");
            int before = failures.Count;
            for (int i = 0; i < (options.Once ? 1 : options.Count) && failures.Count - before < options.MaxFailures; i++)
            {
                ulong seed = options.Once ? options.Seed : RowTable.Seed(options.Seed, row, i);
                int size = options.Size ?? RowTable.Size(i);
                options.Before?.Invoke(row, seed, size);
                foreach (Placement placement in options.Once ? options.Placements : [options.Placements[i % options.Placements.Length]])
                {
                    CheckResult result = RowCheck.Run(row.Op, row.Row, row.Isa, generator, seed, size, placement);
                    passed += result.Outcome == CheckOutcome.Passed ? 1 : 0;
                    skipped += result.Outcome == CheckOutcome.Skipped ? 1 : 0;
                    if (result.IsFailure)
                        failures.Add(new ProofFailure(row, seed, size, result.Message.Split(RowCheck.ReplayMark)[0]));
                }
            }
        }
        foreach (OpDefinition definition in rows.Select(r => r.Op).Distinct())
            if (OperatorCheck.Verdicts(definition, ProblemGenerators.For(definition)!, options.Seed, options.Once ? 0 : 20, Isa.Supported) is { IsFailure: true } verdict)
                failures.Add(new ProofFailure(rows.First(r => r.Op == definition), options.Seed, 0, verdict.Message));
        return new ProofReport(passed, skipped, failures.ToImmutable());
    }
}
