using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reads the trees of TreeEnsembleClassifier and TreeEnsembleRegressor: nodes, leaves among them, and votes by tree and node id.</summary>
internal static class TreeAttributes
{
    private const int Leaf = -1;

    /// <summary>Reads and checks a forest.</summary>
    /// <param name="attributes">The attributes.</param>
    /// <param name="votes">How the attributes of votes begin: target or class.</param>
    /// <param name="targets">The number of targets; negative for as many as the votes name.</param>
    /// <exception cref="OpException">The attributes contradict each other.</exception>
    public static TreeForest Read(Attributes attributes, string votes, ref int targets)
    {
        long[] trees = ModelAttributes.Ints(attributes, "nodes_treeids"), ids = ModelAttributes.Ints(attributes, "nodes_nodeids");
        int count = trees.Length;
        if (count == 0)
            throw new OpException("nodes_treeids is empty, a forest needs a node");
        ModelAttributes.RequireLength("nodes_nodeids", ids.Length, count, "nodes_treeids");
        var places = new Dictionary<(long, long), int>(count);
        for (int i = 0; i < count; i++)
            if (!places.TryAdd((trees[i], ids[i]), i))
                throw new OpException($"node {ids[i]} of tree {trees[i]} is there twice");
        int[] modes = Modes(attributes, count);
        int[] numbers = Numbers(modes, out int leaves);
        TreeForest forest = Nodes(attributes, trees, modes, numbers, places);
        (int[] firstVote, int[] ids2, double[] weights) = Votes(attributes, votes, places, modes, numbers, leaves, ref targets);
        return new TreeForest
        {
            Modes = forest.Modes,
            Features = forest.Features,
            Values = forest.Values,
            MissingIsTrue = forest.MissingIsTrue,
            True = forest.True,
            False = forest.False,
            Roots = forest.Roots,
            FirstVote = firstVote,
            Targets = ids2,
            Weights = weights,
            IsDouble = attributes.Tensor("nodes_values_as_tensor") is { Type: DType.Float64 } || attributes.Tensor(votes + "_weights_as_tensor") is { Type: DType.Float64 },
        }.Checked();
    }

    private static int[] Modes(Attributes attributes, int count)
    {
        ImmutableArray<string> names = attributes.Strings("nodes_modes");
        ModelAttributes.RequireLength("nodes_modes", names.IsDefault ? 0 : names.Length, count, "nodes_treeids");
        return [.. names.Select(name => name switch
        {
            "BRANCH_LEQ" => (int)TreeMode.Leq,
            "BRANCH_LT" => (int)TreeMode.Lt,
            "BRANCH_GTE" => (int)TreeMode.Gte,
            "BRANCH_GT" => (int)TreeMode.Gt,
            "BRANCH_EQ" => (int)TreeMode.Eq,
            "BRANCH_NEQ" => (int)TreeMode.Neq,
            "LEAF" => Leaf,
            _ => throw new OpException($"nodes_modes has {name}, must be BRANCH_LEQ, BRANCH_LT, BRANCH_GTE, BRANCH_GT, BRANCH_EQ, BRANCH_NEQ or LEAF"),
        })];
    }

    // Branches and leaves are numbered apart; a leaf's number is complemented.
    private static int[] Numbers(int[] modes, out int leaves)
    {
        var numbers = new int[modes.Length];
        int branches = 0;
        leaves = 0;
        for (int i = 0; i < modes.Length; i++)
            numbers[i] = modes[i] == Leaf ? ~leaves++ : branches++;
        return numbers;
    }

