using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>One node computed under two plans, each on its own values.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Op">The operator.</param>
/// <param name="First">The first plan's algorithm; empty if only the run resolves it.</param>
/// <param name="Second">The second plan's.</param>
/// <param name="InputDifference">The largest difference of an input relative to its largest value: what the node inherits.</param>
/// <param name="OutputDifference">The same of its outputs.</param>
public sealed record NodeDifference(string Node, string Op, string First, string Second, double InputDifference, double OutputDifference);

/// <summary>Runs two plans of one model side by side.</summary>
public static class PlanComparison
{
    /// <summary>Each node in the order they run.</summary>
    /// <param name="first">The model under one plan.</param>
    /// <param name="second">The model under another, with the same rewrites and dimensions.</param>
    /// <param name="inputs">The model's inputs.</param>
    /// <exception cref="ArgumentException">The sessions' graphs are not the same.</exception>
    public static IEnumerable<NodeDifference> Run(Session first, Session second, IReadOnlyDictionary<string, Value> inputs)
    {
        using IEnumerator<TracedNode> other = second.Trace(inputs).GetEnumerator();
        foreach (TracedNode a in first.Trace(inputs))
        {
            if (!other.MoveNext() || other.Current is not { } b || a.Node.Name != b.Node.Name || a.Outputs.Length != b.Outputs.Length)
                throw new ArgumentException($"node '{a.Node.Name}' is not in both plans at the same place; compile both with the same rewrites, instruction set and dimensions");
            yield return new NodeDifference(a.Node.Name, a.Node.QualifiedOp, a.Winner?.Algorithm.Name ?? "", b.Winner?.Algorithm.Name ?? "",
                Largest(a.Inputs, b.Inputs), Largest(a.Outputs, b.Outputs));
        }
    }

    private static double Largest(IReadOnlyList<Value?> a, IReadOnlyList<Value?> b)
    {
        double largest = 0;
        for (int i = 0; i < a.Count; i++)
            if (a[i] is Tensor x && b[i] is Tensor y && !ReferenceEquals(x, y))
                largest = Math.Max(largest, Difference(x, y));
        return largest;
    }

    // Infinite where shapes, NaN or infinities differ.
    private static unsafe double Difference(Tensor x, Tensor y)
    {
        if (x.Shape != y.Shape || x.Type != y.Type)
            return double.PositiveInfinity;
        if (x.Type == DType.String || !ElementCodec.HasValues(x.Type))
        {
            bool same = x.Type == DType.String ? x.AsStrings().SequenceEqual(y.AsStrings()) : x.AsBytes().SequenceEqual(y.AsBytes());
            return same ? 0 : double.PositiveInfinity;
        }
        double largest = 0, difference = 0;
        for (long i = 0; i < x.Count; i++)
        {
            double a = ElementCodec.Read((byte*)x.Address, x.Type, i), b = ElementCodec.Read((byte*)y.Address, y.Type, i);
            if (a.Equals(b))
                largest = double.IsFinite(a) ? Math.Max(largest, Math.Abs(a)) : largest;
            else if (!double.IsFinite(a) || !double.IsFinite(b))
                return double.PositiveInfinity;
            else
                (largest, difference) = (Math.Max(largest, Math.Max(Math.Abs(a), Math.Abs(b))), Math.Max(difference, Math.Abs(a - b)));
        }
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        return difference == 0 ? 0 : difference / largest;
    }
}
