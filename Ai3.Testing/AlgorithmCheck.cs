using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>
/// Proves one row on one problem: values within the row's bound, memory left alone, everything written, the same bits on every
/// run, with any number of threads, in place and out of place.
/// </summary>
public static partial class AlgorithmCheck
{
    private const byte PoisonA = 0xFF;
    private const byte PoisonB = 0x5A;

    [ThreadStatic] private static WorkerPool?[]? s_pools;

    // The first run's outputs. Bits of NaNs count where elements are moved and not computed, so where there is no oracle.
    private readonly record struct Baseline(byte[]?[] Bytes, bool NanBits);

    /// <summary>Runs the check.</summary>
    /// <param name="check">What to check.</param>
    /// <param name="generator">The generator that serves the operator.</param>
    internal static CheckResult Run(CheckCase check, IProblemGenerator generator)
    {
        try
        {
            return Prove(check, generator);
        }
        catch (CheckFailure failure)
        {
            return CheckResult.Failed($"{check}: {failure.Message}", check.Problem.Key);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            string at = e.StackTrace?.Split('\n').FirstOrDefault()?.Trim() ?? "";
            return CheckResult.Failed($"{check}: throws {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} {at}", check.Problem.Key);
        }
    }

    /// <summary>The candidates of one row for a problem.</summary>
    internal static IReadOnlyList<Candidate> CandidatesOf(OpDefinition op, Algorithm row, Problem problem, Target target) =>
        [.. op.Candidates(problem, target).Accepted.Where(c => c.Algorithm.Name == row.Name)];

    private static CheckResult Prove(CheckCase check, IProblemGenerator generator)
    {
        if (!generator.Allows(check.Op, check.Problem, check.Mode))
            return CheckResult.Skipped($"{check.Mode} says nothing about {check.Problem.Key}");
        IReadOnlyList<Candidate> candidates = CandidatesOf(check.Op, check.Row, check.Problem, check.Target(1));
        if (candidates.Count == 0)
            return CheckResult.Skipped($"{check.Row.Name} does not support {check.Problem.Key}");
        double[]?[] inputs = Fill(check, generator);
        Expectation? expectation = check.Op.IsNondeterministic ? null : Expectation.Of(check.Op, generator, check.Problem, check.Target(1), inputs);
        foreach (Candidate candidate in candidates)
            ProveCandidate(check, generator, candidate, inputs, expectation);
        return CheckResult.Passed;
    }

    private static double[]?[] Fill(CheckCase check, IProblemGenerator generator)
    {
        Problem problem = check.Problem;
        int multiple = Math.Max(1, generator.WeightMultiple(check.Op, problem, check.Row));
        var inputs = new double[]?[problem.Inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (problem.Inputs[i].IsAbsent)
                continue;
            // Each input has its own sequence, so that shrinking one leaves the others as they were.
            inputs[i] = generator.Fill(check.Op, problem, i, check.Mode, new TestRandom(TestRandom.Derive(check.Seed, i)));
            if (inputs[i]!.Length != problem.Inputs[i].Shape.Count)
                throw new CheckFailure($"the generator fills input {i} with {inputs[i]!.Length} elements, {problem.Inputs[i]} takes {problem.Inputs[i].Shape.Count}");
            if (i == 1 && multiple > 1 && check.Mode == CheckMode.ExactInteger)
                inputs[i] = Array.ConvertAll(inputs[i]!, v => v * multiple);
        }
        return inputs;
    }

    private static void ProveCandidate(CheckCase check, IProblemGenerator generator, Candidate candidate, double[]?[] inputs, Expectation? expectation)
    {
        string where = candidate.Formats == FormatChoice.Plain ? "" : $" {candidate.Formats}";
        try
        {
            CheckSizes(candidate);
            if (candidate.Algorithm.IsView)
            {
                ProveView(check, inputs, expectation);
                return;
            }
            using var run = new KernelRun(check.Problem, candidate.Formats, inputs, check.Placement);
            run.Prepare(candidate);
            Baseline first = ProveRuns(check, run, expectation);
            if (expectation is not null)
                Compare(check, generator, candidate, inputs, expectation, run);
            foreach ((int Output, int Input) pair in candidate.InPlace)
                ProveInPlace(check, run, pair, first);
            ProveThreads(check, candidate, run, inputs, first);
            if (check.Seed % 4 == 0)
                ProveAtTheSameTime(check, candidate, run, inputs, first);
            if (check.Seed % 4 == 1)
                ProvePackKey(check, generator, candidate, run, inputs);
        }
        catch (CheckFailure failure)
        {
            throw new CheckFailure(failure.Message + where);
        }
    }

