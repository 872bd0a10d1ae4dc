using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>Operators on strings.</summary>
internal static class TextUses
{
    private static readonly string[] s_words = ["a b", "", "Ab", "ab-cd", "12", "a1b22", "  a  b ", "éà", "日本 語", "x,y,,z", "a.b", "AAA", "aab", "foo@bar.com"];

    public static IEnumerable<OperatorUses> All =>
    [
        new("StringConcat", Tolerance.Exact, Concat, Since: 20),
        new("StringSplit", Tolerance.Exact, Split, Since: 20),
        new("RegexFullMatch", Tolerance.Exact, Match, Since: 20),
        new("StringNormalizer", Tolerance.Exact, Normalize, Since: 10),
        new("TfIdfVectorizer", Tolerance.Roundings(4), TfIdf, Since: 9),
    ];

    private static Tensor Words(UseBuilder u, long[] shape)
    {
        var random = new Ai3.Testing.TestRandom((ulong)u.Draw.Below(1 << 20));
        return Tensor.From([.. Enumerable.Range(0, (int)ShapeMath.Product(shape)).Select(_ => random.Pick(s_words))], Shape.Create(shape));
    }

    private static void Concat(UseBuilder u)
    {
        long[] shape = u.Draw.Shape();
        u.In(Words(u, u.Draw.Broadcast(shape))).In(Words(u, u.Draw.Broadcast(shape)));
    }

    private static void Split(UseBuilder u) => u.Maybe("delimiter", () => u.Draw.Pick(" ", "", ",", "b", "--", "ab")).Maybe("maxsplit", () => u.Draw.Between(0, 3))
        .Outputs(2).In(Words(u, u.Draw.Shape(1, 3)));

    private static void Match(UseBuilder u) => u.With("pattern", u.Draw.Pick("a.*", "", ".*", "[a-z]+", "(a|b)*", @"\d+", @"\w+@\w+\.com", "A{2,3}", "(?i)ab", "[^,]*", @"[\w.]+", "a?b?.*", @"\s*a\s+b\s*", ".日?本?"))
        .In(Words(u, u.Draw.Shape()));

    private static void Normalize(UseBuilder u) => u.Maybe("case_change_action", () => u.Draw.Pick("NONE", "LOWER", "UPPER")).Flag("is_case_sensitive")
        .Maybe("stopwords", () => new[] { "ab", "AAA", "éà", "" }[..u.Draw.Between(1, 4)]).In(Words(u, u.Draw.OnceIn(2) ? [1, u.Draw.Dim(9)] : [u.Draw.Dim(9)]));

    private static void TfIdf(UseBuilder u)
    {
        int least = u.Draw.Between(1, 2), most = u.Draw.Between(least, 3);
        long[] counts = [0, 4, 10];
        long[] pool = [1, 2, 3, 5, 1, 2, 2, 3, 5, 1, 1, 2, 3, 2, 3, 5];
        u.With("mode", u.Draw.Pick("TF", "IDF", "TFIDF")).With("min_gram_length", least).With("max_gram_length", most).With("max_skip_count", u.Draw.Between(0, 3))
            .With("ngram_counts", counts).With("ngram_indexes", new long[] { 0, 1, 2, 3, 4, 5, 6, 8, 7 });
        u.Maybe("weights", () => new float[] { 1, 2, 0.5f, 3, 1, 1.5f, 2, 4, 0.25f });
        bool isText = u.Draw.OnceIn(2);
        if (isText)
            u.With("pool_strings", pool.Select(p => $"w{p}").ToArray());
        else
            u.With("pool_int64s", pool);
        long[] shape = u.Draw.OnceIn(2) ? [u.Draw.Dim(3), u.Draw.Dim(12)] : [u.Draw.Dim(12)];
        Tensor indices = u.Indices(isText ? DType.Int64 : u.Draw.Pick(DType.Int64, DType.Int32), shape, 6, negative: false);
        u.In(isText ? Tensor.From(Array.ConvertAll(indices.AsSpan<long>().ToArray(), i => $"w{i}"), indices.Shape) : indices);
    }
}
