using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The n-grams of TfIdfVectorizer as a trie over token numbers, with the column and the weight of each.</summary>
internal sealed class NgramPool
{
    private const int Unknown = -1;
    private const int Root = 0;

    private readonly Dictionary<string, int> _strings = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _integers = [];
    private readonly Dictionary<(int Node, int Token), int> _children = [];
    // For each node of the trie, its n-gram's place in the pool; -1 for none.
    private readonly List<int> _ngrams = [Unknown];
    private readonly ImmutableArray<long> _columns;
    private readonly ImmutableArray<float> _weights;
    private readonly bool _counts;
    private readonly long _least, _most, _skips;

    private NgramPool(Attributes attributes)
    {
        string mode = attributes.String("mode");
        if (mode is not ("TF" or "IDF" or "TFIDF"))
            throw new OpException($"mode is {mode}, must be TF, IDF or TFIDF");
        _counts = mode != "IDF";
        (_least, _most, _skips) = (attributes.Int("min_gram_length"), attributes.Int("max_gram_length"), attributes.Int("max_skip_count"));
        if (_least < 1 || _most < _least || _skips is < 0 or > int.MaxValue)
            throw new OpException($"n-grams of {_least} to {_most} tokens with up to {_skips} skipped; lengths must be 1 or more in order, skips 0 or more");
        IsText = !attributes.Strings("pool_strings").IsDefaultOrEmpty;
        int[] pool = ReadPool(attributes);
        _columns = attributes.Ints("ngram_indexes");
        if (_columns.IsDefaultOrEmpty || _columns.Any(c => c is < 0 or >= int.MaxValue))
            throw new OpException("ngram_indexes must be given, each 0 or more");
        Columns = _columns.Max() + 1;
        int ngrams = Grow(pool, attributes.Ints("ngram_counts"));
        if (_columns.Length != ngrams)
            throw new OpException($"ngram_indexes has {_columns.Length} entries, must have one for each of {ngrams} n-grams of the pool");
        _weights = mode == "TF" || attributes.Floats("weights").IsDefaultOrEmpty ? default : attributes.Floats("weights");
        if (!_weights.IsDefault && _weights.Length != ngrams)
            throw new OpException($"weights has {_weights.Length} entries, must have one for each of {ngrams} n-grams of the pool");
    }

    /// <summary>True if tokens are strings, not integers.</summary>
    public bool IsText { get; }

    /// <summary>The length of an output row.</summary>
    public long Columns { get; }

    /// <exception cref="OpException">The attributes contradict each other.</exception>
    public static NgramPool Read(Attributes attributes) => new(attributes);

    /// <summary>The numbers of a tensor's tokens.</summary>
    public int[] Tokens(Tensor x) => x.Type switch
    {
        DType.String => Array.ConvertAll(x.AsStrings().ToArray(), s => _strings.GetValueOrDefault(s, Unknown)),
        DType.Int32 => Array.ConvertAll(x.AsSpan<int>().ToArray(), v => _integers.GetValueOrDefault(v, Unknown)),
        _ => Array.ConvertAll(x.AsSpan<long>().ToArray(), v => _integers.GetValueOrDefault(v, Unknown)),
    };

    /// <summary>Adds the n-grams of a row to a zeroed output row.</summary>
    public void Count(ReadOnlySpan<int> tokens, Span<float> row)
    {
        long least = _least;
        for (long step = 1; step <= _skips + 1; step++)
        {
            if (step > 1 && step >= tokens.Length)
                return;
            for (int begin = 0; begin < tokens.Length; begin++)
            {
                int node = Root;
                long length = 1;
                for (long i = begin; i < tokens.Length && length <= _most; i += step, length++)
                {
                    if (tokens[(int)i] == Unknown || !_children.TryGetValue((node, tokens[(int)i]), out node))
                        break;
                    if (length >= least && _ngrams[node] != Unknown)
                        Add(_ngrams[node], row);
                }
            }
            // Nothing can be skipped inside a single token: they count once.
            if (least == 1 && ++least > _most)
                return;
        }
    }

    private void Add(int ngram, Span<float> row)
    {
        float weight = _weights.IsDefault ? 1 : _weights[ngram];
        ref float cell = ref row[(int)_columns[ngram]];
        cell = _counts ? cell + weight : weight;
    }

    private int[] ReadPool(Attributes attributes)
    {
        if (IsText)
            return [.. attributes.Strings("pool_strings").Select(s => Number(_strings, s))];
        ImmutableArray<long> integers = attributes.Ints("pool_int64s");
        return integers.IsDefaultOrEmpty ? throw new OpException("the pool is empty: pool_strings or pool_int64s must be given") : [.. integers.Select(v => Number(_integers, v))];
    }

    private static int Number<T>(Dictionary<T, int> numbers, T token) where T : notnull
    {
        if (!numbers.TryGetValue(token, out int number))
            numbers.Add(token, number = numbers.Count);
        return number;
    }

    // The n-grams of n tokens begin where entry n - 1 of the counts says; lengths that nobody asks for only take up numbers.
    private int Grow(int[] pool, ImmutableArray<long> starts)
    {
        if (starts.IsDefaultOrEmpty)
            throw new OpException("ngram_counts must be given");
        int ngram = 0;
        for (int n = 1; n <= starts.Length; n++)
        {
            long begin = starts[n - 1], end = n < starts.Length ? starts[n] : pool.Length;
            if (begin < 0 || end < begin || end > pool.Length || (end - begin) % n != 0)
                throw new OpException($"ngram_counts puts {n}-grams at {begin} to {end} of a pool of {pool.Length}; that must be inside and a multiple of {n}");
            for (long at = begin; at < end; at += n, ngram++)
                if (n >= _least && n <= _most)
                    Insert(pool.AsSpan((int)at, n), ngram);
        }
        return ngram;
    }

    private void Insert(ReadOnlySpan<int> tokens, int ngram)
    {
        int node = Root;
        foreach (int token in tokens)
        {
            if (!_children.TryGetValue((node, token), out int child))
            {
                _children.Add((node, token), child = _ngrams.Count);
                _ngrams.Add(Unknown);
            }
            node = child;
        }
        _ngrams[node] = ngram;
    }
}
