using System.Collections.Immutable;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>What came of a use.</summary>
/// <param name="Failure">What is wrong, or null.</param>
/// <param name="PeerRefused">The peer's reason, if it refused.</param>
/// <param name="Excused">The listed reason why a difference does not count, if one is.</param>
/// <param name="Rows">The algorithms whose results were compared.</param>
internal sealed record Verdict(string? Failure, string? PeerRefused = null, string? Excused = null, ImmutableArray<string> Rows = default);

/// <summary>Runs a use on both sides, on ours with each algorithm, and compares.</summary>
internal static class Judge
{
    public static Verdict Of(Use use, Tolerance tolerance)
    {
        byte[] bytes = use.ToBytes();
        Answer peer = OrtPeer.Run(bytes, use.Fed);
        Answer automatic = OurSide.Run(bytes, use.Fed, Options(use, Selector.Auto));
        if (peer.Outputs is null)
            return new Verdict(null, PeerRefused: peer.Refusal);
        if (automatic.Outputs is null)
            return Excuses.ForRefusal(use) is { } reason ? new Verdict(null, Excused: reason) : new Verdict($"refused: {automatic.Refusal}");
        Func<int, long, double> bound = peer.Tensors is { } tensors ? tolerance.Of(use, tensors, OrtPeer.Run) : static (_, _) => 0;
        string? excuse = null;
        IReadOnlyList<Value> expected = peer.Outputs;
        if (Comparison.Difference(expected, automatic.Outputs, bound) is { } difference)
        {
            excuse = Excuses.ForDifference(use);
            if (excuse is null)
                return new Verdict($"automatic choice: {difference}");
            // The algorithms must still agree with each other.
            expected = automatic.Outputs;
            if (automatic.Tensors is { } own)
                bound = tolerance.Of(use, own, u => OurSide.Run(u.ToBytes(), u.Fed, Options(u, Selector.Auto)));
        }
        var ran = ImmutableArray.CreateBuilder<string>();
        // The reference row computes in double: integers that wrap or pass 2^53 are beyond it.
        bool isReal = expected.Concat(use.Fed.Select(f => f.Value)).All(v => v is not Tensor { Type: var type } || !type.IsInteger());
        foreach (string row in OurSide.Rows(use).Where(r => isReal || r != "reference"))
        {
            if (RunRow(use, bytes, row) is not { } answer)
                continue;
            if (answer.Outputs is null)
                return new Verdict($"{row} refused at run: {answer.Refusal}");
            if (Comparison.Difference(expected, answer.Outputs, bound) is { } rowDifference)
                return new Verdict($"{row}: {rowDifference}");
            ran.Add(row);
        }
        return new Verdict(null, Excused: excuse, Rows: ran.ToImmutable());
    }

    // Null if the algorithm does not apply.
    private static Answer? RunRow(Use use, byte[] bytes, string row)
    {
        try
        {
            return OurSide.Run(bytes, use.Fed, Options(use, row));
        }
        catch (AlgorithmRefusedException)
        {
            return null;
        }
    }

    private static CompileOptions Options(Use use, string row) => new()
    {
        Isa = use.Isa,
        Selection = Selection.Automatic.WithOp(use.QualifiedOp, row),
    };
}
