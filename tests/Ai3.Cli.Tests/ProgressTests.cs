namespace Ai3.Cli.Tests;

public class ProgressTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void NothingIsSaidForJsonOrWhereNobodyWatches(bool shows, bool json)
    {
        using var error = new StringWriter();
        using (Progress.Start(new Shell(TextWriter.Null, error, IsTerminal: shows, ShowsProgress: shows), json, "working", TimeSpan.Zero))
            Thread.Sleep(50);
        Assert.Empty(error.ToString());
    }

    [Fact]
    public void TheLineIsTakenAway()
    {
        using var error = new Watched();
        using (Progress.Start(new Shell(TextWriter.Null, error, IsTerminal: true, ShowsProgress: true), json: false, "loading", TimeSpan.Zero))
            Assert.True(error.Shown.Wait(5000));
        string[] lines = error.ToString().Split('\r');
        Assert.StartsWith("loading, ", lines[1], StringComparison.Ordinal);
        Assert.Equal("", lines[^1].Trim());
        Assert.True(lines[^2].Length >= lines[1].TrimEnd().Length && lines[^2].Trim().Length == 0);
    }

    [Fact]
    public void ShortWorkSaysNothing()
    {
        using var error = new StringWriter();
        using (Progress.Start(new Shell(TextWriter.Null, error, IsTerminal: true, ShowsProgress: true), json: false, "loading"))
        {
        }
        Assert.Empty(error.ToString());
    }

    // The text may be read once nobody writes any more.
    private sealed class Watched : StringWriter
    {
        public ManualResetEventSlim Shown { get; } = new();

        public override void Flush() => Shown.Set();
    }
}
