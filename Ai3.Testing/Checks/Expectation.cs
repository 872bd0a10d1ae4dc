using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>What the outputs of a problem must be: values with bounds from the oracle, or the bytes of the reference row.</summary>
internal sealed unsafe class Expectation
{
    private Expectation(OracleResult? oracle, double[]? prologueMagnitudes, byte[]?[]? bytes)
    {
        Oracle = oracle;
        PrologueMagnitudes = prologueMagnitudes;
        Bytes = bytes;
    }

    /// <summary>Values and S; null where <see cref="Bytes"/> decide.</summary>
    public OracleResult? Oracle { get; }

    /// <summary>With a prologue, S of output 0 over |x * scale| + |shift|: what rounding in the prologue is amplified by.</summary>
    public double[]? PrologueMagnitudes { get; }

    /// <summary>Row-major bytes of each output; null where <see cref="Oracle"/> decides.</summary>
    public byte[]?[]? Bytes { get; }

    /// <summary>Computes it; null if the operator has neither an oracle for these types nor a reference row.</summary>
    public static Expectation? Of(OpDefinition op, IProblemGenerator generator, Problem problem, Target target, double[]?[] inputs)
    {
        if (problem.Inputs.Concat(problem.Outputs).All(t => t.IsAbsent || ElementCodec.HasValues(t.Type)))
        {
            OracleResult? oracle = op.Evaluate(problem, Copy(inputs));
            if (oracle is not null)
                return new Expectation(oracle, Prologue(op, generator, problem, inputs), null);
        }
        Candidate? reference = op.Candidates(problem, target).Accepted.FirstOrDefault(c => c.Algorithm.IsReference && c.Formats == FormatChoice.Plain);
        return reference is null ? null : new Expectation(null, null, RunPlain(problem, reference, inputs));
    }

    /// <summary>
    /// The largest S of each output if every element of input 0 were as large as the largest: what a transform's rounding scales
    /// with, since it mixes elements that the operator itself never multiplies.
    /// </summary>
    public static double[] Norms(OpDefinition op, IProblemGenerator generator, Problem problem, double[]?[] inputs)
    {
        (Problem inner, int own) = generator.WithoutFusion(problem);
        Fusion fusion = generator.FusionOf(problem);
        double[]?[] finite = [.. inputs.Select(v => v is null ? null : Array.ConvertAll(v, x => double.IsFinite(x) ? Math.Abs(x) : 0))];
        double largest = Largest(finite[0]!);
        if (fusion.Prologue)
        {
            int scale = own + (fusion.Residual ? 1 : 0);
            largest = largest * Largest(finite[scale]!) + Largest(finite[scale + 1]!);
        }
        double[]?[] absolute = [.. finite.Take(own)];
        Array.Fill(absolute[0]!, largest);
        if (generator.Norm(op, inner, absolute) is { } norm)
            return [.. Enumerable.Repeat(norm, problem.Outputs.Length)];
        return [.. op.Evaluate(inner, absolute)!.Magnitudes.Select(Largest)];
    }

    private static double Largest(double[] values) => values.Length == 0 ? 0 : values.Max();

    private static double[]? Prologue(OpDefinition op, IProblemGenerator generator, Problem problem, double[]?[] inputs)
    {
        Fusion fusion = generator.FusionOf(problem);
        if (!fusion.Prologue)
            return null;
        (Problem inner, int own) = generator.WithoutFusion(problem);
        double[]?[] absolute = [.. inputs.Take(own).Select(v => v is null ? null : Array.ConvertAll(v, Math.Abs))];
        int scale = own + (fusion.Residual ? 1 : 0);
        Shape shape = problem.Inputs[0].Shape;
        long channels = shape[1], pixels = 1;
        for (int i = 2; i < shape.Rank; i++)
            pixels *= shape[i];
        double[] x = absolute[0]!;
        for (long i = 0; i < x.Length; i++)
        {
            long c = i / pixels % channels;
            x[i] = x[i] * Math.Abs(inputs[scale]![c]) + Math.Abs(inputs[scale + 1]![c]);
        }
        return op.Evaluate(inner, absolute)!.Magnitudes[0];
    }

    private static byte[]?[] RunPlain(Problem problem, Candidate reference, double[]?[] inputs)
    {
        using var run = new KernelRun(problem, FormatChoice.Plain, inputs, Placement.Canary);
        run.Prepare(reference);
        run.Execute(WorkerPool.Single, poison: 0);
        var bytes = new byte[]?[problem.Outputs.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = problem.Outputs[i].IsAbsent ? null : run.Outputs[i]!.Bytes.ToArray();
        return bytes;
    }

    // An oracle may work in the arrays it is given.
    private static double[]?[] Copy(double[]?[] inputs) => [.. inputs.Select(v => (double[]?)v?.Clone())];
}
