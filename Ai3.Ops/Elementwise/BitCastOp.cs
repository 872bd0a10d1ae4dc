using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The input's bits as elements of another type of the same width.</summary>
internal sealed record BitCastProblem : Problem
{
    public const string Name = "bit_cast";

    public required TensorType Input { get; init; }

    public required DType Type { get; init; }

    public override ImmutableArray<TensorType> Inputs => [Input];

    public override ImmutableArray<TensorType> Outputs => [new(Type, Input.Shape)];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs);

    public static BitCastProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Input(0), r.Output(0).Type));

    /// <exception cref="OpException">The widths differ, or there are no bits.</exception>
    public static BitCastProblem Create(TensorType input, DType type)
    {
        BitCastOp.CheckWidths(input.Type, type);
        return new BitCastProblem { Input = input, Type = type };
    }
}

/// <summary>BitCast: no bit changes, only the element type.</summary>
internal sealed class BitCastOp() : OpDefinition<BitCastProblem>(s_rows)
{
    private static readonly ImmutableArray<Algorithm<BitCastProblem>> s_rows =
    [
        new()
        {
            Name = "copy",
            Source = "all bytes copied, or left where they are",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + r.Problem.Traffic / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => new Kernel(r.Problem.Input.ByteLength),
        },
        new()
        {
            Name = "reference",
            Source = "each element copied",
            IsReference = true,
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 1e3 + 20.0 * r.Problem.Input.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Reference(r.Problem.Input),
        },
    ];

    public static BitCastOp V26 { get; } = new() { Name = "BitCast", Since = 26, MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0);
        DType to = To(node);
        if (input.Type != DType.Undefined)
            CheckWidths(input.Type, to);
        return [new TensorFact(to, input.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node) => BitCastProblem.Create(node.Operand(0), To(node)) with { ConstantInputs = node.ConstantInputs };

    public override Problem? ParseProblem(string key) => BitCastProblem.Parse(key);

    /// <exception cref="OpException">The widths differ, or one of the types has no bits.</exception>
    public static void CheckWidths(DType from, DType to)
    {
        int bits = from.BitsPerElement();
        if (bits == 0 || bits != to.BitsPerElement())
            throw new OpException($"{from.ShortName()} has elements of {bits} bits and {to.ShortName()} of {to.BitsPerElement()}; they must be of the same width and no strings");
    }

    private static DType To(NodeFacts node) =>
        (DType)node.Attributes.Int("to") is var to && to.IsDefined() ? to : throw new OpException($"attribute to is {node.Attributes.Int("to")}, which is no element type");

    private sealed unsafe class Kernel(long bytes) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            if (args.Inputs[0] != args.Outputs[0])
                Buffer.MemoryCopy((void*)args.Inputs[0], (void*)args.Outputs[0], bytes, bytes);
        }
    }

    private sealed unsafe class Reference(TensorType input) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            var output = (byte*)args.Outputs[0];
            PackedBits.ClearLastByte(output, input.Shape.Count, input.Type);
            for (long i = 0; i < input.Shape.Count; i++)
                PackedBits.CopyElement((byte*)args.Inputs[0], i, output, i, input.Type);
        }
    }
}
