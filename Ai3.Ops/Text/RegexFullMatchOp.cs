using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>RegexFullMatch: whether each string as a whole is in the language of an RE2 pattern. Time is linear in the string.</summary>
internal sealed class RegexFullMatchOp : HostOp
{
    private static readonly ConditionalWeakTable<Attributes, Regex> s_compiled = [];

    public static RegexFullMatchOp V20 { get; } = new() { Name = "RegexFullMatch", Since = 20, MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        s_compiled.GetValue(node.Attributes, Compile);
        return [new TensorFact(DType.Bool, TextFacts.Strings(node, 0).Shape)];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        var x = (Tensor)inputs[0]!;
        Regex regex = s_compiled.GetValue(node.Attributes, Compile);
        Tensor y = memory.Allocate(DType.Bool, x.Shape);
        Span<string> strings = x.AsStrings();
        Span<bool> matches = y.AsSpan<bool>();
        for (int i = 0; i < strings.Length; i++)
            matches[i] = regex.IsMatch(strings[i]);
        return [y];
    }

    private static Regex Compile(Attributes attributes)
    {
        string pattern = attributes.String("pattern");
        try
        {
            return new Regex($@"\A(?:{Re2Pattern.Translate(pattern)})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new OpException($"pattern {pattern} is no regular expression: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
