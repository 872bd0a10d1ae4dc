namespace Ai3.Ops;

/// <summary>Whether the operands of a problem that was read from a key belong together: keys come from people.</summary>
internal static class AttentionKeyCheck
{
    public static bool IsConsistent(AttentionProblem p)
    {
        if (p.Heads % p.KvHeads != 0 || !HasRanks(p))
            return false;
        var g = new AttentionGeometry(p);
        AttentionRoles roles = AttentionRoles.Of(p.Form);
        if (p.Form == AttentionForm.Projected)
            return p.Operands[1].Shape.Count == p.Operands[0].Shape[2] * p.HiddenSizes.Sum() && Result(p, 0, g.Batch * g.Queries * g.Heads * g.ValueSize) && Cache(p, g);
        bool whole = p.Operands[0].Shape.Count == g.Batch * g.Queries * (roles.Key >= 0 && Has(p, 1) ? g.Heads : p.Form == AttentionForm.MultiHead ? 3L * g.Heads : g.Heads + 2L * g.KvHeads) * g.Size;
        if (Has(p, 1) && Has(p, 2))
            whole &= p.Operands[1].Shape.Count == g.Batch * g.NewKeys * g.KvHeads * g.Size && p.Operands[2].Shape.Count == g.Batch * g.NewKeys * g.KvHeads * g.ValueSize;
        if (p.Form == AttentionForm.GroupQuery)
            whole &= g.NewKeys == g.Queries && p.Operands[5].Shape.Count == g.Batch && (!p.Rotary || Has(p, 7) && Has(p, 8) && p.Operands[7].Shape is { Rank: 2 } t && 2 * t[1] <= g.Size && t[0] > 0);
        return whole && Cache(p, g) && Result(p, 0, g.Batch * g.Queries * g.Heads * g.ValueSize) && Result(p, 3, g.Batch * g.Heads * g.Queries * g.ScoredKeys);
    }

    private static bool HasRanks(AttentionProblem p)
    {
        bool Rank(int operand, params ReadOnlySpan<int> ranks) => !Has(p, operand) || ranks.Contains(p.Operands[operand].Shape.Rank);
        bool Given(int count) => p.Operands.Length >= count && !p.Operands[0].IsAbsent;
        return p.Form switch
        {
            AttentionForm.Standard => Given(3) && Has(p, 1) && Has(p, 2) && Rank(0, 3, 4) && Rank(1, p.Operands[0].Shape.Rank) && Rank(2, p.Operands[0].Shape.Rank) && Rank(4, 4) && Rank(5, 4),
            AttentionForm.MultiHead => Given(1) && Rank(0, 3, 5) && (p.Operands[0].Shape.Rank == 5) != Has(p, 1) && (!Has(p, 1) || Rank(1, 5) || Rank(1, 3, 4) && Has(p, 2))
                && Rank(2, 3, 4) && Rank(6, 4) && Rank(7, 4) && p.Heads == p.KvHeads,
            AttentionForm.GroupQuery => Given(7) && Rank(0, 3) && Has(p, 1) == Has(p, 2) && Rank(1, 3) && Rank(2, 3) && Rank(3, 4) && Rank(4, 4) && Has(p, 5) && p.TotalLength > 0,
            _ => Given(2) && Has(p, 1) && Rank(0, 3) && Rank(1, 2) && Rank(4, 5) && p.HiddenSizes.Length == 3 && p.Heads == p.KvHeads && p.HiddenSizes.All(s => s % p.Heads == 0),
        };
    }

    private static bool Cache(AttentionProblem p, AttentionGeometry g)
    {
        AttentionRoles roles = AttentionRoles.Of(p.Form);
        long key = g.Batch * g.KvHeads * g.Size, value = g.Batch * g.KvHeads * g.ValueSize;
        if (roles.JoinsCaches)
            return (!Has(p, 4) || p.Operands[4].Shape.Count == (key + value) * g.Past) && Result(p, 1, (key + value) * g.Capacity);
        return Has(p, roles.PastKey) == Has(p, roles.PastValue) && (!Has(p, roles.PastKey) || p.Operands[roles.PastKey].Shape.Count == key * g.Past && p.Operands[roles.PastValue].Shape.Count == value * g.Past)
            && Result(p, 1, key * g.Capacity) && Result(p, 2, value * g.Capacity);
    }

    private static bool Has(AttentionProblem p, int operand) => operand >= 0 && operand < p.Operands.Length && !p.Operands[operand].IsAbsent;

    private static bool Result(AttentionProblem p, int result, long count) => result >= p.Results.Length || p.Results[result].IsAbsent || p.Results[result].Shape.Count == count;
}
