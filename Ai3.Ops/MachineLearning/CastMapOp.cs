using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>CastMap: the values of a map with integer keys as a row, in order of the keys (DENSE) or each at the place of its key (SPARSE).</summary>
internal sealed class CastMapOp : HostOp
{
    public static CastMapOp V1 { get; } = new() { Domain = MachineLearningOps.Domain, Name = "CastMap", MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        (DType key, _) = MapFacts.Of(node, DType.Float32, DType.String);
        if (key is not (DType.Int64 or DType.Undefined))
            throw new OpException($"input 0 has keys of {key.ShortName()}, must be i64");
        return [new TensorFact(Output(node), SymbolicShape.Create(1, Length(node) ?? node.Fresh()))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        KeyValuePair<object, Value>[] entries = [.. ((MapValue)inputs[0]!).Entries.OrderBy(e => (long)e.Key)];
        long? length = Length(node);
        Tensor y = memory.Zeros(Output(node), [1, length ?? entries.Length]);
        for (int i = 0; i < entries.Length; i++)
        {
            long place = length is null ? i : (long)entries[i].Key;
            if (place < 0 || place >= y.Count)
                throw new OpException($"key {place} is outside [0, {y.Count}), the places that max_map gives");
            Cast((Tensor)entries[i].Value, y, (int)place);
        }
        return [y];
    }

    private static DType Output(NodeFacts node) => node.Attributes.String("cast_to", "TO_FLOAT") switch
    {
        "TO_FLOAT" => DType.Float32,
        "TO_STRING" => DType.String,
        "TO_INT64" => DType.Int64,
        string other => throw new OpException($"cast_to is {other}, must be TO_FLOAT, TO_STRING or TO_INT64"),
    };

    private static long? Length(NodeFacts node)
    {
        string form = node.Attributes.String("map_form", "DENSE");
        long length = node.Attributes.Int("max_map", 1);
        if (form is not ("DENSE" or "SPARSE") || (form == "SPARSE" && length < 1))
            throw new OpException($"map_form is {form} and max_map {length}, must be DENSE, or SPARSE and 1 or more");
        return form == "SPARSE" ? length : null;
    }

    private static void Cast(Tensor value, Tensor y, int place)
    {
        if (value.Type == y.Type)
            ElementRuns.Copy(value, 0, y, place, 1);
        else if (y.Type == DType.String)
            y.AsStrings()[place] = value.AsSpan<float>()[0].ToString("F6", CultureInfo.InvariantCulture);
        else if (value.Type == DType.Float32)
            y.AsSpan<long>()[place] = (long)value.AsSpan<float>()[0];
        else if (y.Type == DType.Int64)
            y.AsSpan<long>()[place] = long.TryParse(value.AsStrings()[0], CultureInfo.InvariantCulture, out long i) ? i : throw NoNumber(value);
        else
            y.AsSpan<float>()[place] = float.TryParse(value.AsStrings()[0], CultureInfo.InvariantCulture, out float f) ? f : throw NoNumber(value);
    }

    private static OpException NoNumber(Tensor value) => new($"a value is '{value.AsStrings()[0]}', which is no number");
}
