using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the element-wise operators.</summary>
internal sealed class ElementwiseProblems : ProblemGenerator<ElementwiseProblem>
{
    // Vector and unrolled loops, short rows, buffered pieces, channel blocks.
    private static readonly int[] s_edges = [4, 8, 16, 24, 32, 64];

    /// <inheritdoc/>
    protected override ElementwiseProblem Generate(ProblemRequest request, TestRandom random)
    {
        string[] functions = request.Op is ElementwiseOp op ? [.. op.Functions] : ["clip", "min", "max", "copy"];
        string function = random.Pick(functions);
        bool single = request.RowName is "simd" or "tensor_primitives" or "widened";
        DType type = request.RowName == "widened" ? random.Pick(DType.Float16, DType.BFloat16) : single ? DType.Float32 : Type(request.Op, random);
        if (request.RowName == "vector" && type is DType.Float32 or DType.Float16 or DType.BFloat16 && request.Op is ElementwiseOp { HasCondition: false, IsTest: false } plain)
            type = plain.Types.HasFlag(TypeSet.Signed) ? random.Pick(DType.Float64, DType.Int64, DType.Int32) : DType.Float64;
        int count = Operands(request, function, random);
        Shape shape = RandomShape(request.Size, random);
        var operands = new TensorType[count];
        for (int i = 0; i < count; i++)
            operands[i] = new TensorType(type, Narrow(shape, random, i == 0));
        ElementwiseProblem problem = Finish(request, function, operands, type, single, random);
        (float alpha, float beta) = Constants(function, random);
        return problem with { Alpha = alpha, Beta = beta, ConstantInputs = random.Chance(0.3) && count > 1 ? 2u : 0 };
    }

