using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>out[output labels] = sum over all other labels of the product of the operands, each at its own labels.</summary>
internal sealed record EinsumProblem : Problem
{
    /// <summary>The equation without spaces, with its output.</summary>
    public required string Equation { get; init; }

    public required ImmutableArray<TensorType> Operands { get; init; }

    public required TensorType Output { get; init; }

    /// <summary>The label of each axis of each operand, numbered: the output's labels first, in order, then the summed ones.</summary>
    public required ImmutableArray<ImmutableArray<int>> Labels { get; init; }

    /// <summary>The extent of each label.</summary>
    public required ImmutableArray<long> Extents { get; init; }

    public DType Type => Output.Type;

    public int OutputRank => Output.Shape.Rank;

    /// <summary>Terms of a sum.</summary>
    public double Depth
    {
        get
        {
            double depth = 1;
            for (int i = OutputRank; i < Extents.Length; i++)
                depth *= Extents[i];
            return depth;
        }
    }

    public override ImmutableArray<TensorType> Inputs => Operands;

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override double Flops => Operands.Length * Depth * Output.Shape.Count;

    public override string Key => MovementKey.Write($"einsum:{Equation}", Inputs, Outputs);

    public static EinsumProblem? Parse(string key)
    {
        int slash = key.IndexOf('/');
        if (slash < 0 || !key.StartsWith("einsum:", StringComparison.Ordinal))
            return null;
        string equation = key["einsum:".Length..slash];
        return MovementKeyReader.Read(key, key[..slash], r => Create(EinsumEquation.Parse(equation, r.Inputs.Length), r.Inputs));
    }

    /// <exception cref="OpException">Shapes or types do not fit the equation.</exception>
    public static EinsumProblem Create(EinsumEquation equation, ImmutableArray<TensorType> operands)
    {
        var labels = equation.Labels([.. operands.Select(o => o.Shape.Rank)]);
        var sizes = new Dictionary<int, long>();
        for (int i = 0; i < operands.Length; i++)
            for (int axis = 0; axis < labels[i].Length; axis++)
            {
                long extent = operands[i].Shape[axis];
                ref long size = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(sizes, labels[i][axis], out bool exists);
                if (exists && size != 1 && extent != 1 && size != extent)
                    throw new OpException($"axis {axis} of input {i} is {extent}, must be {size} like its label in \"{equation}\" elsewhere");
                size = !exists || size == 1 ? extent : size;
            }
        ImmutableArray<int> output = equation.OutputLabels(labels);
        if (sizes.Count > EinsumEquation.MaxLabels)
            throw new OpException($"the equation has {sizes.Count} labels, at most {EinsumEquation.MaxLabels} are supported");
        int[] order = [.. output, .. sizes.Keys.Where(label => !output.Contains(label))];
        long[] extents = Array.ConvertAll(order, label => sizes[label]);
        return new EinsumProblem
        {
            Equation = equation.ToString(),
            Operands = operands,
            Output = MovementFacts.Operand(operands[0].Type, Shape.Create(extents.AsSpan()[..output.Length])),
            Labels = [.. labels.Select(l => l.Select(label => Array.IndexOf(order, label)).ToImmutableArray())],
            Extents = [.. extents],
        };
    }

    /// <summary>How far operand <paramref name="operand"/> moves when each label goes on by one, in elements; 0 where it does not, or is broadcast.</summary>
    public long[] Strides(int operand)
    {
        Shape shape = Operands[operand].Shape;
        long[] rowMajor = ShapeMath.RowMajorStrides(shape.AsSpan());
        var strides = new long[Extents.Length];
        for (int axis = 0; axis < shape.Rank; axis++)
            if (shape[axis] != 1)
                strides[Labels[operand][axis]] += rowMajor[axis];
        return strides;
    }
}
