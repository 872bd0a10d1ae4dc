using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The labels of a classifier: integers or strings.</summary>
/// <param name="Integers">The integers; empty if labels are strings.</param>
/// <param name="Strings">The strings; empty if labels are integers.</param>
internal sealed record ClassLabels(ImmutableArray<long> Integers, ImmutableArray<string> Strings)
{
    public int Count => IsText ? Strings.Length : Integers.Length;

    public bool IsText => !Strings.IsEmpty;

    public DType Type => IsText ? DType.String : DType.Int64;

    /// <summary>Reads the labels from one of two attributes.</summary>
    /// <exception cref="OpException">Both are given, or neither.</exception>
    public static ClassLabels Read(Attributes attributes, string integers, string strings)
    {
        ImmutableArray<long> ints = attributes.Ints(integers);
        ImmutableArray<string> texts = attributes.Strings(strings);
        if (ints.IsDefaultOrEmpty == texts.IsDefaultOrEmpty)
            throw new OpException($"give either {integers} or {strings}, and at least one label");
        return new ClassLabels(ints.IsDefault ? [] : ints, texts.IsDefault ? [] : texts);
    }

    /// <summary>These labels with two more that are chosen where there is one score for a single class: 0 and 1.</summary>
    public ClassLabels WithSigns() => IsText ? this with { Strings = [.. Strings, "0", "1"] } : this with { Integers = [.. Integers, 0, 1] };
}
