using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The operators on strings.</summary>
internal static class TextOps
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        StringConcatOp.V20, StringSplitOp.V20, StringNormalizerOp.V10, RegexFullMatchOp.V20, TfIdfVectorizerOp.V9,
    ];
}
