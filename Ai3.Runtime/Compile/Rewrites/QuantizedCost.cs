using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Compares a convolution or product on reals, between dequantising and quantising, with the one on integers, by the rows' cost hints.</summary>
internal static class QuantizedCost
{
    public static bool IsCheaper(RewriteContext context, Node node, QuantizedParts x, QuantizedParts w, QuantizedParts y, GraphValue? bias)
    {
        bool conv = node.OpType == "Conv";
        // A symbol stands for one: which way is cheaper hardly depends on the batch.
        TensorFact? input = Bound(node.Inputs[0]!), output = Bound(node.Outputs[0]!);
        if (input is null || output is null)
            return false;
        TensorFact weights = new(DType.Float32, w.Codes.Constant!.Shape);
        ImmutableArray<ValueFact?> real = [input, weights with { Constant = w.Codes.Constant }];
        if (bias is not null)
            real = real.Add(new TensorFact(DType.Float32, bias.Constant!.Shape) { Constant = bias.Constant });
        ImmutableArray<ValueFact?> codes =
        [
            input with { Type = x.Type }, Fact(x.Scale), Parameter(x), TensorFact.OfConstant(w.Codes.Constant), Fact(w.Scale), Parameter(w), Fact(y.Scale), Parameter(y),
        ];
        if (bias is not null)
            codes = codes.Add(TensorFact.OfConstant(bias.Constant!));
        double onReals = Cost(context, node.OpType, node, real) + Pass(context, "QuantizeLinear", y, output)
            + (x.Node.Outputs[0]!.Readers.Count == 1 ? Pass(context, "DequantizeLinear", x, input with { Type = x.Type }) : 0);
        return Cost(context, conv ? "QLinearConv" : "QLinearMatMul", node, codes) < onReals;
    }

    private static double Cost(RewriteContext context, string op, Node node, ImmutableArray<ValueFact?> inputs)
    {
        OpDefinition definition = context.Catalog.Find("", op, node.Opset)!;
        int symbols = 0;
        Problem problem = definition.CreateProblem(new NodeFacts(node.Attributes, node.Opset, inputs, 1, () => Dim.Symbol($"cost{symbols++}")));
        return definition.Candidates(problem, context.Target).Accepted.Min(c => c.CostNanoseconds);
    }

    private static double Pass(RewriteContext context, string op, QuantizedParts parts, TensorFact data)
    {
        OpDefinition definition = context.Catalog.Find("", op, parts.Node.Opset)!;
        Problem problem = definition.CreateProblem(new NodeFacts(parts.Node.Attributes, parts.Node.Opset, [data, Fact(parts.Scale), Parameter(parts)], 1, static () => Dim.Symbol("cost")));
        return definition.Candidates(problem, context.Target).Accepted.Min(c => c.CostNanoseconds);
    }

    private static TensorFact Fact(GraphValue constant) => TensorFact.OfConstant(constant.Constant!);

    private static TensorFact Parameter(QuantizedParts parts) => parts.Zero is null ? new TensorFact(parts.Type, parts.Scale.Constant!.Shape) : Fact(parts.Zero);

    private static TensorFact? Bound(GraphValue value)
    {
        if (value.Tensor is not { Shape: { } shape } fact)
            return null;
        var ones = shape.SelectMany(d => d.Symbols).Distinct().ToDictionary(s => s, _ => 1L);
        SymbolicShape bound = shape.Bind(ones);
        return bound.IsKnown ? new TensorFact(fact.Type, bound) : null;
    }
}
