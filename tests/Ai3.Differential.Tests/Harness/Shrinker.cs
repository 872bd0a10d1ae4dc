namespace Ai3.Differential.Tests;

/// <summary>Makes the choices behind a failure smaller as long as it fails: dimensions, ranks, attributes and contents alike.</summary>
internal static class Shrinker
{
    private const int Attempts = 300;

    /// <summary>The smallest choices found, and the failure they lead to.</summary>
    /// <param name="choices">The choices of a failing case.</param>
    /// <param name="first">Its failure.</param>
    /// <param name="failure">The failure of some choices with the choices really made, or null.</param>
    public static (IReadOnlyList<int> Choices, string Failure) Shrink(IReadOnlyList<int> choices, string first, Func<Draw, string?> failure)
    {
        int left = Attempts;
        (IReadOnlyList<int> best, string message) = (choices, first);
        bool smaller = true;
        while (smaller && left > 0)
        {
            smaller = false;
            for (int i = 0; i < best.Count && left > 0; i++)
            {
                foreach (int value in Smaller(best[i]))
                {
                    if (left-- <= 0)
                        break;
                    var draw = new Draw([.. best.Take(i), value, .. best.Skip(i + 1)]);
                    if (failure(draw) is not { } found)
                        continue;
                    (best, message, smaller) = (draw.Choices, found, true);
                    break;
                }
            }
        }
        return (best, message);
    }

    private static IEnumerable<int> Smaller(int value) => value switch
    {
        0 => [],
        1 => [0],
        2 => [0, 1],
        _ => [0, value / 2, value - 1],
    };
}
