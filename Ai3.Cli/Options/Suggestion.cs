namespace Ai3.Cli;

/// <summary>Finds what was meant by a mistyped name.</summary>
internal static class Suggestion
{
    /// <summary><c>; did you mean 'x'?</c>, or nothing if no name is near.</summary>
    public static string For(string typed, IEnumerable<string> names)
    {
        string? nearest = Nearest(typed, names);
        return nearest is null ? "" : $"; did you mean '{nearest}'?";
    }

    /// <summary>The nearest name that differs in at most a third of its letters, or null.</summary>
    public static string? Nearest(string typed, IEnumerable<string> names)
    {
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string name in names)
        {
            int distance = Distance(typed.ToLowerInvariant(), name.ToLowerInvariant());
            if (distance < least && distance <= Math.Max(2, name.Length / 3))
                (nearest, least) = (name, distance);
        }
        return nearest;
    }

    // Levenshtein with one row.
    private static int Distance(string a, string b)
    {
        if (a.Length > 200 || b.Length > 200)
            return int.MaxValue;
        var row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, 1 + Math.Min(row[j - 1], row[j]));
            }
        }
        return row[b.Length];
    }
}
