using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// StringSplit: the parts of each string along a new last axis, filled up with empty strings, and how many there are. Without a
/// delimiter, runs of white space separate and those at the ends do not count.
/// </summary>
internal sealed class StringSplitOp : HostOp
{
    public static StringSplitOp V20 { get; } = new() { Name = "StringSplit", Since = 20, MinInputs = 1, MaxInputs = 1, MaxOutputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        SymbolicShape? shape = TextFacts.Strings(node, 0).Shape;
        node.Attributes.String("delimiter", "");
        node.Attributes.Int("maxsplit", -1);
        SymbolicShape? parts = shape is null ? null : SymbolicShape.Create([.. shape, node.Fresh()]);
        return [new TensorFact(DType.String, parts), new TensorFact(DType.Int64, shape)];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        var x = (Tensor)inputs[0]!;
        string delimiter = node.Attributes.String("delimiter", "");
        long most = node.Attributes.Int("maxsplit", -1);
        string[][] split = Array.ConvertAll(x.AsStrings().ToArray(), s => delimiter.Length == 0 ? AtSpaces(s, most) : AtDelimiter(s, delimiter, most));
        int width = split.Select(parts => parts.Length).DefaultIfEmpty(0).Max();
        Tensor y = memory.Allocate(DType.String, Shape.Create([.. x.Shape, width]));
        Tensor counts = memory.Allocate(DType.Int64, x.Shape);
        for (int i = 0; i < split.Length; i++)
        {
            split[i].CopyTo(y.AsStrings()[(i * width)..]);
            counts.AsSpan<long>()[i] = split[i].Length;
        }
        return [y, counts];
    }

    private static string[] AtDelimiter(string text, string delimiter, long most) =>
        most is < 0 or >= int.MaxValue ? text.Split(delimiter) : text.Split(delimiter, (int)most + 1);

    private static string[] AtSpaces(string text, long most)
    {
        var parts = new List<string>();
        int at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at == text.Length)
                return [.. parts];
            int begin = at;
            bool last = parts.Count == most;
            while (at < text.Length && (last || !char.IsWhiteSpace(text[at])))
                at++;
            parts.Add(text[begin..at]);
        }
    }
}
