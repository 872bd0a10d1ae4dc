using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Copies tensors into other layouts with the catalogue's own Reorder.</summary>
/// <param name="catalog">Where Reorder is.</param>
/// <param name="target">The machine.</param>
internal sealed class LayoutChange(OpCatalog catalog, Target target)
{
    /// <summary>A copy of a tensor in a layout.</summary>
    public Tensor To(Tensor tensor, Format format)
    {
        if (tensor.Format == format)
            return tensor.Clone();
        OpDefinition reorder = catalog.Find("ai3", "Reorder", 1) ?? throw new InvalidOperationException("the catalogue has no Reorder");
        var facts = new NodeFacts(Attributes.Empty.With("to", format.ToString()), 1, [TensorFact.Of(tensor)], 1, () => 0);
        Candidate candidate = reorder.Candidates(reorder.CreateProblem(facts), target).Accepted[0];
        Tensor result = Tensor.Allocate(tensor.Type, tensor.Shape, format, clear: true);
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        candidate.Bind(null).Run(new KernelArgs
        {
            Inputs = [tensor.Address],
            Outputs = [result.Address],
            Workspace = workspace.Address,
            Workers = WorkerPool.Single,
        });
        GC.KeepAlive(tensor);
        return result;
    }
}
