using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>The operators that run subgraphs.</summary>
internal static class ControlFlowOps
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<ControlFlowOp> All { get; } =
    [
        new IfOp { Name = "If" },
        new LoopOp { Name = "Loop" },
        new BatchScanOp { Name = "Scan", Since = 8, Until = 8 },
        new ScanOp { Name = "Scan", Since = 9 },
        new SequenceMapOp { Name = "SequenceMap", Since = 17 },
    ];

    /// <summary>The operator of a node, or null if it runs no subgraphs.</summary>
    public static ControlFlowOp? Find(Node node) => Find(node.Domain, node.OpType, node.Opset);

    /// <summary>The operator of a name and version, or null.</summary>
    public static ControlFlowOp? Find(string domain, string name, int opset) =>
        domain.Length > 0 ? null : All.FirstOrDefault(o => o.Name == name && o.Since <= opset && opset <= o.Until);
}
