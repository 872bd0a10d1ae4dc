using System.Globalization;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>A function of one float32 element on every float32, or on every n-th: the worst error, and whether it is within the row's bound.</summary>
internal static unsafe class ExhaustiveCheck
{
    private const int Chunk = 1 << 16;

    /// <summary>True if the operator maps one float32 tensor to another of the same shape with default attributes.</summary>
    /// <remarks>Problems are made without inference, so an operator that needs a certain rank may throw anything.</remarks>
    public static bool Applies(OpDefinition op)
    {
        if (op.MinInputs != 1 || op.IsVariadic || op.MaxOutputs != 1 || op.IsNondeterministic)
            return false;
        try
        {
            Problem problem = ProblemOf(op);
            return problem.Outputs is [{ Type: DType.Float32 } y] && y.Shape.Count == Chunk && problem.Inputs[0].Shape.Count == Chunk
                && op.Evaluate(problem, [.. problem.Inputs.Select((t, i) => i == 0 ? new double[Chunk] : null)]) is not null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>Runs a row on every <paramref name="stride"/>-th float32.</summary>
    public static CheckResult Run(OpDefinition op, Algorithm row, IsaLevel isa, uint stride)
    {
        Problem problem = ProblemOf(op);
        Candidate? candidate = AlgorithmCheck.CandidatesOf(op, row, problem, new Target(isa, 1, CacheSizes.Typical)).FirstOrDefault(c => c.Formats == FormatChoice.Plain);
        if (candidate is null)
            return CheckResult.Skipped($"{op} {row.Name} does not take {problem.Key}");
        PreparedKernel kernel = candidate.Bind(null);
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        using Tensor x = Tensor.Allocate(DType.Float32, [Chunk]), y = Tensor.Allocate(DType.Float32, [Chunk]);
        var inputs = new nint[problem.Inputs.Length];
        inputs[0] = x.Address;
        var values = new double[]?[problem.Inputs.Length];
        values[0] = new double[Chunk];
        double worst = 0;
        float worstAt = 0;
        for (ulong bits = 0; bits <= uint.MaxValue; bits += (ulong)stride * Chunk)
        {
            Fill(x.AsSpan<float>(), values[0]!, bits, stride);
            kernel.Run(new KernelArgs { Inputs = inputs, Outputs = [y.Address], Workspace = workspace.Address, Workers = WorkerPool.Single });
            OracleResult oracle = op.Evaluate(problem, values)!;
            var limits = new ErrorLimit(candidate.Error, DType.Float32, [], null, 0, Fusion.None);
            Span<float> got = y.AsSpan<float>(), at = x.AsSpan<float>();
            for (int i = 0; i < Chunk; i++)
            {
                double value = oracle.Values[0][i], error = Error(got[i], value);
                if (error > worst)
                    (worst, worstAt) = (error, at[i]);
                bool right = candidate.Error.Kind == ErrorKind.Exact ? got[i].Equals((float)value)
                    : error == 0 || double.IsFinite(error) && Math.Abs(got[i] - value) <= limits.Of(value, oracle.Magnitudes[0][i], 0);
                if (!right)
                    return CheckResult.Failed(string.Create(CultureInfo.InvariantCulture,
                        $"{op} {row.Name} {isa}: of {at[i]:R} is {got[i]:R}, must be {value:R} ({error:G4} units in the last place; the row says {candidate.Error})"));
            }
        }
        return new CheckResult(CheckOutcome.Passed, string.Create(CultureInfo.InvariantCulture,
            $"{op} {row.Name} {isa}: at most {worst:F3} units in the last place, at {worstAt:R}; the row says {candidate.Error}"));
    }

    private static Problem ProblemOf(OpDefinition op) =>
        op.CreateProblem(new NodeFacts(Attributes.Empty, Math.Max(op.Since, Math.Min(op.Until, 21)), [new TensorFact(DType.Float32, Shape.Create(Chunk))], 1, static () => Dim.Symbol("d")));

    private static void Fill(Span<float> x, double[] values, ulong bits, uint stride)
    {
        for (int i = 0; i < x.Length; i++, bits += stride)
        {
            x[i] = BitConverter.UInt32BitsToSingle((uint)bits);
            values[i] = x[i];
        }
    }

    // In units in the last place of the value; infinite where one is NaN or infinite and the other is not.
    private static double Error(float got, double value)
    {
        float rounded = (float)value;
        if (got.Equals(rounded))
            return 0;
        if (float.IsNaN(got) || double.IsNaN(value) || double.IsInfinity(value))
            return double.PositiveInfinity;
        // Next to the largest float, the infinity above counts as the number it stands for.
        double number = float.IsInfinity(got) ? Math.CopySign(Math.ScaleB(1, 128), got) : got;
        double wanted = Math.Clamp(value, -Math.ScaleB(1, 128), Math.ScaleB(1, 128));
        return Math.Abs(number - wanted) / ErrorLimit.Spacing(DType.Float32, float.IsInfinity(rounded) ? float.MaxValue : value);
    }
}
