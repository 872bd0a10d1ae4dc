using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>Builds a use, drawing what an operator's generator leaves open.</summary>
internal sealed class UseBuilder
{
    private readonly List<Operand?> _inputs = [];
    private readonly OperatorUses _operator;

    public UseBuilder(OperatorUses op, Draw draw)
    {
        _operator = op;
        Draw = draw;
        Opset = op.Until - draw.Below(op.Until - op.Since + 1);
    }

    public Draw Draw { get; }

    public int Opset { get; }

    public Attributes Attributes { get; private set; } = Attributes.Empty;

    public int OutputCount { get; private set; } = 1;

    /// <summary>Sets an attribute: int, long, float, string, bool, Tensor or an array of long, float or string.</summary>
    public UseBuilder With(string name, object value)
    {
        Attributes = Attributes.With(name, value switch
        {
            int number => (long)number,
            bool flag => flag ? 1L : 0L,
            double number => (float)number,
            long[] list => ImmutableArray.Create(list),
            float[] list => ImmutableArray.Create(list),
            string[] list => ImmutableArray.Create(list),
            _ => value,
        });
        return this;
    }

    /// <summary>Sets an attribute half of the time.</summary>
    public UseBuilder Maybe(string name, Func<object> value) => Draw.OnceIn(2) ? With(name, value()) : this;

    /// <summary>Sets a yes-or-no attribute half of the time.</summary>
    public UseBuilder Flag(string name) => Maybe(name, () => Draw.Below(2));

    /// <summary>An input that is fed, or now and then a constant of the model.</summary>
    public UseBuilder In(Value value)
    {
        _inputs.Add(new Operand(value, value is Tensor && Draw.OnceIn(4)));
        return this;
    }

    /// <summary>An input that is mostly a constant of the model: a shape, axes, weights.</summary>
    public UseBuilder Const(Tensor value)
    {
        _inputs.Add(new Operand(value, !Draw.OnceIn(4)));
        return this;
    }

    /// <summary>An input left out.</summary>
    public UseBuilder Skip()
    {
        _inputs.Add(null);
        return this;
    }

    public UseBuilder Outputs(int count)
    {
        OutputCount = count;
        return this;
    }

    /// <summary>A tensor of random elements.</summary>
    public Tensor Data(DType type, long[] shape, params ReadOnlySpan<Content> contents) =>
        Elements.Random(type, shape, contents.Length > 0 ? Draw.Pick(contents) : Content.Small, (ulong)Draw.Below(1 << 20));

    /// <summary>Integers in [0, count), now and then counted from the end.</summary>
    public Tensor Indices(DType type, long[] shape, long count, bool negative = true)
    {
        var random = new Ai3.Testing.TestRandom((ulong)Draw.Below(1 << 20));
        bool backwards = negative && Draw.OnceIn(2);
        var values = new double[ShapeMath.Product(shape)];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.Below((int)Math.Max(count, 1)) - (backwards && random.Chance(0.5) ? count : 0);
        return Elements.Of(type, shape, values);
    }

    public Use Build()
    {
        while (_inputs.Count > 0 && _inputs[^1] is null)
            _inputs.RemoveAt(_inputs.Count - 1);
        return new()
        {
            Domain = _operator.Domain,
            Op = _operator.Name,
            Opset = Opset,
            Attributes = Attributes,
            Inputs = [.. _inputs],
            OutputCount = OutputCount,
            Declared = Draw.Pick(Declared.Shape, Declared.Shape, Declared.Shape, Declared.Symbols, Declared.Type),
            Isa = Isa.Supported[^(1 + Draw.Pick(0, 0, 0, Draw.Below(Isa.Supported.Length)))],
        };
    }
}
