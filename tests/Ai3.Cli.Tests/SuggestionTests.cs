namespace Ai3.Cli.Tests;

public class SuggestionTests
{
    [Theory]
    [InlineData("direct_nchw", "direct_nchwc")]
    [InlineData("Direct", "direct")]
    [InlineData("gmm", "gemm")]
    [InlineData("something_else", null)]
    public void TheNearestNameIsFound(string typed, string? expected) => Assert.Equal(expected, Suggestion.Nearest(typed, ["direct", "direct_nchwc", "gemm"]));
}
