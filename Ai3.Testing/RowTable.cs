using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>One row of one operator at one level: a unit of proof.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Row">The row.</param>
/// <param name="Isa">The instruction set.</param>
internal sealed record RowCase(OpDefinition Op, Algorithm Row, IsaLevel Isa)
{
    /// <summary>The operator's name, with its first version where there are several definitions, such as <c>Softmax@13</c>.</summary>
    public string OpName => NameOf(Op);

    /// <summary>The display name of an operator in test names and replays.</summary>
    public static string NameOf(OpDefinition op) => op.Since > 1 ? $"{op}@{op.Since}" : op.ToString();

    /// <inheritdoc/>
    public override string ToString() => $"{OpName} {Row.Name} {Isa}";
}

/// <summary>Every row of a catalogue at every level that can run here.</summary>
internal static class RowTable
{
    /// <summary>All cases in a fixed order.</summary>
    public static IEnumerable<RowCase> Of(OpCatalog catalog) =>
        from op in catalog.Operators
        from row in op.Algorithms
        from isa in Isa.Supported
        select new RowCase(op, row, isa);

    /// <summary>The seed of check <paramref name="index"/> of a case: the same whatever else is run.</summary>
    public static ulong Seed(ulong seed, RowCase row, int index) => TestRandom.Derive(TestRandom.Derive(seed, row.ToString()), index);

    /// <summary>How large dimensions get in check <paramref name="index"/>: small and large in turn.</summary>
    public static int Size(int index) => 4 + index * 7 % 37;
}
