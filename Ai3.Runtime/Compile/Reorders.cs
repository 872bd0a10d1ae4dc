using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Changes of layout: the algorithm for one, and its use on a tensor at hand.</summary>
internal sealed class Reorders(OpCatalog catalog, Target target)
{
    /// <summary>The cheapest algorithm from one layout to another.</summary>
    public Candidate Find(TensorType operand, Format from, Format to, out Problem problem)
    {
        OpDefinition op = catalog.Find("ai3", "Reorder", 1) ?? throw new InvalidOperationException("the catalogue has no Reorder operator, which plans need");
        problem = new ReorderProblem(operand.Type, operand.Shape, from, to);
        return op.Candidates(problem, target).Accepted.Where(c => !c.Algorithm.IsReference).MinBy(c => c.CostNanoseconds)
            ?? throw new InvalidOperationException($"no algorithm reorders {operand} from {from} to {to}");
    }

    /// <summary>A new tensor with the elements of another in another layout.</summary>
    public Tensor Apply(Tensor tensor, Format to)
    {
        Tensor result = Tensor.Allocate(tensor.Type, tensor.Shape, to);
        Apply(tensor, result);
        return result;
    }

    /// <summary>Writes the elements of one tensor into another of the same type and shape, each in its layout.</summary>
    public void Apply(Tensor from, Tensor to)
    {
        Candidate candidate = Find(new TensorType(from.Type, from.Shape), from.Format, to.Format, out _);
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        candidate.Bind(null).Run(new KernelArgs
        {
            Inputs = [from.Address],
            Outputs = [to.Address],
            Workspace = workspace.Address,
            Workers = WorkerPool.Single,
        });
        GC.KeepAlive(from);
        GC.KeepAlive(to);
    }
}
