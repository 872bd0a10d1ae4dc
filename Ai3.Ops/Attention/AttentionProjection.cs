using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The projection x W + b in front of com.microsoft Attention: a matrix product with the best algorithm there is for it.</summary>
internal sealed class AttentionProjection
{
    private readonly Candidate _candidate;

    private AttentionProjection(Candidate candidate, long outputBytes)
    {
        _candidate = candidate;
        OutputBytes = outputBytes;
    }

    /// <summary>Bytes of Q, K and V side by side.</summary>
    public long OutputBytes { get; }

    public long WorkspaceBytes => _candidate.WorkspaceBytes;

    public long PackedBytes => _candidate.PackedBytes;

    public double CostNanoseconds => _candidate.CostNanoseconds;

    public string? PackKey => _candidate.PackKey;

    /// <summary>The projection of a problem; null if it has none.</summary>
    public static AttentionProjection? Of(AttentionProblem p, Target target)
    {
        if (p.Form != AttentionForm.Projected)
            return null;
        Shape x = p.Operands[0].Shape, weights = p.Operands[1].Shape;
        bool biased = p.Operands.Length > 2 && !p.Operands[2].IsAbsent;
        var product = new GemmProblem
        {
            Type = p.Type,
            ShapeA = [x[0] * x[1], x[2]],
            ShapeB = weights,
            ShapeC = biased ? p.Operands[2].Shape : null,
            ConstantInputs = p.ConstantInputs & 0b110u,
        };
        // Chosen for one thread, so that the bits do not depend on how many there are.
        string best = MatMulOp.Instance.Candidates(product, target with { Threads = 1 }).Accepted.MinBy(c => c.CostNanoseconds)!.Algorithm.Name;
        Candidate chosen = MatMulOp.Instance.Candidates(product, target).Accepted.First(c => c.Algorithm.Name == best);
        return new AttentionProjection(chosen, product.Outputs[0].ByteLength);
    }

    public PackedConstants Pack(IReadOnlyList<Tensor?> constants) => _candidate.Pack([null, constants[1], constants.Count > 2 ? constants[2] : null]);

    public PreparedKernel Bind(PackedConstants? packed) => _candidate.Bind(packed);
}
