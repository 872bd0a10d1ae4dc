using Ai3.Testing;

namespace Ai3.SelfTest;

/// <summary>Counts results and prints the failed ones as they come.</summary>
internal sealed class Tally
{
    public int Passed { get; set; }

    public int Failed { get; set; }

    public int Skipped { get; set; }

    public void Add(CheckResult result)
    {
        switch (result.Outcome)
        {
            case CheckOutcome.Passed: Passed++; break;
            case CheckOutcome.Skipped: Skipped++; break;
            default:
                Failed++;
                Console.WriteLine($"FAIL {result.Message}");
                break;
        }
    }

    /// <summary>Prints the counts and gives the exit code.</summary>
    public int Report()
    {
        Console.WriteLine($"{Passed} passed, {Failed} failed, {Skipped} skipped");
        return Failed == 0 ? 0 : 1;
    }
}
