using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>
/// Runs every applicable algorithm on every node of a model, on the values that a run has there, and compares with the node's oracle under
/// the algorithm's own bound (docs/numerics.md). Memory round the operands is watched as in the property tests.
/// </summary>
public static class ModelVerifier
{
    // Operands are held as doubles beside their own type.
    private const long MostElements = 1 << 28;
    private const byte Poison = 0xFF;

    /// <summary>Verifies node by node.</summary>
    /// <param name="session">The compiled model: its selection makes the values.</param>
    /// <param name="inputs">The model's inputs.</param>
    /// <param name="chosenOnly">Whether only the algorithm is run that the selection chose.</param>
    public static IEnumerable<VerifiedNode> Run(Session session, IReadOnlyDictionary<string, Value> inputs, bool chosenOnly = false)
    {
        foreach (TracedNode node in session.Trace(inputs))
            yield return Verify(node, session.Target, chosenOnly);
    }

    private static VerifiedNode Verify(TracedNode node, Target target, bool chosenOnly)
    {
        string skipped = WhySkipped(node);
        ImmutableArray<VerifiedAlgorithm> algorithms = [];
        if (skipped.Length == 0)
        {
            double[]?[] inputs = [.. node.Inputs.Select(v => v is Tensor tensor ? ValuesOf(tensor) : null)];
            IProblemGenerator generator = ProblemGenerators.For(node.Op!) ?? NoGenerator.Instance;
            Expectation? expectation = Expectation.Of(node.Op!, generator, node.Problem!, target, inputs);
            if (expectation is null)
                skipped = "the operator has no oracle";
            else
                algorithms = [.. CandidatesOf(node, target, chosenOnly).Select(c => Verify(node, generator, expectation, c, inputs))];
        }
        return new VerifiedNode(node.Node.Name, node.Node.QualifiedOp, node.Problem?.Key ?? "", algorithms, skipped);
    }

    private static string WhySkipped(TracedNode node)
    {
        if (node.Op is null)
            return "runs subgraphs";
        if (node.Problem is null)
            return "resolved while running";
        if (node.Op.IsNondeterministic)
            return "random";
        TensorType[] operands = [.. node.Problem.Inputs.Concat(node.Problem.Outputs).Where(t => !t.IsAbsent)];
        if (operands.FirstOrDefault(t => !ElementCodec.HasValues(t.Type)) is { IsAbsent: false } other)
            return $"element type {other.Type.ShortName()}";
        return operands.Sum(t => (double)t.Shape.Count) > MostElements ? "larger than what is verified" : "";
    }

    // The reference row is the oracle itself.
    private static IEnumerable<Candidate> CandidatesOf(TracedNode node, Target target, bool chosenOnly) =>
        node.Op!.Candidates(node.Problem!, target).Accepted.Where(c => chosenOnly ? IsChosen(node, c) : !c.Algorithm.IsReference || IsChosen(node, c));

    private static bool IsChosen(TracedNode node, Candidate candidate) =>
        node.Winner is { } winner && winner.Algorithm.Name == candidate.Algorithm.Name && winner.Formats == candidate.Formats;

    private static VerifiedAlgorithm Verify(TracedNode node, IProblemGenerator generator, Expectation expectation, Candidate candidate, double[]?[] inputs)
    {
        ErrorMeasure measure = default;
        string failure = "";
        try
        {
            using var run = new KernelRun(node.Problem!, candidate.Formats, inputs, Placement.Canary);
            if (candidate.Algorithm.IsView)
            {
                run.StoreInputAsOutput();
            }
            else
            {
                run.Prepare(candidate);
                run.Execute(WorkerPool.Single, Poison);
            }
            failure = Compare(node, generator, expectation, candidate, inputs, run, ref measure) ?? "";
        }
        catch (Exception e) when (e is CheckFailure or OpException)
        {
            failure = e.Message;
        }
        return new VerifiedAlgorithm(candidate.Algorithm.Name, candidate.Formats.ToString(), IsChosen(node, candidate),
            measure.WorstUlp, measure.RmsUlp, measure.BoundShare, failure);
    }

    private static string? Compare(TracedNode node, IProblemGenerator generator, Expectation expectation, Candidate candidate, double[]?[] inputs, KernelRun run, ref ErrorMeasure measure)
    {
        Problem problem = node.Problem!;
        OutputComparison.Rules rules = RulesFor(node, generator, expectation, candidate, inputs);
        for (int i = 0; i < problem.Outputs.Length; i++)
        {
            if (run.Outputs[i] is not { } output)
                continue;
            TensorType operand = problem.Outputs[i];
            Format format = candidate.Algorithm.IsView ? Format.Plain : candidate.Formats.Output(i);
            string? wrong;
            if (expectation.Oracle is { } oracle)
            {
                double[]? prologue = i == 0 ? expectation.PrologueMagnitudes : null;
                wrong = OutputComparison.AgainstOracle(output, operand, format, oracle.Values[i], oracle.Magnitudes[i], prologue, rules, i);
                measure = measure.Worse(ErrorMeasure.Of(output, operand, format, oracle.Values[i], oracle.Magnitudes[i], prologue, rules, i));
            }
            else
            {
                wrong = OutputComparison.AgainstBytes(output, operand, format, expectation.Bytes![i]!);
            }
            wrong ??= OutputComparison.Padding(output, operand, format);
            if (wrong is not null)
                return $"output {i} {wrong}";
        }
        return null;
    }

    private static OutputComparison.Rules RulesFor(TracedNode node, IProblemGenerator generator, Expectation expectation, Candidate candidate, double[]?[] inputs)
    {
        if (expectation.Oracle is null)
            return OutputComparison.Rules.Bits;
        ErrorBound bound = candidate.Algorithm.IsView ? ErrorBound.Exact : candidate.Error;
        Fusion fusion = generator.FusionOf(node.Problem!);
        bool specials = inputs.Any(v => v is not null && v.Any(x => !double.IsFinite(x)));
        return new OutputComparison.Rules
        {
            Bound = bound,
            ExactSums = false,
            ExactBelow = 0,
            SignOfZero = generator.SignOfZeroMatters(node.Op!, node.Problem!) && fusion.IsNone,
            SpecialsStayPut = !specials || candidate.Algorithm.PropagatesExactly,
            Alarm = null,
            Norms = bound.Kind == ErrorKind.TileNorm ? Expectation.Norms(node.Op!, generator, node.Problem!, inputs) : null,
            Fusion = fusion,
        };
    }

    private static unsafe double[] ValuesOf(Tensor tensor)
    {
        var values = new double[tensor.Count];
        for (long i = 0; i < values.Length; i++)
            values[i] = ElementCodec.Read((byte*)tensor.Address, tensor.Type, i);
        GC.KeepAlive(tensor);
        return values;
    }
}
