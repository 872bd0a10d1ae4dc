using Ai3.Tensors;
using static Ai3.Ops.Tests.MovementRunner;
using static Ai3.Ops.Tests.TextHostRunner;

namespace Ai3.Ops.Tests;

/// <summary>Operators on strings.</summary>
public sealed class TextTests
{
    [Fact]
    public void ConcatBroadcasts()
    {
        Assert.Equal(["ac", "ad", "bc", "bd"], Texts(Host("StringConcat", 20, Attributes(), Strings([2, 1], "a", "b"), Strings("c", "d"))[0]));
        Assert.Contains("must be string", Refused("StringConcat", 20, Attributes(), Strings("a"), Longs(1)));
        string large = new('x', 300_000);
        Assert.Contains("more than the allowed", Refused("StringConcat", 20, Attributes(), Strings([2, 1], large, large), Strings("", "")));
    }

    [Theory]
    [InlineData("", -1, "a b", "a|b")]
    [InlineData("", -1, "  a \t b ", "a|b")]
    [InlineData("", 1, " a  b c ", "a|b c ")]
    [InlineData("", 0, " a b ", "a b ")]
    [InlineData("", -1, "", "")]
    [InlineData(",", -1, "a,,b,", "a||b|")]
    [InlineData(",", 1, "a,b,c", "a|b,c")]
    [InlineData(",", 0, "a,b", "a,b")]
    [InlineData("--", -1, "a---b", "a|-b")]
    public void SplitAsPython(string delimiter, long most, string text, string expected)
    {
        Attributes attributes = most < 0 ? Attributes(("delimiter", delimiter)) : Attributes(("delimiter", delimiter), ("maxsplit", most));
        Value[] outputs = Host("StringSplit", 20, attributes, Strings(text));
        string[] parts = text.Length == 0 ? [] : expected.Split('|');
        Assert.Equal(parts, Texts(outputs[0]));
        Assert.Equal(parts.Length, ((Tensor)outputs[1]).AsSpan<long>()[0]);
    }

    [Fact]
    public void SplitFillsUpWithEmptyStrings()
    {
        var y = (Tensor)Host("StringSplit", 20, Attributes(("delimiter", ".")), Strings("a.b.c", "d"))[0];
        Assert.Equal(Shape.Create(2, 3), y.Shape);
        Assert.Equal(["a", "b", "c", "d", "", ""], Texts(y));
        Assert.Equal(Shape.Create(0, 0), ((Tensor)Host("StringSplit", 20, Attributes(), Strings())[0]).Shape);
    }

    [Fact]
    public void NormalizerDropsStopWordsAndChangesCase()
    {
        Tensor x = Strings([1, 3], "Monday", "monday", "Tuesday");
        string Run(string change, long sensitive) => string.Join(",", Texts(Host("StringNormalizer", 10,
            Attributes(("case_change_action", change), ("is_case_sensitive", sensitive), ("stopwords", new[] { "monday" })), x)[0]));
        Assert.Equal("tuesday", Run("LOWER", 0));
        Assert.Equal("MONDAY,TUESDAY", Run("UPPER", 1));
        Assert.Equal("Monday,Tuesday", Run("NONE", 1));
        var none = (Tensor)Host("StringNormalizer", 10, Attributes(("stopwords", new[] { "a" })), Strings([1, 1], "A"))[0];
        Assert.Equal(Shape.Create(1, 1), none.Shape);
        Assert.Equal([""], Texts(none));
        Assert.Contains("case_change_action", Refused("StringNormalizer", 10, Attributes(("case_change_action", "TITLE")), x));
        Assert.Contains("must be [C] or [1,C]", Refused("StringNormalizer", 10, Attributes(), Strings([2, 1], "a", "b")));
    }

    [Theory]
    [InlineData(@"www\.[\w.-]+\.\bcom\b", "www.google.com", true)]
    [InlineData("a|ab", "ab", true)]
    [InlineData("a", "a\n", false)]
    [InlineData("^a$", "a", true)]
    [InlineData("a$", "a\n", false)]
    [InlineData("(?m)a$\nb", "a\nb", true)]
    [InlineData(@"\d+", "12", true)]
    [InlineData(@"\d", "\u0663", false)]
    [InlineData(@"\w", "é", false)]
    [InlineData(@"\W", "é", true)]
    [InlineData(@"\pL", "é", true)]
    [InlineData(@"[^\PL]", "é", true)]
    [InlineData(".", "\ud83d\ude00", true)]
    [InlineData("[^a]", "\ud83d\ude00", true)]
    [InlineData("[\ud83d\ude00-\ud83d\ude10]", "\ud83d\ude05", true)]
    [InlineData("[\ud83d\ude00-\ud83d\ude10]", "\ud83d\ude11", false)]
    [InlineData(@"\x{1F600}{2}", "\ud83d\ude00\ud83d\ude00", true)]
    [InlineData(".", "\n", false)]
    [InlineData("(?s).", "\n", true)]
    [InlineData("(?i)abc", "aBC", true)]
    [InlineData("(?i:a)b", "AB", false)]
    [InlineData("a(?i)b", "aB", true)]
    [InlineData("(?P<name>a)(?<b>c)", "ac", true)]
    [InlineData("[[:alpha:]]+", "abC", true)]
    [InlineData("[[:^alpha:]]", "1", true)]
    [InlineData("[]a]", "]", true)]
    [InlineData(@"\Qa.b\E+", "a.bb", true)]
    [InlineData("a{2,3}", "aaaa", false)]
    [InlineData("a{,3}", "a{,3}", true)]
    [InlineData("x*?", "xx", true)]
    [InlineData(@"\x41\101\t", "AA\t", true)]
    [InlineData("#a b", "#a b", true)]
    [InlineData("", "", true)]
    [InlineData("()", "x", false)]
    public void RegexMatchesTheWholeStringAsRe2(string pattern, string text, bool expected) =>
        Assert.Equal(expected, ((Tensor)Host("RegexFullMatch", 20, Attributes(("pattern", pattern)), Strings(text))[0]).AsSpan<bool>()[0]);