    private static TreeForest Nodes(Attributes attributes, long[] trees, int[] modes, int[] numbers, Dictionary<(long, long), int> places)
    {
        int count = trees.Length;
        int[] features = ModelAttributes.Indices(attributes, "nodes_featureids", int.MaxValue);
        double[] values = ModelAttributes.Doubles(attributes, "nodes_values");
        long[] whenTrue = ModelAttributes.Ints(attributes, "nodes_truenodeids"), whenFalse = ModelAttributes.Ints(attributes, "nodes_falsenodeids");
        long[] missing = ModelAttributes.Ints(attributes, "nodes_missing_value_tracks_true");
        ModelAttributes.RequireLength("nodes_featureids", features.Length, count, "nodes_treeids");
        ModelAttributes.RequireLength("nodes_values", values.Length, count, "nodes_treeids");
        ModelAttributes.RequireLength("nodes_truenodeids", whenTrue.Length, count, "nodes_treeids");
        ModelAttributes.RequireLength("nodes_falsenodeids", whenFalse.Length, count, "nodes_treeids");
        if (missing.Length > 0)
            ModelAttributes.RequireLength("nodes_missing_value_tracks_true", missing.Length, count, "nodes_treeids");
        int[] branches = [.. Enumerable.Range(0, count).Where(i => modes[i] != Leaf)];
        var hasParent = new bool[count];
        int[] next = Array.ConvertAll(branches, i => Child(i, whenTrue[i])), other = Array.ConvertAll(branches, i => Child(i, whenFalse[i]));
        return new TreeForest
        {
            Modes = Array.ConvertAll(branches, i => (TreeMode)modes[i]),
            Features = Array.ConvertAll(branches, i => features[i]),
            Values = Array.ConvertAll(branches, i => values[i]),
            MissingIsTrue = Array.ConvertAll(branches, i => missing.Length > 0 && missing[i] == 1),
            True = next,
            False = other,
            Roots = Roots(trees, numbers, hasParent),
            FirstVote = [],
            Targets = [],
            Weights = [],
            IsDouble = false,
        };

        int Child(int node, long id)
        {
            if (!places.TryGetValue((trees[node], id), out int place))
                throw new OpException($"a node of tree {trees[node]} leads to node {id}, which the tree has not");
            hasParent[place] = true;
            return numbers[place];
        }
    }

    // In order of the trees' first nodes; the first node that no other leads to is a tree's root.
    private static int[] Roots(long[] trees, int[] numbers, bool[] hasParent)
    {
        var order = new List<long>();
        var roots = new Dictionary<long, int?>();
        for (int i = 0; i < trees.Length; i++)
        {
            if (roots.TryAdd(trees[i], null))
                order.Add(trees[i]);
            if (!hasParent[i])
                roots[trees[i]] ??= numbers[i];
        }
        return [.. order.Select(tree => roots[tree] ?? throw new OpException($"tree {tree} has no root, every node of it has a parent"))];
    }

    private static (int[] First, int[] Targets, double[] Weights) Votes(Attributes attributes, string votes, Dictionary<(long, long), int> places,
        int[] modes, int[] numbers, int leaves, ref int targets)
    {
        long[] trees = ModelAttributes.Ints(attributes, votes + "_treeids"), nodes = ModelAttributes.Ints(attributes, votes + "_nodeids");
        int[] ids = ModelAttributes.Indices(attributes, votes + "_ids", targets < 0 ? TreeModel.MaxTargets : targets);
        double[] weights = ModelAttributes.Doubles(attributes, votes + "_weights");
        ModelAttributes.RequireLength(votes + "_nodeids", nodes.Length, trees.Length, votes + "_treeids");
        ModelAttributes.RequireLength(votes + "_ids", ids.Length, trees.Length, votes + "_treeids");
        ModelAttributes.RequireLength(votes + "_weights", weights.Length, trees.Length, votes + "_treeids");
        if (targets < 0)
            targets = ids.Length == 0 ? 1 : ids.Max() + 1;
        var leafOf = new int[trees.Length];
        var first = new int[leaves + 1];
        for (int i = 0; i < trees.Length; i++)
        {
            if (!places.TryGetValue((trees[i], nodes[i]), out int place))
                throw new OpException($"a vote is for node {nodes[i]} of tree {trees[i]}, which is not there");
            // What stands at a branch is never reached.
            leafOf[i] = modes[place] == Leaf ? ~numbers[place] : -1;
            if (leafOf[i] >= 0)
                first[leafOf[i] + 1]++;
        }
        for (int leaf = 0; leaf < leaves; leaf++)
            first[leaf + 1] += first[leaf];
        var (sortedTargets, sortedWeights, next) = (new int[first[leaves]], new double[first[leaves]], (int[])first.Clone());
        for (int i = 0; i < trees.Length; i++)
        {
            if (leafOf[i] < 0)
                continue;
            int at = next[leafOf[i]]++;
            (sortedTargets[at], sortedWeights[at]) = (ids[i], weights[i]);
        }
        return (first, sortedTargets, sortedWeights);
    }
}