    /// <inheritdoc/>
    protected override IEnumerable<ElementwiseProblem> Shrink(ElementwiseProblem problem)
    {
        if (problem.Operands.Length > 2 && ElementwiseFunctions.Find(problem.Function)!.Folds && problem.Axis < 0)
            yield return Rebuilt(problem with { Operands = problem.Operands[..^1] });
        if (problem.Axis >= 0)
            yield break;
        Shape shape = problem.Output.Shape;
        for (int axis = 0; axis < shape.Rank; axis++)
            if (shape[axis] > 1)
            {
                yield return Sized(problem, axis, shape[axis] / 2);
                yield return Sized(problem, axis, shape[axis] - 1);
            }
    }

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, ElementwiseProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        if (input == 1 && problem.Function is "shift_left" or "shift_right")
            for (int i = 0; i < values.Length; i++)
                values[i] = random.Between(0, 8 * problem.Output.Type.ByteSize() + 1);
        if (problem.Function == "pow" && problem.Output.Type.IsInteger())
            for (int i = 0; i < values.Length; i++)
                values[i] = input == 0 ? random.Between(-5, 5) : random.Between(TypeSet.Signed.Has(problem.Operands[1].Type) ? -2 : 0, 6);
        return values;
    }

    private static int Operands(ProblemRequest request, string function, TestRandom random)
    {
        if (request.Op.IsVariadic)
            return random.Pick(1, 2, 2, 3, 5);
        return request.Op is ElementwiseOp ? request.Op.MinInputs : function switch { "copy" => 1, "clip" => 3, _ => 2 };
    }

    private static DType Type(OpDefinition op, TestRandom random)
    {
        TypeSet types = op is ElementwiseOp elementwise ? elementwise.Types : TypeSet.Numeric;
        DType[] all = [.. Enum.GetValues<DType>().Where(t => ElementAccess.CanReadAsDouble(t) && types.Has(t))];
        return random.Chance(0.4) && types.Has(DType.Float32) ? DType.Float32 : random.Pick(all);
    }

    private static ElementwiseProblem Finish(ProblemRequest request, string function, TensorType[] operands, DType type, bool single, TestRandom random)
    {
        var op = request.Op as ElementwiseOp;
        int axis = -1;
        if (op is { HasCondition: true })
            operands[0] = operands[0] with { Type = DType.Bool };
        if (op is { MixesTypes: true } && !single && random.Chance(0.5))
            operands[1] = operands[1] with { Type = random.Pick(DType.Float32, DType.Float64, DType.Int32, DType.Int64, DType.UInt8, DType.Float16) };
        Shape output = Broadcasting.Known(Array.ConvertAll(operands, o => o.Shape));
        if (op is null)
        {
            output = operands[0].Shape;
            for (int i = 1; i < operands.Length; i++)
                operands[i] = operands[i] with { Shape = Shape.Scalar };
            if (function == "min")
                operands = [operands[0], TensorType.Absent, operands[1]];
        }
        else if (op.Rule != BroadcastRule.Mutual)
        {
            // Operand 0 has the output's shape; the other is a part of it.
            operands[0] = operands[0] with { Shape = output };
            axis = op.Rule == BroadcastRule.Attribute && output.Rank > 0 && random.Chance(0.5) ? random.Below(output.Rank) : -1;
            if (axis >= 0)
                operands[1] = operands[1] with { Shape = Shape.Create(output.AsSpan().Slice(axis, random.Between(1, output.Rank - axis))) };
            else if (op.Rule == BroadcastRule.ChannelSlope && output.Rank > 1 && output[1] != 1 && random.Chance(0.7))
                (axis, operands[1]) = (1, operands[1] with { Shape = [output[1]] });
        }
        bool test = op?.IsTest ?? false;
        return new ElementwiseProblem { Function = function, Operands = [.. operands], Output = new TensorType(test ? DType.Bool : type, output), Axis = axis };
    }

    private static Shape RandomShape(int size, TestRandom random)
    {
        int rank = random.Pick(0, 1, 1, 2, 3, 4, 4);
        var dims = new long[rank];
        for (int i = 0; i < rank; i++)
            dims[i] = rank > 2 ? random.DimOrZero(Math.Min(size, 20), s_edges) : random.DimOrZero(size * 3, s_edges);
        // Several grains, now and then.
        if (rank == 1 && random.Chance(0.05))
            dims[0] = random.Between(32768, 70000);
        return Shape.Create(dims);
    }

    // The shape itself, or a part of it that stretches to it.
    private static Shape Narrow(Shape shape, TestRandom random, bool first)
    {
        if (random.Chance(first ? 0.7 : 0.4))
            return shape;
        long[] dims = shape.ToArray();
        if (random.Chance(0.25) && dims.Length > 2)
        {
            // One element for each channel.
            for (int i = 0; i < dims.Length; i++)
                if (i != 1)
                    dims[i] = 1;
        }
        else
            for (int i = 0; i < dims.Length; i++)
                if (random.Chance(0.4))
                    dims[i] = 1;
        int drop = 0;
        while (drop < dims.Length && dims[drop] == 1 && random.Chance(0.6))
            drop++;
        return Shape.Create(dims.AsSpan(drop));
    }

    private static (float Alpha, float Beta) Constants(string function, TestRandom random) => function switch
    {
        "leaky_relu" => (random.Pick(0.01f, 0.5f, -0.25f, 0f), 0),
        "thresholded_relu" => (random.Pick(1f, 0f, -0.5f), 0),
        "elu" or "celu" => (random.Pick(1f, 0.5f, 2f), 0),
        "selu" => (1.6732632f, 1.050701f),
        "hard_sigmoid" => (random.Pick(0.2f, 1f / 6), 0.5f),
        "swish" or "swiglu" => (random.Pick(1f, 1.702f), 0),
        "shrink" => (random.Pick(0.5f, 1.5f), random.Pick(0f, 0.5f)),
        "affine" => (random.Pick(2f, -0.5f), random.Pick(0f, 3f)),
        "clip_const" => (random.Pick(-1f, 0f), random.Pick(0.5f, 6f)),
        "scaled_tanh" or "parametric_softplus" => (random.Pick(1f, 2f), random.Pick(1f, -0.5f)),
        "is_inf" => (random.Below(2), random.Below(2)),
        _ => (0, 0),
    };

    private static ElementwiseProblem Sized(ElementwiseProblem problem, int axis, long size)
    {
        var operands = ImmutableArray.CreateBuilder<TensorType>();
        foreach (TensorType operand in problem.Operands)
        {
            int own = axis - problem.Output.Shape.Rank + operand.Shape.Rank;
            if (operand.IsAbsent || own < 0 || operand.Shape[own] == 1)
            {
                operands.Add(operand);
                continue;
            }
            long[] dims = operand.Shape.ToArray();
            dims[own] = size;
            operands.Add(operand with { Shape = Shape.Create(dims) });
        }
        return Rebuilt(problem with { Operands = operands.ToImmutable() });
    }

    private static ElementwiseProblem Rebuilt(ElementwiseProblem problem) => problem with
    {
        Output = problem.Output with { Shape = Broadcasting.Known([.. problem.Operands.Where(o => !o.IsAbsent).Select(o => o.Shape)]) },
    };
}
