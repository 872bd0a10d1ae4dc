using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>Recurrent layers.</summary>
internal static class RecurrentUses
{
    // States stay within (-1, 1) but for Relu; an error passes through the recurrent weights at each step.
    private static readonly Tolerance s_states = Tolerance.Of(static (use, expected) =>
    {
        double steps = use.Tensor(0).Shape[0] + use.Tensor(0).Shape[1], terms = use.Tensor(1).Shape[2] + use.Tensor(2).Shape[2];
        double bound = 16 * (terms + 4) * steps * Elements.RoundOff(DType.Float32);
        return (o, i) => bound * Math.Max(1, Math.Abs(Elements.At(expected[o], i)));
    });

    public static IEnumerable<OperatorUses> All =>
    [
        new("RNN", s_states, u => Layer(u, 1)),
        new("GRU", s_states, u => Layer(u.Maybe("linear_before_reset", () => u.Draw.Below(2)), 3)),
        new("LSTM", s_states, u => Layer(u.Maybe("input_forget", () => u.Draw.Below(2)), 4)),
    ];

    private static void Layer(UseBuilder u, int gates)
    {
        long steps = u.Draw.Between(1, 6), batch = u.Draw.Between(1, 4), input = u.Draw.Dim(17), hidden = u.Draw.Dim(17);
        string direction = u.Draw.Pick("forward", "reverse", "bidirectional");
        long directions = direction == "bidirectional" ? 2 : 1;
        bool batchFirst = u.Opset >= 14 && u.Draw.OnceIn(4);
        if (batchFirst)
            u.With("layout", 1);
        u.With("hidden_size", hidden).Maybe("clip", () => u.Draw.Pick(3.0, 0.5)).Outputs(u.Draw.Between(1, gates == 4 ? 3 : 2));
        if (direction != "forward" || u.Draw.OnceIn(3))
            u.With("direction", direction);
        if (u.Draw.OnceIn(4))
            u.With("activations", Enumerable.Range(0, (int)directions).SelectMany(_ => gates switch
            {
                1 => new[] { u.Draw.Pick("Tanh", "Relu", "Sigmoid") },
                3 => [u.Draw.Pick("Sigmoid", "HardSigmoid"), u.Draw.Pick("Tanh", "Sigmoid")],
                _ => [u.Draw.Pick("Sigmoid", "HardSigmoid"), u.Draw.Pick("Tanh", "Softsign"), "Tanh"],
            }).ToArray());
        u.In(u.Data(DType.Float32, batchFirst ? [batch, steps, input] : [steps, batch, input]));
        u.Const(Weights(u, directions, gates * hidden, input)).Const(Weights(u, directions, gates * hidden, hidden));
        Optional(u, () => Weights(u, directions, 2 * gates * hidden));
        Optional(u, () => u.Indices(DType.Int32, [batch], steps, negative: false).Plus(1));
        long[] state = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
        Optional(u, () => u.Data(DType.Float32, state, Content.Unit));
        if (gates != 4)
            return;
        Optional(u, () => u.Data(DType.Float32, state, Content.Unit));
        Optional(u, () => Weights(u, directions, 3 * hidden));
    }

    private static void Optional(UseBuilder u, Func<Tensor> value)
    {
        if (u.Draw.OnceIn(2))
            u.Const(value());
        else
            u.Skip();
    }

    private static Tensor Weights(UseBuilder u, params long[] shape)
    {
        Tensor tensor = u.Data(DType.Float32, shape, Content.Unit);
        foreach (ref float weight in tensor.AsSpan<float>())
            weight *= 0.5f;
        return tensor;
    }

    private static Tensor Plus(this Tensor tensor, int number)
    {
        foreach (ref int element in tensor.AsSpan<int>())
            element += number;
        return tensor;
    }
}
