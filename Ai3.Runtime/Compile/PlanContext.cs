using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>What making a plan needs beside the graph.</summary>
internal sealed record PlanContext(OpCatalog Catalog, Selection Selection, Target Target, RunLimits Limits, PackCache Packs, BodyTable Bodies, NodeRunner Runner, bool StrictNan,
    SavedPlan? Saved);
