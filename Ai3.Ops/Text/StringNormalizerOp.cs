using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// StringNormalizer: strings without the stop words, then in lower or upper case by the invariant rules; one empty string if none is left.
/// </summary>
internal sealed class StringNormalizerOp : HostOp
{
    public static StringNormalizerOp V10 { get; } = new() { Name = "StringNormalizer", Since = 10, MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        SymbolicShape? shape = TextFacts.Strings(node, 0).Shape;
        CaseChange(node);
        if (shape is null)
            return [new TensorFact(DType.String, null)];
        if (shape.Rank is not (1 or 2) || (shape.Rank == 2 && shape[0].TryGetValue(out long rows) && rows != 1))
            throw new OpException($"input 0 is {shape}, must be [C] or [1,C]");
        Dim left = node.Attributes.Strings("stopwords").IsDefaultOrEmpty && !shape[^1].Is(0) ? shape[^1] : node.Fresh();
        return [new TensorFact(DType.String, shape.Rank == 1 ? SymbolicShape.Create(left) : SymbolicShape.Create(1, left))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        var x = (Tensor)inputs[0]!;
        ImmutableArray<string> stopwords = node.Attributes.Strings("stopwords");
        var stops = new HashSet<string>(stopwords.IsDefault ? [] : stopwords,
            node.Attributes.Flag("is_case_sensitive") ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        Func<string, string> change = CaseChange(node);
        string[] kept = [.. x.AsStrings().ToArray().Where(s => !stops.Contains(s)).Select(change)];
        if (kept.Length == 0)
            kept = [""];
        return [Tensor.From(kept, x.Shape.Rank == 1 ? [kept.Length] : [1, kept.Length])];
    }

    private static Func<string, string> CaseChange(NodeFacts node) => node.Attributes.String("case_change_action", "NONE") switch
    {
        "NONE" => static s => s,
        "LOWER" => static s => s.ToLowerInvariant(),
        "UPPER" => static s => s.ToUpperInvariant(),
        string other => throw new OpException($"case_change_action is {other}, must be NONE, LOWER or UPPER"),
    };
}