    private static void CheckSizes(Candidate candidate)
    {
        if (candidate.WorkspaceBytes < 0 || candidate.PackedBytes < 0)
            throw new CheckFailure($"WorkspaceBytes is {candidate.WorkspaceBytes} and PackedBytes {candidate.PackedBytes}; both are 0 or more");
        if (!(candidate.CostNanoseconds >= 0) || double.IsInfinity(candidate.CostNanoseconds))
            throw new CheckFailure($"CostHint is {candidate.CostNanoseconds}; it is finite and 0 or more");
        if (candidate.PackKey is null && candidate.PackedBytes != 0)
            throw new CheckFailure($"PackedBytes is {candidate.PackedBytes}, but there is no PackKey");
        if (!(candidate.Error.Factor >= 0))
            throw new CheckFailure($"the error bound has factor {candidate.Error.Factor}");
    }

    private static unsafe void ProveView(CheckCase check, double[]?[] inputs, Expectation? expectation)
    {
        TensorType input = check.Problem.Inputs[0], output = check.Problem.Outputs[0];
        if (input.Type.BitsPerElement() != output.Type.BitsPerElement() || input.Shape.Count != output.Shape.Count)
            throw new CheckFailure($"a view of {input} cannot be {output}");
        using var run = new KernelRun(check.Problem, FormatChoice.Plain, inputs, Placement.Canary);
        run.StoreInputAsOutput();
        string? wrong = expectation switch
        {
            { Bytes: { } bytes } => OutputComparison.AgainstBytes(run.Outputs[0]!, output, Format.Plain, bytes[0]!),
            { Oracle: { } oracle } => OutputComparison.AgainstOracle(run.Outputs[0]!, output, Format.Plain, oracle.Values[0], oracle.Magnitudes[0],
                null, OutputComparison.Rules.Bits),
            _ => null,
        };
        if (wrong is not null)
            throw new CheckFailure($"the view is not the output: {wrong}");
    }

    // Two runs with different contents of outputs and workspace; a difference is an unwritten element or a read of one.
    private static Baseline ProveRuns(CheckCase check, KernelRun run, Expectation? expectation)
    {
        run.Execute(WorkerPool.Single, PoisonA);
        var first = new Baseline(run.Snapshot(), NanBits: expectation?.Oracle is null);
        run.Execute(WorkerPool.Single, PoisonB);
        if (!check.Op.IsNondeterministic)
            RequireEqual(check.Problem, run, first, "with other bytes in outputs and workspace before the run");
        if (check.Row.IsReference)
            return first;
        // A collection during a run counts the rest of the thread's allocation block, so one run may mislead.
        long allocated = run.Execute(WorkerPool.Single, PoisonA);
        for (int i = 0; i < 3 && allocated != 0; i++)
            allocated = run.Execute(WorkerPool.Single, PoisonA);
        if (allocated != 0)
            throw new CheckFailure($"a run allocates {allocated} bytes on the managed heap");
        return first;
    }

    private static void ProveInPlace(CheckCase check, KernelRun run, (int Output, int Input) pair, Baseline first)
    {
        (int output, int input) = pair;
        if ((uint)output >= (uint)check.Problem.Outputs.Length || (uint)input >= (uint)check.Problem.Inputs.Length)
            throw new CheckFailure($"in-place pair ({output}, {input}) names an operand that is not there");
        if (check.Problem.Outputs[output].IsAbsent || check.Problem.Inputs[input].IsAbsent || check.Problem.IsConstant(input))
            return;
        run.Execute(WorkerPool.Single, PoisonB, pair);
        RequireEqual(check.Problem, run, first, $"with output {output} in the memory of input {input}");
    }

