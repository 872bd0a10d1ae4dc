using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>HannWindow, HammingWindow and BlackmanWindow. A symmetric window of one sample is 1.</summary>
internal sealed unsafe class WindowOp() : OpDefinition<WindowProblem>(s_rows)
{
    private static readonly ImmutableArray<Algorithm<WindowProblem>> s_rows =
    [
        new()
        {
            Name = "direct",
            Source = "each sample by its formula, in double, squared sines where cosines would cancel",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + 25.0 * r.Problem.Output.Shape.Count,
            // A few roundings in double of terms of up to 1, then one to the type.
            Error = static (_, _) => ErrorBound.Relative(8),
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        ReferenceAlgorithm.Of<WindowProblem>(Evaluate),
    ];

    public static ImmutableArray<OpDefinition> All { get; } = [Make("hann", "HannWindow"), Make("hamming", "HammingWindow"), Make("blackman", "BlackmanWindow")];

    /// <summary>hann, hamming or blackman.</summary>
    public required string Kind { get; init; }

    public override Oracle<WindowProblem> Oracle => Evaluate;

    public override bool ReadsValues(NodeFacts node, int index) => index == 0;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = OutputType.Of(node);
        long? size = ScalarValue.Integer(node, 0, "size");
        if (size is { } known)
            return [MovementFacts.Output(type, WindowProblem.Create(Kind, TensorType.Absent, type, known, true).Output.Shape)];
        ImmutableArray<Dim> elements = MovementFacts.SmallElements(node, 0);
        return [new TensorFact(type, [elements is { IsDefault: false, Length: 1 } ? elements[0] : node.Fresh()])];
    }

    public override Problem CreateProblem(NodeFacts node) =>
        WindowProblem.Create(Kind, node.Operand(0), OutputType.Of(node), ScalarValue.Integer(node, 0, "size") ?? throw new OpException("size is not known"),
            node.Attributes.Flag("periodic", true)) with
        { ConstantInputs = node.ConstantInputs };

    public override Problem? ParseProblem(string key) => WindowProblem.Parse(key, Kind);

    private static WindowOp Make(string kind, string name) => new() { Kind = kind, Name = name, Since = 17, MinInputs = 1, MaxInputs = 1 };

    private static OracleResult Evaluate(WindowProblem p, IReadOnlyList<double[]?> inputs)
    {
        (double a0, double a1, double a2) = p.Coefficients;
        var values = new double[p.Output.Shape.Count];
        for (int j = 0; j < values.Length; j++)
        {
            double angle = 2 * Math.PI * j / Math.Max(p.Period, 1);
            double value = p.Period == 0 ? 1 : a0 - a1 * Math.Cos(angle) + a2 * Math.Cos(2 * angle);
            values[j] = p.Output.Type.IsFloat() ? value : Math.Truncate(value);
        }
        return new OracleResult([values], [Array.ConvertAll(values, static _ => 1.0)]);
    }

    private sealed class Kernel(WindowProblem p) : PreparedKernel
    {
        private readonly DType _type = p.Output.Type;
        private readonly long _size = p.Output.Shape.Count;
        private readonly long _period = p.Period;
        private readonly (double A0, double A1, double A2) _a = p.Coefficients;

        public override void Run(in KernelArgs args)
        {
            for (long j = 0; j < _size; j++)
                ElementAccess.Write((void*)args.Outputs[0], _type, j, _period == 0 ? 1 : At(j));
        }

        // cos(2 t) = 1 - 2 sin(t)^2, and cos(4 t) = 1 - 2 sin(2 t)^2 = 1 - 8 s (1 - s) with s = sin(t)^2.
        private double At(long j)
        {
            double sine = Math.Sin(Math.PI * j / _period), s = sine * sine;
            return _a.A0 - _a.A1 + _a.A2 + 2 * _a.A1 * s - 8 * _a.A2 * s * (1 - s);
        }
    }
}

/// <summary>The attribute output_datatype.</summary>
internal static class OutputType
{
    public static DType Of(NodeFacts node)
    {
        long value = node.Attributes.Int("output_datatype", (long)DType.Float32);
        return value is > 0 and <= (long)DType.Int2 && TypeSet.Numeric.Has((DType)value) ? (DType)value
            : throw new OpException($"output_datatype is {value}, must be a number type");
    }
}
