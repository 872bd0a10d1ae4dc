namespace Ai3.Differential.Tests;

/// <summary>Counts what came of an operator's uses.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, int> _rows = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _excused = new(StringComparer.Ordinal);
    private int _uses;
    private int _refused;

    /// <summary>Uses whose results were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>Why the peer refused the first use it refused.</summary>
    public string? FirstRefusal { get; private set; }

    public void Add(Verdict verdict)
    {
        _uses++;
        if (verdict.PeerRefused is { } refusal)
        {
            _refused++;
            FirstRefusal ??= refusal;
        }
        else if (verdict.Excused is { } reason)
            _excused[reason] = _excused.GetValueOrDefault(reason) + 1;
        else
            Compared++;
        foreach (string row in verdict.Rows.IsDefault ? [] : verdict.Rows)
            _rows[row] = _rows.GetValueOrDefault(row) + 1;
    }

    public override string ToString() =>
        $"{_uses} uses, {Compared} compared, {_refused} refused by the peer{(FirstRefusal is null ? "" : $" (first: {FirstRefusal.ReplaceLineEndings(" ")})")}; "
        + $"{string.Join(", ", _rows.Select(r => $"{r.Key} {r.Value}"))}{string.Concat(_excused.Select(e => $"; {e.Value} excused: {e.Key}"))}";
}
