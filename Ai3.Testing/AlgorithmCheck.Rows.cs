using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Testing;

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
            IProblemGenerator generator = GeneratorFor(row.Op, options);
            int before = failures.Count;
            for (int i = 0; i < (options.Once ? 1 : options.Count) && failures.Count - before < options.MaxFailures; i++)
            {
                ulong seed = options.Once ? options.Seed : RowTable.Seed(options.Seed, row, i);
                int size = options.Size ?? RowTable.Size(i);
                var step = new ProofStep(row.Op.ToString(), row.Row.Name, row.Isa, seed, size);
                options.Before?.Invoke(step);
                foreach (Placement placement in options.Once ? options.Placements : [options.Placements[i % options.Placements.Length]])
                {
                    CheckResult result = RowCheck.Run(row.Op, row.Row, row.Isa, generator, seed, size, placement);
                    passed += result.Outcome == CheckOutcome.Passed ? 1 : 0;
                    skipped += result.Outcome == CheckOutcome.Skipped ? 1 : 0;
                    if (result.IsFailure)
                        failures.Add(new ProofFailure(step, result.Problem, result.Message.Split(RowCheck.ReplayMark)[0]));
                }
            }
        }
        foreach (OpDefinition definition in rows.Select(r => r.Op).Distinct())
            if (OperatorCheck.Verdicts(definition, GeneratorFor(definition, options), options.Seed, options.Once ? 0 : 20, Isa.Supported) is { IsFailure: true } verdict)
                failures.Add(new ProofFailure(new ProofStep(definition.ToString(), algorithm, rows.First(r => r.Op == definition).Isa, options.Seed, 0), verdict.Problem, verdict.Message));
        return new ProofReport(passed, skipped, failures.ToImmutable());
    }

    private static IProblemGenerator GeneratorFor(OpDefinition op, ProofOptions options) =>
        options.Generators.FirstOrDefault(g => g.Serves(op)) ?? ProblemGenerators.For(op)
        ?? throw new ArgumentException($"no problem generator serves {RowCase.NameOf(op)}; give one as ProofOptions.Generators");
}
