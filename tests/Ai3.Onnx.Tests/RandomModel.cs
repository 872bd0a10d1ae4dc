using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx.Tests;

/// <summary>Models that make sense as graphs, though not to any operator.</summary>
internal sealed class RandomModel(int seed)
{
    private static readonly DType[] Types = [.. Enum.GetValues<DType>().Where(t => t.IsDefined())];
    private static readonly string[] Texts = ["", "a", "batch", "größe", "层", "x y", "a/b:0", "\u00FF\u0001"];

    private readonly Random _random = new(seed);
    private int _names;

    public Model Make()
    {
        var opsets = new Dictionary<string, int> { [""] = _random.Next(1, 29), ["com.example"] = _random.Next(0, 9) };
        var properties = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("k", Text()), KeyValuePair.Create("l", Text())]);
        var metadata = new ModelMetadata(_random.Next(3, 15), Maybe("maker 1.0", "my maker 2", "maker", ""), Text(), _random.NextInt64(), Text(), properties);
        return Model.Create(Graph([], 0), opsets, metadata);
    }

    private GraphSpec Graph(List<string> outside, int depth)
    {
        var known = new List<string>(outside);
        var inputs = Many(3, () => new ValueSpec(Define(known), Fact(2)));
        var initializers = Many(4, () => KeyValuePair.Create(Define(known), Tensor()));
        if (initializers.Length > 0 && _random.Next(3) == 0)
            inputs = inputs.Add(new ValueSpec(initializers[0].Key, Fact(0)));
        var nodes = Many(depth == 0 ? 6 : 3, () => Node(known, depth)).ToList();
        // Order does not matter to the reader, but positions are kept, so nothing is shuffled here.
        var inside = known.Skip(outside.Count).ToList();
        ImmutableArray<ValueSpec> outputs = inside.Count == 0 ? [] : Many(2, () => new ValueSpec(inside[_random.Next(inside.Count)], Fact(1)));
        return new GraphSpec(Text(), inputs, outputs, initializers, [.. nodes], Many(2, () => new ValueSpec(Name(), Fact(1) ?? new TensorFact(DType.Int64, null))));
    }

    private NodeSpec Node(List<string> known, int depth)
    {
        var inputs = Many(3, () => known.Count == 0 || _random.Next(5) == 0 ? "" : known[_random.Next(known.Count)]);
        var subgraphs = ImmutableSortedDictionary.Create<string, GraphSpec>(StringComparer.Ordinal);
        if (depth < 3 && _random.Next(4) == 0)
            subgraphs = subgraphs.Add("body", Graph(known, depth + 1)).Add("other", Graph(known, depth + 1));
        Attributes attributes = Attributes.Empty;
        for (int i = _random.Next(5); i > 0; i--)
            attributes = attributes.With($"a{i}", Attribute());
        ImmutableArray<string> outputs = [Define(known), .. _random.Next(3) == 0 ? new[] { "", Define(known) } : []];
        return new NodeSpec(Maybe("", Name()), Maybe("", "com.example"), $"Op{_random.Next(4)}", inputs, outputs, attributes, subgraphs);
    }

    private object Attribute() => _random.Next(8) switch
    {
        0 => _random.NextInt64(long.MinValue, long.MaxValue),
        1 => BitConverter.Int32BitsToSingle(_random.Next(int.MinValue, int.MaxValue)),
        2 => Text(),
        3 => Tensor(),
        4 => Many(3, () => _random.NextInt64()),
        5 => Many(3, _random.NextSingle),
        6 => Many(3, Text),
        _ => Fact(2) ?? new TensorFact(DType.Bool, null),
    };

    private Tensor Tensor()
    {
        DType type = Types[_random.Next(Types.Length)];
        Shape shape = [.. Many(3, () => (long)_random.Next(4))];
        Tensor tensor = Tensors.Tensor.Allocate(type, shape);
        if (type == DType.String)
            foreach (ref string text in tensor.AsStrings())
                text = Text();
        else
            foreach (ref byte b in tensor.AsBytes())
                b = (byte)(type == DType.Bool ? _random.Next(2) : _random.Next(256));
        return tensor;
    }

    private ValueFact? Fact(int depth) => _random.Next(depth > 0 ? 5 : 2) switch
    {
        0 => new TensorFact(Types[_random.Next(Types.Length)], null),
        1 => new TensorFact(Types[_random.Next(Types.Length)], SymbolicShape.Create([.. Many(4, () => _random.Next(2) == 0 ? (Dim)_random.Next(5) : Dim.Symbol(Maybe("batch", "seq", "größe")))])),
        2 => new SequenceFact(Fact(depth - 1) ?? new TensorFact(DType.Int8, null)),
        3 => new OptionalFact(Fact(depth - 1) ?? new TensorFact(DType.Int8, null)),
        _ => depth == 2 ? null : new MapFact(Maybe(DType.String, DType.Int64), new TensorFact(DType.Float32, null)),
    };

    private ImmutableArray<T> Many<T>(int most, Func<T> make) => [.. Enumerable.Range(0, _random.Next(most + 1)).Select(_ => make())];

    private T Maybe<T>(params T[] of) => of[_random.Next(of.Length)];

    private string Text() => Texts[_random.Next(Texts.Length)];

    private string Name() => $"{Maybe("v", "größe/", "x:")}{_names++}";

    private string Define(List<string> known)
    {
        string name = Name();
        known.Add(name);
        return name;
    }
}
