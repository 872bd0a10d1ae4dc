using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every function of elements, by name.</summary>
internal static class ElementwiseFunctions
{
    public static ImmutableArray<ElementwiseFunction> All { get; } =
    [
        .. from function in (ElementwiseFunction[])
           [.. Rectifiers.All, .. Exponentials.All, .. Elementary.All, .. Arithmetic.All, .. Power.All, .. Predicates.All, .. Bitwise.All, .. Selection.All, .. TransformerActivations.Functions]
           select PrimitiveRows.AddTo(function),
    ];

    private static readonly FrozenDictionary<string, ElementwiseFunction> ByName = All.ToFrozenDictionary(f => f.Name);

    /// <summary>The function of that name, or null.</summary>
    public static ElementwiseFunction? Find(string name) => ByName.GetValueOrDefault(name);
}
