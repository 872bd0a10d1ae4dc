using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Triangles over the bins of a one-sided spectrum, evenly spaced on the mel scale: [n/2 + 1, mels].</summary>
internal sealed record MelProblem : Problem
{
    public const string Name = "mel_weight_matrix";

    /// <summary>The five inputs; the first two are already read.</summary>
    public required ImmutableArray<TensorType> Scalars { get; init; }

    public required DType Type { get; init; }

    public required long Mels { get; init; }

    public required long Length { get; init; }

    public override ImmutableArray<TensorType> Inputs => Scalars;

    public override ImmutableArray<TensorType> Outputs => [MovementFacts.Operand(Type, [Length / 2 + 1, Mels])];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("n", Length));

    public static MelProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Inputs, r.Output(0).Type, r.Output(0).Shape[1], r.Int("n")));

    /// <exception cref="OpException">A size is out of range.</exception>
    public static MelProblem Create(ImmutableArray<TensorType> scalars, DType type, long mels, long length)
    {
        if (mels < 1 || length < 1)
            throw new OpException($"num_mel_bins is {mels} and dft_length {length}, both must be 1 or more");
        MovementFacts.Operand(type, [length / 2 + 1, mels]);
        return new MelProblem { Scalars = scalars, Type = type, Mels = mels, Length = length };
    }
}

/// <summary>MelWeightMatrix.</summary>
internal sealed unsafe class MelWeightMatrixOp() : OpDefinition<MelProblem>(s_rows)
{
    private static readonly ImmutableArray<Algorithm<MelProblem>> s_rows =
    [
        new()
        {
            Name = "reference",
            Source = "zeros, then each triangle",
            IsReference = true,
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + 2.0 * r.Problem.Outputs[0].Shape.Count,
            Error = static (_, _) => ErrorBound.Ulp(1),
            Bind = static (r, _) => new Kernel(r.Problem),
        },
    ];

    public static MelWeightMatrixOp V17 { get; } = new() { Name = "MelWeightMatrix", Since = 17, MinInputs = 5, MaxInputs = 5 };

    public override bool ReadsValues(NodeFacts node, int index) => index < 2;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = OutputType.Of(node);
        foreach ((int index, string what) in new[] { (2, "sample_rate"), (3, "lower_edge_hertz"), (4, "upper_edge_hertz") })
            ScalarValue.Constant(node, index, what);
        long? mels = ScalarValue.Integer(node, 0, "num_mel_bins"), length = ScalarValue.Integer(node, 1, "dft_length");
        if (mels is { } m && length is { } n)
            MelProblem.Create([], type, m, n);
        return [new TensorFact(type, [length / 2 + 1 ?? node.Fresh(), mels ?? node.Fresh()])];
    }

    public override Problem CreateProblem(NodeFacts node) => MelProblem.Create(MovementFacts.Operands(node), OutputType.Of(node),
        ScalarValue.Integer(node, 0, "num_mel_bins") ?? throw new OpException("num_mel_bins is not known"),
        ScalarValue.Integer(node, 1, "dft_length") ?? throw new OpException("dft_length is not known")) with
    { ConstantInputs = node.ConstantInputs };

    public override Problem? ParseProblem(string key) => MelProblem.Parse(key);

    private sealed class Kernel(MelProblem p) : PreparedKernel
    {
        private readonly DType _type = p.Type;
        private readonly long _mels = p.Mels;
        private readonly long _length = p.Length;
        private readonly long _bins = p.Length / 2 + 1;
        private readonly long _bytes = p.Outputs[0].ByteLength;
        private readonly DType[] _inputTypes = [.. p.Scalars.Select(s => s.Type)];

        public override void Run(in KernelArgs args)
        {
            double rate = Scalar(args, 2), low = Mel(Scalar(args, 3)), high = Mel(Scalar(args, 4));
            if (!(rate > 0) || double.IsNaN(low) || double.IsNaN(high))
                throw new OpException($"sample_rate is {rate}, must be above 0, and both edges must be above -700 hertz");
            var output = (void*)args.Outputs[0];
            System.Runtime.InteropServices.NativeMemory.Clear(output, (nuint)_bytes);
            double step = (high - low) / (_mels + 2);
            for (long mel = 0; mel < _mels; mel++)
                Triangle(output, mel, Bin(low + mel * step, rate), Bin(low + (mel + 1) * step, rate), Bin(low + (mel + 2) * step, rate));
        }

        // Up from left to center, down from there to right; bins that the spectrum does not have are left out.
        private void Triangle(void* output, long mel, long left, long center, long right)
        {
            for (long bin = Math.Max(left, 0); bin <= Math.Min(center, _bins - 1); bin++)
                Write(output, bin, mel, left == center ? 1 : (double)(bin - left) / (center - left));
            for (long bin = Math.Max(center, 0); bin < Math.Min(right, _bins); bin++)
                Write(output, bin, mel, (double)(right - bin) / (right - center));
        }

        private void Write(void* output, long bin, long mel, double value) => ElementAccess.Write(output, _type, bin * _mels + mel, value);

        // Far values stay apart from the spectrum's bins whatever they are.
        private long Bin(double mel, double rate) => (long)Math.Clamp(Math.Floor((_length + 1.0) * (700 * (Math.Pow(10, mel / 2595) - 1)) / rate), -1L << 40, 1L << 40);

        private double Scalar(in KernelArgs args, int index) => ElementAccess.Read((void*)args.Inputs[index], _inputTypes[index], 0);

        private static double Mel(double hertz) => 2595 * Math.Log10(1 + hertz / 700);
    }
}
