using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Attributes of random forests.</summary>
internal static class MachineLearningForests
{
    private static readonly string[] s_modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];

    public static Attributes Classifier(ProblemRequest request, int features, TestRandom random)
    {
        int classes = random.Between(1, 4);
        Attributes attributes = Legacy(request, "class", features, classes, random).With("classlabels_int64s", MachineLearningProblems.Labels(classes));
        return random.Chance(0.3) ? attributes.With("base_values", MachineLearningProblems.Eighths(classes, random)) : attributes;
    }

    public static Attributes Regressor(ProblemRequest request, int features, TestRandom random)
    {
        int targets = random.Between(1, 3);
        string[] aggregates = request.RowName == "trees_float" ? ["SUM", "AVERAGE"] : ["SUM", "AVERAGE", "MIN", "MAX"];
        Attributes attributes = Legacy(request, "target", features, targets, random).With("n_targets", (long)targets).With("aggregate_function", random.Pick(aggregates));
        return random.Chance(0.3) ? attributes.With("base_values", MachineLearningProblems.Eighths(targets, random)) : attributes;
    }

    public static Attributes Ensemble(ProblemRequest request, int features, DType type, TestRandom random)
    {
        int trees = random.Between(1, 4), targets = random.Between(1, 3), leaves = random.Between(1, 6);
        bool isFast = request.RowName == "trees_float";
        var modes = new List<byte>();
        var (splits, ids, ways, roots, members) = (new List<float>(), new List<long>(), new List<(long True, long False, long TrueLeaf, long FalseLeaf)>(), new List<long>(), new List<float>());
        var mode = (byte)random.Between(0, 1);
        for (int t = 0; t < trees; t++)
        {
            roots.Add(modes.Count);
            int count = random.Between(1, 6), first = modes.Count;
            for (int n = 0; n < count; n++)
            {
                // A chain: the true side goes on to the next node, except for the last.
                bool last = n == count - 1;
                modes.Add(isFast ? mode : (byte)random.Between(0, 6));
                splits.Add(random.Between(-4, 4) / 2f);
                ids.Add(random.Below(features));
                ways.Add((last ? random.Below(leaves) : first + n + 1, random.Below(leaves), last ? 1 : 0, 1));
                if (modes[^1] == 6)
                    members.AddRange([.. Enumerable.Range(0, random.Between(0, 3)).Select(_ => random.Between(-4, 4) / 2f), float.NaN]);
            }
        }
        Attributes attributes = Attributes.Empty.With("nodes_modes", Tensor.Copy<byte>(modes.ToArray(), [modes.Count])).With("nodes_splits", Floats(splits, type))
            .With("nodes_featureids", ids.ToImmutableArray()).With("tree_roots", roots.ToImmutableArray()).With("n_targets", (long)targets)
            .With("nodes_truenodeids", ways.Select(w => w.True).ToImmutableArray()).With("nodes_falsenodeids", ways.Select(w => w.False).ToImmutableArray())
            .With("nodes_trueleafs", ways.Select(w => w.TrueLeaf).ToImmutableArray()).With("nodes_falseleafs", ways.Select(w => w.FalseLeaf).ToImmutableArray())
            .With("leaf_targetids", Enumerable.Range(0, leaves).Select(_ => (long)random.Below(targets)).ToImmutableArray())
            .With("leaf_weights", Floats([.. MachineLearningProblems.Eighths(leaves, random)], type))
            .With("aggregate_function", (long)(isFast ? random.Between(0, 1) : random.Between(0, 3))).With("post_transform", (long)random.Between(0, 3));
        if (random.Chance(0.5))
            attributes = attributes.With("nodes_missing_value_tracks_true", ways.Select(_ => (long)random.Below(2)).ToImmutableArray());
        return members.Count > 0 ? attributes.With("membership_values", Floats(members, type)) : attributes;
    }

    private static Tensor Floats(List<float> values, DType type) => type == DType.Float64
        ? Tensor.Copy<double>(values.ConvertAll(v => (double)v).ToArray(), [values.Count]) : Tensor.Copy<float>(values.ToArray(), [values.Count]);

    // Complete binary trees of different depths: node n leads to 2n+1 and 2n+2.
    private static Attributes Legacy(ProblemRequest request, string votes, int features, int targets, TestRandom random)
    {
        var (trees, nodes, ids, whenTrue, whenFalse, missing) = (new List<long>(), new List<long>(), new List<long>(), new List<long>(), new List<long>(), new List<long>());
        var (modes, values, voteTrees, voteNodes, voteIds) = (new List<string>(), new List<float>(), new List<long>(), new List<long>(), new List<long>());
        string same = s_modes[random.Below(2)];
        bool isMixed = request.RowName != "trees_float" && random.Chance(0.4), oneTarget = random.Chance(0.4);
        int target = random.Below(targets), count = random.Between(1, 5), low = random.Chance(0.5) ? 0 : -8;
        for (int t = 0; t < count; t++)
        {
            int size = (1 << random.Between(1, 4)) - 1;
            for (int n = 0; n < size; n++)
            {
                bool isLeaf = n >= size / 2;
                (int left, int right) = isLeaf ? (0, 0) : (2 * n + 1, 2 * n + 2);
                trees.Add(t);
                nodes.Add(n);
                ids.Add(isLeaf ? 0 : random.Below(features));
                whenTrue.Add(left);
                whenFalse.Add(right);
                missing.Add(random.Below(2));
                modes.Add(isLeaf ? "LEAF" : isMixed ? random.Pick(s_modes) : same);
                values.Add(isLeaf ? 0 : random.Between(-4, 4) / 2f);
                for (int v = 0; isLeaf && v < (oneTarget ? 1 : random.Between(0, targets)); v++)
                {
                    voteTrees.Add(t);
                    voteNodes.Add(n);
                    voteIds.Add(oneTarget ? target : v);
                }
            }
        }
        Attributes attributes = Attributes.Empty.With("nodes_treeids", trees.ToImmutableArray()).With("nodes_nodeids", nodes.ToImmutableArray())
            .With("nodes_featureids", ids.ToImmutableArray()).With("nodes_truenodeids", whenTrue.ToImmutableArray()).With("nodes_falsenodeids", whenFalse.ToImmutableArray())
            .With("nodes_modes", modes.ToImmutableArray()).With("nodes_values", values.ToImmutableArray()).With(votes + "_treeids", voteTrees.ToImmutableArray())
            .With(votes + "_nodeids", voteNodes.ToImmutableArray()).With(votes + "_ids", voteIds.ToImmutableArray())
            .With(votes + "_weights", MachineLearningProblems.Eighths(voteIds.Count, random, low));
        return random.Chance(0.5) ? attributes.With("nodes_missing_value_tracks_true", missing.ToImmutableArray()) : attributes;
    }
}
