using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A tensor that the model states.</summary>
internal sealed record ConstantProblem : Problem
{
    public const string Name = "constant";

    /// <summary>The tensor; null in a problem read from a key, which stands for zeros.</summary>
    public Tensor? Value { get; init; }

    public required TensorType Output { get; init; }

    public override ImmutableArray<TensorType> Inputs => [];

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs);
}

/// <summary>Constant: a tensor, number, string or list in an attribute.</summary>
internal sealed unsafe class ConstantOp() : OpDefinition<ConstantProblem>(s_rows)
{
    private static readonly ImmutableArray<Algorithm<ConstantProblem>> s_rows =
    [
        new()
        {
            Name = "reference",
            Source = "a copy of the attribute",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireBytes(p.Output.Type),
            CostHint = static r => 100 + 2.0 * r.Problem.Output.ByteLength / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Kernel(r.Problem),
        },
    ];

    public static ConstantOp V1 { get; } = new() { Name = "Constant", MinInputs = 0, MaxInputs = 0 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node) => [TensorFact.OfConstant(Value(node.Attributes))];

    public override Problem CreateProblem(NodeFacts node)
    {
        Tensor value = Value(node.Attributes);
        return new ConstantProblem { Value = value, Output = new TensorType(value.Type, value.Shape) };
    }

    public override Problem? ParseProblem(string key) =>
        MovementKeyReader.Read(key, ConstantProblem.Name, static r => new ConstantProblem { Output = r.Output(0) });

    private static Tensor Value(Attributes attributes)
    {
        string[] given = [.. attributes.Values.Keys.Where(k => k == "sparse_value" || k.StartsWith("value", StringComparison.Ordinal))];
        if (given.Length != 1)
            throw new OpException($"a constant has {given.Length} values ({string.Join(", ", given)}), must have one");
        return given[0] switch
        {
            "value" => attributes.Tensor("value")!,
            "value_int" => Tensor.Scalar(attributes.Int("value_int")),
            "value_float" => Tensor.Scalar(attributes.Float("value_float")),
            "value_string" => Tensor.From([attributes.String("value_string")], Shape.Scalar),
            "value_ints" => List(attributes.Ints("value_ints")),
            "value_floats" => List(attributes.Floats("value_floats")),
            "value_strings" => Tensor.From(Strings(attributes), [Strings(attributes).Length]),
            "sparse_value" => throw new OpUnsupportedException("a sparse constant is not supported"),
            string other => throw new OpException($"attribute {other} is no value of a constant"),
        };
    }

    private static Tensor List<T>(ImmutableArray<T> values) where T : unmanaged =>
        values.IsDefault ? Tensor.Copy<T>([], [0]) : Tensor.Copy(values.AsSpan(), [values.Length]);

    private static string[] Strings(Attributes attributes) => attributes.Strings("value_strings") is { IsDefault: false } values ? [.. values] : [];

    private sealed class Kernel(ConstantProblem p) : PreparedKernel
    {
        private readonly long _bytes = p.Output.ByteLength;

        public override void Run(in KernelArgs args)
        {
            if (p.Value is null)
                NativeMemory.Clear((void*)args.Outputs[0], (nuint)_bytes);
            else
                Buffer.MemoryCopy((void*)p.Value.Address, (void*)args.Outputs[0], _bytes, _bytes);
            GC.KeepAlive(p.Value);
        }
    }
}
