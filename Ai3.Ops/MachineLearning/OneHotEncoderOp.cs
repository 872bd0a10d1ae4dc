using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>OneHotEncoder: for each element a new last axis with 1 at its category; all zeros for others, unless zeros = 0 forbids them.</summary>
internal sealed class OneHotEncoderOp : HostOp
{
    private static readonly ConditionalWeakTable<Attributes, Categories> s_categories = [];

    public static OneHotEncoderOp V1 { get; } = new() { Domain = MachineLearningOps.Domain, Name = "OneHotEncoder", MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        Categories categories = s_categories.GetValue(node.Attributes, static a => new Categories(a));
        TensorFact x = node.Tensor(0);
        if (x.Type != DType.Undefined && (x.Type == DType.String) != categories.IsText)
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be {(categories.IsText ? "string" : "a number")} like the categories");
        if (x.Type is not (DType.String or DType.Int64 or DType.Int32 or DType.Float32 or DType.Float64 or DType.Undefined))
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be string, i64, i32, f32 or f64");
        return [new TensorFact(DType.Float32, x.Shape is null ? null : SymbolicShape.Create([.. x.Shape, categories.Count]))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        Categories categories = s_categories.GetValue(node.Attributes, static a => new Categories(a));
        var x = (Tensor)inputs[0]!;
        bool allowsOthers = node.Attributes.Flag("zeros", true);
        Tensor y = memory.Zeros(DType.Float32, Shape.Create([.. x.Shape, categories.Count]));
        Span<float> row = y.AsSpan<float>();
        for (int i = 0; i < x.Count; i++)
        {
            int place = categories.Find(x, i);
            if (place < 0 && !allowsOthers)
                throw new OpException($"element {i} is in no category, which zeros = 0 forbids");
            if (place >= 0)
                row[i * categories.Count + place] = 1;
        }
        return [y];
    }

    private sealed class Categories
    {
        private readonly Dictionary<string, int> _strings = new(StringComparer.Ordinal);
        private readonly Dictionary<double, int> _numbers = [];

        public Categories(Attributes attributes)
        {
            ImmutableArray<string> texts = attributes.Strings("cats_strings");
            ImmutableArray<long> integers = attributes.Ints("cats_int64s");
            if (texts.IsDefaultOrEmpty == integers.IsDefaultOrEmpty)
                throw new OpException("give either cats_strings or cats_int64s, and at least one category");
            IsText = !texts.IsDefaultOrEmpty;
            Count = IsText ? texts.Length : integers.Length;
            for (int i = 0; i < Count; i++)
                if (IsText)
                    _strings[texts[i]] = i;
                else
                    _numbers[integers[i]] = i;
        }

        public bool IsText { get; }

        public int Count { get; }

        public unsafe int Find(Tensor x, int i) => IsText ? _strings.GetValueOrDefault(x.AsStrings()[i], -1)
            : _numbers.GetValueOrDefault(ElementAccess.Read((void*)x.Address, x.Type, i), -1);
    }
}