    [Theory]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a**")]
    [InlineData(@"(a)\1")]
    [InlineData("(?=a)")]
    [InlineData("(?<=a)b")]
    [InlineData("(?>a)")]
    [InlineData(@"\")]
    [InlineData(@"\y")]
    [InlineData("[b-a]")]
    [InlineData("a{1001}")]
    [InlineData("((a{100}){100}){100}")]
    [InlineData("[[:nothing:]]")]
    [InlineData(@"\x{110000}")]
    public void WhatRe2RefusesIsRefused(string pattern) =>
        Assert.Contains("is no regular expression", Refused("RegexFullMatch", 20, Attributes(("pattern", pattern)), Strings("a")));

    [Fact]
    public void TfIdfCountsNgramsWithSkips()
    {
        Attributes Pool(string mode, long skips, params (string, object)[] more) => Attributes([("mode", mode), ("min_gram_length", 1L), ("max_gram_length", 2L),
            ("max_skip_count", skips), ("ngram_counts", new long[] { 0, 2 }), ("ngram_indexes", new long[] { 0, 1, 3 }), ("pool_strings", new[] { "a", "b", "a", "b" }), .. more]);
        Tensor x = Strings("a", "b", "c", "b", "a");
        float[] Run(Attributes attributes) => ((Tensor)Host("TfIdfVectorizer", 9, attributes, x)[0]).AsSpan<float>().ToArray();
        Assert.Equal([2f, 2, 0, 1], Run(Pool("TF", 0)));
        Assert.Equal([2f, 2, 0, 2], Run(Pool("TF", 2)));
        Assert.Equal([0.5f, 2, 0, 3], Run(Pool("IDF", 2, ("weights", new[] { 0.5f, 2, 3 }))));
        Assert.Equal([1f, 4, 0, 6], Run(Pool("TFIDF", 2, ("weights", new[] { 0.5f, 2, 3 }))));
        Assert.Contains("weights has 1", Refused("TfIdfVectorizer", 9, Pool("IDF", 2, ("weights", new[] { 1f })), x));
        Assert.Contains("must be string", Refused("TfIdfVectorizer", 9, Pool("TF", 0), Longs(1)));
        Assert.Contains("ngram_counts", Refused("TfIdfVectorizer", 9, Attributes(("mode", "TF"), ("min_gram_length", 1L), ("max_gram_length", 1L), ("max_skip_count", 0L),
            ("ngram_counts", new long[] { 0, 9 }), ("ngram_indexes", new long[] { 0 }), ("pool_int64s", new long[] { 1 })), Longs(1)));
    }

    [Fact]
    public void MovementOperatorsMoveStrings()
    {
        Tensor m = Strings([2, 2], "a", "b", "c", "d");
        string One(string op, Attributes attributes, params Tensor?[] inputs) => string.Join(",", Texts(Host("", op, 18, attributes, 1, inputs)[0]));
        Assert.Equal("a,c,b,d", One("Transpose", Attributes(), m));
        Assert.Equal("c,d,a,b", One("Gather", Attributes(), m, Longs(1, 0)));
        Assert.Equal("a,b,c,d,x", One("Concat", Attributes(("axis", 0)), Strings("a", "b", "c", "d"), Strings("x")));
        Assert.Equal("d,b", One("Slice", Attributes(), Strings("a", "b", "c", "d"), Longs(3), Longs(0), Longs(0), Longs(-2)));
        Assert.Equal("a,b,a,b", One("Tile", Attributes(), Strings("a", "b"), Longs(2)));
        Assert.Equal("a,a,b,b", One("Expand", Attributes(), Strings([2, 1], "a", "b"), Longs(2, 2)));
        Assert.Equal("x,b,c,y", One("ScatterND", Attributes(), Strings("a", "b", "c", "d"), Tensor.Copy<long>([0, 3], [2, 1]), Strings("x", "y")));
        Assert.Equal("b,a", One("GatherElements", Attributes(), Strings("a", "b"), Longs(1, -2)));
        Assert.Equal("d", One("GatherND", Attributes(), m, Tensor.Copy<long>([1, 1], [1, 2])));
        Assert.Equal(",a,", One("Pad", Attributes(), Strings("a"), Longs(1, 1)));
        Assert.Equal("x,a,x", One("Pad", Attributes(), Strings("a"), Longs(1, 1), Strings([], "x")));
        Assert.Equal("a,b,c,d", One("Reshape", Attributes(), m, Longs(4)));
        Assert.Equal("a,b,c,d", One("Unsqueeze", Attributes(), m, Longs(0)));
        Assert.Equal("off,on", One("OneHot", Attributes(), Longs(1), Tensor.Scalar(2L), Strings("off", "on")));
        Value[] parts = Host("", "Split", 13, Attributes(), 2, Strings("a", "b"));
        Assert.Equal(["a", "b"], parts.SelectMany(Texts));
        Assert.Contains("no reduction add", Refused("ScatterND", 18, Attributes(("reduction", "add")), Strings("a"), Tensor.Copy<long>([0], [1, 1]), Strings("x")));
        Assert.Contains("must be string", Refused("Concat", 13, Attributes(("axis", 0)), Strings("a"), Longs(1)));
    }
}
