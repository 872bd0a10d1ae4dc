using System.Diagnostics.CodeAnalysis;

namespace Ai3.Ops;

/// <summary>What only the data of an attention shows, checked before anything is read through it.</summary>
internal static unsafe class AttentionChecks
{
    /// <exception cref="OpException">A length or position is out of range.</exception>
    public static void Run(AttentionProblem p, AttentionGeometry g, in KernelArgs args)
    {
        if (p.Form != AttentionForm.GroupQuery)
            return;
        int* lengths = (int*)args.Inputs[5];
        for (long b = 0; b < g.Batch; b++)
        {
            // A prompt may be shorter than the longest of its batch; later steps append to what is there.
            long total = lengths[b] + 1L, least = g.Queries == p.TotalLength ? 0 : g.Queries;
            long past = g.Queries == p.TotalLength ? 0 : total - g.Queries;
            if (total < least || total > Math.Min(g.Capacity, p.TotalLength) || past > g.Past)
                Throw($"seqlens_k[{b}] is {lengths[b]}, must be {least - 1} to {Math.Min(Math.Min(g.Capacity, p.TotalLength), g.Past + g.Queries) - 1}");
        }
        if (!p.Rotary || args.Inputs.Length <= 9 || args.Inputs[9] == 0)
            return;
        long positions = p.Operands[9].Shape.Count, rows = p.Operands[7].Shape[0];
        for (long i = 0; i < positions; i++)
            if ((ulong)((long*)args.Inputs[9])[i] >= (ulong)rows)
                Throw($"position {((long*)args.Inputs[9])[i]} is outside the {rows} rows of cos_cache");
    }

    [DoesNotReturn]
    private static void Throw(string message) => throw new OpException(message);
}
