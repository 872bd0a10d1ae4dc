using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Identity and Dropout.</summary>
internal sealed class ElementwiseIdentityProblems : ProblemGenerator<DropoutProblem>
{
    /// <inheritdoc/>
    protected override DropoutProblem Generate(ProblemRequest request, TestRandom random)
    {
        var dims = new long[random.Below(4)];
        for (int i = 0; i < dims.Length; i++)
            dims[i] = random.DimOrZero(request.Size);
        bool training = request.RowName == "random" || request.RowName is null or "reference" && random.Chance(0.2);
        DType type = training ? random.Pick(DType.Float32, DType.Float64, DType.Float16, DType.BFloat16) : random.Pick(DType.Float32, DType.Int64, DType.UInt8, DType.Float16);
        var input = new TensorType(type, Shape.Create(dims));
        bool mask = request.Op.MaxOutputs > 1 && request.RowName != "view" && random.Chance(0.6);
        bool ratio = request.Op.MaxInputs > 1 && random.Chance(0.5);
        return new DropoutProblem
        {
            Input = input,
            Mask = mask ? new TensorType(random.Pick(DType.Bool, input.Type), input.Shape) : TensorType.Absent,
            Unread = ratio ? [new TensorType(DType.Float32, Shape.Scalar)] : [],
            // Without a seed no two runs agree.
            Ratio = training ? random.Unit() : null,
            Seed = training ? random.Between(-1000, 1000) : null,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<DropoutProblem> Shrink(DropoutProblem problem)
    {
        if (!problem.Mask.IsAbsent)
            yield return problem with { Mask = TensorType.Absent };
    }
}
