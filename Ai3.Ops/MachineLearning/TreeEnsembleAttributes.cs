using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reads the trees of TreeEnsemble (opset 5): nodes and leaves in lists of their own, roots by position.</summary>
internal static class TreeEnsembleAttributes
{
    /// <summary>Reads and checks a forest.</summary>
    /// <param name="attributes">The attributes.</param>
    /// <param name="targets">The number of targets; negative for as many as the leaves name.</param>
    /// <exception cref="OpException">The attributes contradict each other.</exception>
    public static TreeForest Read(Attributes attributes, ref int targets)
    {
        TreeMode[] modes = Modes(attributes);
        int count = modes.Length;
        double[] values = ModelAttributes.Numbers(attributes, "nodes_splits"), weights = ModelAttributes.Numbers(attributes, "leaf_weights");
        int[] features = ModelAttributes.Indices(attributes, "nodes_featureids", int.MaxValue);
        int[] leafTargets = ModelAttributes.Indices(attributes, "leaf_targetids", targets < 0 ? TreeModel.MaxTargets : targets);
        long[] missing = ModelAttributes.Ints(attributes, "nodes_missing_value_tracks_true");
        ModelAttributes.RequireLength("nodes_splits", values.Length, count, "nodes_modes");
        ModelAttributes.RequireLength("nodes_featureids", features.Length, count, "nodes_modes");
        ModelAttributes.RequireLength("leaf_targetids", leafTargets.Length, weights.Length, "leaf_weights");
        if (missing.Length > 0)
            ModelAttributes.RequireLength("nodes_missing_value_tracks_true", missing.Length, count, "nodes_modes");
        if (weights.Length == 0)
            throw new OpException("leaf_weights is empty, a forest needs a leaf");
        if (targets < 0)
            targets = leafTargets.Max() + 1;
        return new TreeForest
        {
            Modes = modes,
            Features = features,
            Values = values,
            MissingIsTrue = [.. Enumerable.Range(0, count).Select(i => missing.Length > 0 && missing[i] == 1)],
            True = Children(attributes, "nodes_true", count, weights.Length),
            False = Children(attributes, "nodes_false", count, weights.Length),
            Sets = Sets(attributes, modes),
            Roots = ModelAttributes.Indices(attributes, "tree_roots", count),
            FirstVote = [.. Enumerable.Range(0, weights.Length + 1)],
            Targets = leafTargets,
            Weights = weights,
            IsDouble = attributes.Tensor("nodes_splits") is { Type: DType.Float64 } || attributes.Tensor("leaf_weights") is { Type: DType.Float64 },
        }.Checked();
    }

    private static TreeMode[] Modes(Attributes attributes)
    {
        if (attributes.Tensor("nodes_modes") is not { Type: DType.UInt8 } tensor || tensor.Count == 0)
            throw new OpException("nodes_modes must be given as a tensor of u8 with an entry for each node");
        return Array.ConvertAll(tensor.AsSpan<byte>().ToArray(), m => m <= (byte)TreeMode.Member ? (TreeMode)m : throw new OpException($"nodes_modes has {m}, must be 0 to 6"));
    }

    private static int[] Children(Attributes attributes, string side, int nodes, int leaves)
    {
        long[] ids = ModelAttributes.Ints(attributes, side + "nodeids"), isLeaf = ModelAttributes.Ints(attributes, side + "leafs");
        ModelAttributes.RequireLength(side + "nodeids", ids.Length, nodes, "nodes_modes");
        ModelAttributes.RequireLength(side + "leafs", isLeaf.Length, nodes, "nodes_modes");
        var children = new int[nodes];
        for (int i = 0; i < nodes; i++)
        {
            int count = isLeaf[i] != 0 ? leaves : nodes;
            if (ids[i] < 0 || ids[i] >= count)
                throw new OpException($"{side}nodeids has {ids[i]}, must be in [0, {count}), the number of {(isLeaf[i] != 0 ? "leaves" : "nodes")}");
            children[i] = isLeaf[i] != 0 ? ~(int)ids[i] : (int)ids[i];
        }
        return children;
    }

    // Sets in order of the nodes that have one, each ended by NaN.
    private static HashSet<double>?[]? Sets(Attributes attributes, TreeMode[] modes)
    {
        if (!modes.Contains(TreeMode.Member))
            return null;
        double[] members = ModelAttributes.Numbers(attributes, "membership_values");
        if (members.Count(double.IsNaN) != modes.Count(m => m == TreeMode.Member))
            throw new OpException($"membership_values has {members.Count(double.IsNaN)} sets ended by NaN, must have {modes.Count(m => m == TreeMode.Member)}, one for each node of mode 6");
        var sets = new HashSet<double>?[modes.Length];
        int at = 0;
        for (int i = 0; i < modes.Length; i++)
        {
            if (modes[i] != TreeMode.Member)
                continue;
            HashSet<double> set = sets[i] = [];
            for (; !double.IsNaN(members[at]); at++)
                set.Add(members[at]);
            at++;
        }
        return sets;
    }
}
