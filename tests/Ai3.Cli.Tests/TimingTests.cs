namespace Ai3.Cli.Tests;

public class TimingTests
{
    [Fact]
    public void QuantilesAreNearestRanks()
    {
        var samples = new Samples();
        for (int i = 100; i >= 1; i--)
            samples.Add(i);
        Assert.Equal((1, 50, 95, 99), (samples.Min, samples.Median, samples.P95, samples.P99));
    }

    [Theory]
    [InlineData(0.5, "0.50 ns")]
    [InlineData(1234, "1.23 us")]
    [InlineData(45_600_000, "45.6 ms")]
    [InlineData(3.21e9, "3.21 s")]
    public void TimesHaveThreeDigits(double nanoseconds, string text) => Assert.Equal(text, Units.Time(nanoseconds));
}
