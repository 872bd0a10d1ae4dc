namespace Ai3.Ops;

/// <summary>How a node compares its feature with its value; the numbers are those of TreeEnsemble.</summary>
internal enum TreeMode : byte
{
    /// <summary>x &lt;= v.</summary>
    Leq = 0,
    /// <summary>x &lt; v.</summary>
    Lt = 1,
    /// <summary>x >= v.</summary>
    Gte = 2,
    /// <summary>x > v.</summary>
    Gt = 3,
    /// <summary>x = v.</summary>
    Eq = 4,
    /// <summary>x differs from v; true for NaN.</summary>
    Neq = 5,
    /// <summary>x is one of a set.</summary>
    Member = 6,
}

/// <summary>Decision trees as arrays, checked: every index is in range and no path meets a node twice.</summary>
internal sealed class TreeForest
{
    public required TreeMode[] Modes { get; init; }

    public required int[] Features { get; init; }

    public required double[] Values { get; init; }

    /// <summary>True where a missing value (NaN) goes the way of true.</summary>
    public required bool[] MissingIsTrue { get; init; }

    /// <summary>Where to go next: a node, or the complement of a leaf's number.</summary>
    public required int[] True { get; init; }

    /// <summary>Where to go next: a node, or the complement of a leaf's number.</summary>
    public required int[] False { get; init; }

    /// <summary>For each node, the set of <see cref="TreeMode.Member"/>; null if no node has one.</summary>
    public HashSet<double>?[]? Sets { get; init; }

    /// <summary>For each tree, its first node, or the complement of a leaf's number.</summary>
    public required int[] Roots { get; init; }

    /// <summary>For each leaf and one past the last, where its votes begin.</summary>
    public required int[] FirstVote { get; init; }

    public required int[] Targets { get; init; }

    public required double[] Weights { get; init; }

    /// <summary>True if values and weights were given in double, in which sums are kept then.</summary>
    public required bool IsDouble { get; init; }

    /// <summary>One more than the largest feature that a node compares.</summary>
    public int FeatureCount => Features.Length == 0 ? 0 : Features.Max() + 1;

    /// <summary>Follows one tree to a leaf.</summary>
    public int Leaf(int root, ReadOnlySpan<double> x)
    {
        int at = root;
        while (at >= 0)
            at = Holds(at, x[Features[at]]) ? True[at] : False[at];
        return ~at;
    }

    private bool Holds(int node, double x)
    {
        if (double.IsNaN(x) && MissingIsTrue[node])
            return true;
        return Modes[node] switch
        {
            TreeMode.Leq => x <= Values[node],
            TreeMode.Lt => x < Values[node],
            TreeMode.Gte => x >= Values[node],
            TreeMode.Gt => x > Values[node],
            TreeMode.Eq => x == Values[node],
            TreeMode.Neq => x != Values[node],
            _ => Sets![node]!.Contains(x),
        };
    }

    /// <summary>Refuses forests in which a node is reached twice, so that every walk ends.</summary>
    /// <exception cref="OpException">A node is reached twice.</exception>
    public TreeForest Checked()
    {
        var reached = new bool[Modes.Length];
        var open = new Stack<int>();
        foreach (int root in Roots)
        {
            open.Push(root);
            while (open.TryPop(out int node))
            {
                if (node < 0)
                    continue;
                if (reached[node])
                    throw new OpException($"tree node {node} is reached twice, a tree has one path to each node");
                reached[node] = true;
                open.Push(True[node]);
                open.Push(False[node]);
            }
        }
        return this;
    }
}