    private static void ProveThreads(CheckCase check, Candidate candidate, KernelRun single, double[]?[] inputs, Baseline first)
    {
        if (check.Op.IsNondeterministic)
            return;
        for (int threads = 2; threads <= check.MaxThreads; threads++)
        {
            Candidate? same = CandidatesOf(check.Op, check.Row, check.Problem, check.Target(threads)).FirstOrDefault(c => c.Formats == candidate.Formats);
            if (same is null)
                throw new CheckFailure($"applies with 1 thread, but not with {threads}");
            using var run = new KernelRun(check.Problem, candidate.Formats, inputs, check.Placement);
            run.Prepare(same);
            run.Execute(Pool(threads), PoisonA);
            RequireEqual(check.Problem, run, first, $"with {threads} threads");
            // The pool may be taken: the same kernel then runs on one thread.
            run.Execute(WorkerPool.Single, PoisonB);
            RequireEqual(check.Problem, run, first, $"planned for {threads} threads and run on one");
        }
        single.Execute(WorkerPool.Single, PoisonB);
        RequireEqual(check.Problem, single, first, "on a later run");
    }

    // One kernel, two callers at a time, each with its own outputs and workspace.
    private static void ProveAtTheSameTime(CheckCase check, Candidate candidate, KernelRun run, double[]?[] inputs, Baseline first)
    {
        if (check.Op.IsNondeterministic)
            return;
        using var other = new KernelRun(check.Problem, candidate.Formats, inputs, check.Placement);
        other.Share(run, candidate);
        Exception? failure = null;
        var thread = new Thread(() => failure = Repeat(other));
        thread.Start();
        Exception? mine = Repeat(run);
        thread.Join();
        if ((mine ?? failure) is { } e)
            throw new CheckFailure(e.Message);

        Exception? Repeat(KernelRun subject)
        {
            try
            {
                for (int i = 0; i < 4; i++)
                {
                    subject.Execute(WorkerPool.Single, PoisonA);
                    RequireEqual(check.Problem, subject, first, "while another thread runs the same kernel");
                }
                return null;
            }
            catch (CheckFailure e)
            {
                return e;
            }
        }
    }

    // Another problem with the same key and constants must be content with the same packed bytes.
    private static void ProvePackKey(CheckCase check, IProblemGenerator generator, Candidate candidate, KernelRun run, double[]?[] inputs)
    {
        if (candidate.PackKey is null)
            return;
        foreach (Problem problem in generator.Shrink(check.Problem).Take(8))
        {
            if (problem.ConstantInputs != check.Problem.ConstantInputs || problem.Inputs.Length != check.Problem.Inputs.Length
                || Enumerable.Range(0, problem.Inputs.Length).Any(i => problem.IsConstant(i) && problem.Inputs[i] != check.Problem.Inputs[i]))
                continue;
            Candidate? same = CandidatesOf(check.Op, check.Row, problem, check.Target(1)).FirstOrDefault(c => c.Formats == candidate.Formats && c.PackKey == candidate.PackKey);
            if (same is null)
                continue;
            double[]?[] resized = [.. inputs.Select((v, i) => problem.Inputs[i].IsAbsent ? null : problem.IsConstant(i) ? v : new double[problem.Inputs[i].Shape.Count])];
            using var other = new KernelRun(problem, same.Formats, resized, Placement.Canary);
            other.Prepare(same);
            if (!other.PackedBytes.AsSpan().SequenceEqual(run.PackedBytes))
                throw new CheckFailure($"packs the same constants to other bytes for '{problem.Key}' under the same key '{candidate.PackKey}'");
        }
    }

