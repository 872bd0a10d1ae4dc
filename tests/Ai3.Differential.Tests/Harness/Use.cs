using System.Collections.Immutable;
using System.Globalization;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>How much of an input's shape the model declares.</summary>
internal enum Declared
{
    Shape,
    Symbols,
    Type,
}

/// <summary>An input of a use: its value, and whether the model holds it as a constant.</summary>
internal readonly record struct Operand(Value Value, bool IsConstant);

/// <summary>One use of one operator: attributes, version and input values.</summary>
internal sealed record Use
{
    public required string Domain { get; init; }

    public required string Op { get; init; }

    public required int Opset { get; init; }

    public required Attributes Attributes { get; init; }

    /// <summary>The inputs in order; null for one left out.</summary>
    public required ImmutableArray<Operand?> Inputs { get; init; }

    public required int OutputCount { get; init; }

    public required Declared Declared { get; init; }

    public required IsaLevel Isa { get; init; }

    public string QualifiedOp => Domain.Length == 0 ? Op : $"{Domain}.{Op}";

    /// <summary>The tensor of an input.</summary>
    public Tensor Tensor(int index) => (Tensor)Inputs[index]!.Value.Value;

    /// <summary>The inputs to feed, by name.</summary>
    public IReadOnlyList<(string Name, Value Value)> Fed =>
        [.. Inputs.Select((operand, i) => (operand, i)).Where(p => p.operand is { IsConstant: false }).Select(p => ($"x{p.i}", p.operand!.Value.Value))];

    /// <summary>The same use of the inputs' and attributes' magnitudes.</summary>
    public Use OfMagnitudes() => this with
    {
        Inputs = [.. Inputs.Select(o => o is { Value: Tensor tensor } operand ? operand with { Value = Elements.Abs(tensor) } : o)],
        Attributes = new Attributes(Attributes.Values.ToImmutableSortedDictionary(a => a.Key, a => a.Value is float number ? Math.Abs(number) : a.Value, StringComparer.Ordinal)),
    };

    /// <summary>The model as a file.</summary>
    public byte[] ToBytes()
    {
        var inputs = ImmutableArray.CreateBuilder<ValueSpec>();
        var constants = ImmutableArray.CreateBuilder<KeyValuePair<string, Tensor>>();
        for (int i = 0; i < Inputs.Length; i++)
            if (Inputs[i] is { IsConstant: true, Value: Tensor constant })
                constants.Add(new($"x{i}", constant));
            else if (Inputs[i] is { } operand)
                inputs.Add(new ValueSpec($"x{i}", FactOf(operand.Value, i)));
        ImmutableArray<string> outputs = [.. Enumerable.Range(0, OutputCount).Select(o => $"y{o}")];
        var node = new NodeSpec("use", Domain, Op, [.. Inputs.Select((operand, i) => operand is null ? "" : $"x{i}")], outputs, Attributes,
            ImmutableSortedDictionary<string, GraphSpec>.Empty);
        var graph = new GraphSpec("use", inputs.ToImmutable(), [.. outputs.Select(o => new ValueSpec(o, null))], constants.ToImmutable(), [node], []);
        var opsets = new Dictionary<string, int> { [""] = Domain.Length == 0 ? Opset : 21 };
        opsets[Domain] = Opset;
        using var stream = new MemoryStream();
        OnnxModel.Save(Model.Create(graph, opsets), stream);
        return stream.ToArray();
    }

    private ValueFact FactOf(Value value, int index)
    {
        if (value is not Tensor tensor || Declared == Declared.Shape)
            return value.Fact;
        return new TensorFact(tensor.Type, Declared == Declared.Type ? null
            : SymbolicShape.Create([.. Enumerable.Range(0, tensor.Shape.Rank).Select(a => Dim.Symbol($"d{index}_{a}"))]));
    }

    public override string ToString()
    {
        IEnumerable<string> inputs = Inputs.Select(o => o is { } operand ? $"{Describe(operand.Value)}{(operand.IsConstant ? " const" : "")}" : "_");
        IEnumerable<string> attributes = Attributes.Values.Select(a => $"{a.Key}={Describe(a.Value)}");
        return $"{QualifiedOp}({string.Join(", ", inputs)}) {string.Join(" ", attributes)} opset {Opset}, {OutputCount} outputs, {Declared} declared, {Isa}";
    }

    /// <summary>A value with its first elements.</summary>
    public static string Describe(object value) => value switch
    {
        Tensor { Type: DType.String } tensor => $"{tensor.Fact}{{{string.Join(",", tensor.AsStrings().ToArray().Take(12))}}}",
        Tensor tensor when ElementAccess.CanReadAsDouble(tensor.Type) =>
            $"{tensor.Fact}{{{string.Join(",", Enumerable.Range(0, (int)Math.Min(tensor.Count, 12)).Select(i => Elements.At(tensor, i).ToString("G9", CultureInfo.InvariantCulture)))}}}",
        Value other => other.Fact.ToString()!,
        ImmutableArray<long> list => $"[{string.Join(",", list)}]",
        ImmutableArray<float> list => $"[{string.Join(",", list)}]",
        ImmutableArray<string> list => $"[{string.Join(",", list)}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