    private static void Compare(CheckCase check, IProblemGenerator generator, Candidate candidate, double[]?[] inputs, Expectation expectation, KernelRun run)
    {
        Problem problem = check.Problem;
        // Only an oracle has magnitudes.
        OutputComparison.Rules rules = expectation.Oracle is null ? OutputComparison.Rules.Bits : RulesFor(check, generator, candidate, inputs);
        for (int i = 0; i < problem.Outputs.Length; i++)
        {
            if (run.Outputs[i] is not { } output)
                continue;
            TensorType operand = problem.Outputs[i];
            Format format = candidate.Formats.Output(i);
            string? wrong = expectation.Bytes is { } bytes
                ? OutputComparison.AgainstBytes(output, operand, format, bytes[i]!)
                : OutputComparison.AgainstOracle(output, operand, format, expectation.Oracle!.Values[i], expectation.Oracle.Magnitudes[i],
                    i == 0 ? expectation.PrologueMagnitudes : null, rules, i);
            wrong ??= OutputComparison.Padding(output, operand, format);
            if (wrong is not null)
                throw new CheckFailure($"output {i} {wrong}");
        }
    }

    private static OutputComparison.Rules RulesFor(CheckCase check, IProblemGenerator generator, Candidate candidate, double[]?[] inputs)
    {
        Fusion fusion = generator.FusionOf(check.Problem);
        ErrorBound bound = candidate.Error;
        int multiple = generator.WeightMultiple(check.Op, check.Problem, check.Row);
        bool direct = bound.Kind is ErrorKind.Exact or ErrorKind.PerElement;
        bool whole = check.Mode == CheckMode.ExactInteger && inputs.All(v => v is null || v.All(x => Math.Floor(x) == x));
        bool specials = inputs.Any(v => v is not null && v.Any(x => !double.IsFinite(x)));
        return new OutputComparison.Rules
        {
            Bound = bound,
            ExactSums = whole && (direct || multiple > 0) && fusion.Activation.IsClamp && fusion.PrologueActivation.IsClamp,
            ExactBelow = direct ? 1 << 24 : 1 << 18,
            SignOfZero = generator.SignOfZeroMatters(check.Op, check.Problem) && fusion.IsNone,
            SpecialsStayPut = !specials || candidate.Algorithm.PropagatesExactly,
            Alarm = check.Mode == CheckMode.RandomSigns ? generator.Alarm(check.Op, check.Problem, check.Row, bound) : null,
            Norms = bound.Kind == ErrorKind.TileNorm ? Expectation.Norms(check.Op, generator, check.Problem, inputs) : null,
            Fusion = fusion,
        };
    }

    private static void RequireEqual(Problem problem, KernelRun run, Baseline first, string when)
    {
        for (int i = 0; i < first.Bytes.Length; i++)
        {
            if (first.Bytes[i] is not { } expected)
                continue;
            ReadOnlySpan<byte> got = run.Outputs[i]!.Bytes;
            int same = FirstDifference(problem.Outputs[i].Type, got, expected, first.NanBits);
            if (same == expected.Length)
                continue;
            int size = Math.Max(problem.Outputs[i].Type.ByteSize(), 1);
            throw new CheckFailure($"output {i} is not bit-equal {when}: storage element {same / size} of {problem.Outputs[i]} is "
                + $"{Convert.ToHexString(got.Slice(same / size * size, size))}, was {Convert.ToHexString(expected.AsSpan(same / size * size, size))}");
        }
    }

    // The sign and payload of a NaN that arithmetic makes depend on the order of operands in an instruction, so on the compiler's mood.
    private static unsafe int FirstDifference(DType type, ReadOnlySpan<byte> got, ReadOnlySpan<byte> expected, bool nanBits)
    {
        int size = Math.Max(type.ByteSize(), 1), from = 0;
        while (true)
        {
            int same = from + got[from..].CommonPrefixLength(expected[from..]);
            if (same == expected.Length || nanBits || !type.IsFloat())
                return same;
            int element = same / size;
            fixed (byte* a = got, b = expected)
                if (!double.IsNaN(ElementCodec.Read(a, type, element)) || !double.IsNaN(ElementCodec.Read(b, type, element)))
                    return same;
            from = (element + 1) * size;
        }
    }

    private static WorkerPool Pool(int threads)
    {
        s_pools ??= new WorkerPool?[16];
        return s_pools[threads] ??= new WorkerPool(threads, spinMicroseconds: 0, everyWorker: true);
    }
}
