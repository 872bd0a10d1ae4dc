using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Sums of trees over f32 features: nodes of 16 bytes in one array, branches chosen without a jump, eight trees walked in step so that their
/// loads overlap, a block of rows for each eight so that they stay in the cache. Sums are f32 by order of the trees. Workspace for each worker: scores and marks of a block, then doubles of a row.
/// </summary>
internal static unsafe class TreesFloat
{
    private const int Block = 32;

    // Bits of a node's feature that say how it compares.
    private const int MissingBit = 1 << 30;

    public static Algorithm<PredictorProblem> Row { get; } = new()
    {
        Name = "trees_float",
        Source = "flattened nodes, eight trees in step over blocks of rows",
        Needs = "f32 features, values and weights; votes that are summed; one comparison for all nodes, <= or <",
        Workspace = "scores of a block of rows for each thread",
        Supports = Supports,
        WorkspaceBytes = static r => ShapeMath.Multiply(r.Target.Threads, BytesOfWorker(r.Problem.Model.Columns)),
        CostHint = static r => 50 + r.Problem.Rows * (20 + 3.0 * r.Problem.Model.Chain),
        Error = static (p, _) => ErrorBound.PerElement(p.Model.Chain + 4),
        Bind = static (r, _) => new Kernel(r.Problem),
    };

    private static Applicability Supports(PredictorProblem p, Target target)
    {
        if (p.Model is not TreeModel model)
            return Applicability.No("the model is no trees");
        TreeForest forest = model.Forest;
        return Applicability.If(p.Input.Type == DType.Float32, $"features are {p.Input.Type.ShortName()}, needs f32")
            .And(Applicability.If(!forest.IsDouble, "values or weights are f64, needs f32"))
            .And(Applicability.If(model.Aggregate is TreeAggregate.Sum or TreeAggregate.Average, $"votes are put together by {model.Aggregate}, needs a sum"))
            .And(Applicability.If(Array.TrueForAll(forest.Modes, m => m == forest.Modes[0] && m is TreeMode.Leq or TreeMode.Lt), "nodes compare in other ways than all <= or all <"))
            .And(Applicability.If(forest.FeatureCount < MissingBit, $"{forest.FeatureCount} features, needs fewer than 2^30"));
    }

    private static long BytesOfWorker(long columns) => ShapeMath.Add(ShapeMath.Multiply(columns, Block * 2 * sizeof(float)), ShapeMath.Multiply(columns, 2 * sizeof(double)));

    // The false child is at Next, the true one after it, so that a comparison is an offset. A leaf compares with NaN and leads to
    // itself, so that a walk may go on beyond it; Leaf is its number, -1 for a branch.
    private struct TreeNode
    {
        public float Value;
        public int Feature;
        public int Next;
        public int Leaf;
    }

    private interface IComparison
    {
        static abstract bool Holds(float x, float v);
    }

    private readonly struct AtMost : IComparison
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(float x, float v) => x <= v;
    }

    private readonly struct Below : IComparison
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(float x, float v) => x < v;
    }

    private sealed class Kernel : PreparedKernel
    {
        private readonly PredictorProblem _problem;
        private readonly TreeNode[] _nodes;
        private readonly float[] _weights;
        private readonly int[] _roots;
        private readonly bool _isStrict, _hasOneVote;

        public Kernel(PredictorProblem problem)
        {
            _problem = problem;
            TreeForest forest = ((TreeModel)problem.Model).Forest;
            (_nodes, _roots) = Flatten(forest);
            _weights = Array.ConvertAll(forest.Weights, w => (float)w);
            _isStrict = forest.Modes.Length > 0 && forest.Modes[0] == TreeMode.Lt;
            _hasOneVote = problem.Model.Columns == 1;
            for (int leaf = 0; leaf < forest.FirstVote.Length && _hasOneVote; leaf++)
                _hasOneVote = forest.FirstVote[leaf] == leaf;
        }

        // Breadth first, tree after tree.
        private static (TreeNode[] Nodes, int[] Roots) Flatten(TreeForest forest)
        {
            var nodes = new List<TreeNode>();
            var roots = new int[forest.Roots.Length];
            var open = new Queue<(int From, int To)>();
            for (int t = 0; t < roots.Length; t++)
            {
                roots[t] = nodes.Count;
                nodes.Add(default);
                open.Enqueue((forest.Roots[t], roots[t]));
                while (open.TryDequeue(out (int From, int To) place))
                {
                    (int from, int to) = place;
                    if (from < 0)
                    {
                        nodes[to] = new TreeNode { Value = float.NaN, Next = to, Leaf = ~from };
                        continue;
                    }
                    int next = nodes.Count;
                    nodes.Add(default);
                    nodes.Add(default);
                    nodes[to] = new TreeNode
                    {
                        Value = (float)forest.Values[from],
                        Feature = forest.Features[from] | (forest.MissingIsTrue[from] ? MissingBit : 0),
                        Next = next,
                        Leaf = -1,
                    };
                    open.Enqueue((forest.False[from], next));
                    open.Enqueue((forest.True[from], next + 1));
                }
            }
            return ([.. nodes], roots);
        }

        public override void Run(in KernelArgs args)
        {
            var model = (TreeModel)_problem.Model;
            fixed (TreeNode* nodes = _nodes)
            fixed (float* weights = _weights)
            fixed (int* roots = _roots, first = model.Forest.FirstVote, targets = model.Forest.Targets)
            {
                var rows = new Rows
                {
                    Model = model,
                    Nodes = nodes,
                    Roots = roots,
                    RootCount = _roots.Length,
                    Weights = weights,
                    First = first,
                    Targets = targets,
                    IsStrict = _isStrict,
                    HasOneVote = _hasOneVote,
                    X = (float*)args.Inputs[0],
                    RowCount = _problem.Rows,
                    Features = _problem.Features,
                    Labels = _problem.Results.Length > 1 ? (long*)args.Outputs[0] : null,
                    Scores = (float*)args.Outputs[^1],
                    Workspace = (byte*)args.Workspace,
                };
                args.Workers.For(checked((int)ShapeMath.CeilDiv(_problem.Rows, Block)), ref rows);
            }
        }
    }

    private struct Rows : IParallelBody
    {
        public TreeModel Model;
        public TreeNode* Nodes;
        public float* Weights, X, Scores;
        public int* Roots, First, Targets;
        public int RootCount;
        public bool IsStrict, HasOneVote;
        public long RowCount, Features;
        public long* Labels;
        public byte* Workspace;

        public readonly void Run(int begin, int end, int worker)
        {
            int columns = Model.Columns;
            byte* mine = Workspace + worker * BytesOfWorker(columns);
            var row = (double*)mine;
            var sums = (float*)(row + 2 * columns);
            for (int block = begin; block < end; block++)
            {
                long first = (long)block * Block;
                int count = (int)Math.Min(Block, RowCount - first);
                new Span<float>(sums, 2 * count * columns).Clear();
                if (IsStrict)
                    Sum<Below>(first, count, sums);
                else
                    Sum<AtMost>(first, count, sums);
                for (int i = 0; i < count; i++)
                    Finish(first + i, sums + (long)2 * i * columns, row);
            }
        }

        // sums: for each row, its scores, then for each target whether it has one.
        private readonly void Sum<TCompare>(long first, int count, float* sums) where TCompare : struct, IComparison
        {
            int tree = 0;
            for (; tree + 8 <= RootCount; tree += 8)
                for (int i = 0; i < count; i++)
                    Walk8<TCompare>(Roots + tree, X + (first + i) * Features, sums + (long)2 * i * Model.Columns);
            for (; tree < RootCount; tree++)
                for (int i = 0; i < count; i++)
                    Walk<TCompare>(Roots[tree], X + (first + i) * Features, sums + (long)2 * i * Model.Columns);
        }

        private readonly void Walk8<TCompare>(int* roots, float* x, float* row) where TCompare : struct, IComparison
        {
            TreeNode* n = Nodes;
            int a = roots[0], b = roots[1], c = roots[2], d = roots[3], e = roots[4], f = roots[5], g = roots[6], h = roots[7];
            while ((n[a].Leaf | n[b].Leaf | n[c].Leaf | n[d].Leaf | n[e].Leaf | n[f].Leaf | n[g].Leaf | n[h].Leaf) < 0)
            {
                a = Step<TCompare>(n + a, x);
                b = Step<TCompare>(n + b, x);
                c = Step<TCompare>(n + c, x);
                d = Step<TCompare>(n + d, x);
                e = Step<TCompare>(n + e, x);
                f = Step<TCompare>(n + f, x);
                g = Step<TCompare>(n + g, x);
                h = Step<TCompare>(n + h, x);
            }
            if (HasOneVote)
            {
                float sum = row[0] + Weights[n[a].Leaf] + Weights[n[b].Leaf] + Weights[n[c].Leaf] + Weights[n[d].Leaf];
                row[0] = sum + Weights[n[e].Leaf] + Weights[n[f].Leaf] + Weights[n[g].Leaf] + Weights[n[h].Leaf];
                row[1] = 1;
                return;
            }
            Vote(n[a].Leaf, row);
            Vote(n[b].Leaf, row);
            Vote(n[c].Leaf, row);
            Vote(n[d].Leaf, row);
            Vote(n[e].Leaf, row);
            Vote(n[f].Leaf, row);
            Vote(n[g].Leaf, row);
            Vote(n[h].Leaf, row);
        }

        private readonly void Walk<TCompare>(int root, float* x, float* row) where TCompare : struct, IComparison
        {
            int at = root;
            while (Nodes[at].Leaf < 0)
                at = Step<TCompare>(Nodes + at, x);
            Vote(Nodes[at].Leaf, row);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static int Step<TCompare>(TreeNode* node, float* x) where TCompare : struct, IComparison
        {
            float value = x[node->Feature & ~MissingBit];
            bool holds = TCompare.Holds(value, node->Value) | (float.IsNaN(value) & node->Feature >= MissingBit);
            return node->Next + Unsafe.BitCast<bool, byte>(holds);
        }

        private readonly void Vote(int leaf, float* row)
        {
            int columns = Model.Columns;
            for (int v = First[leaf]; v < First[leaf + 1]; v++)
            {
                row[Targets[v]] += Weights[v];
                row[columns + Targets[v]] = 1;
            }
        }

        private readonly void Finish(long index, float* sums, double* memory)
        {
            int columns = Model.Columns;
            var scores = new Span<double>(memory, columns);
            var voted = new Span<double>(memory + columns, columns);
            for (int t = 0; t < columns; t++)
                (scores[t], voted[t]) = (sums[t], sums[columns + t]);
            int place = Model.Finish(scores, voted, isDouble: false);
            if (Labels != null)
                Labels[index] = Model.Labels!.Integers[place];
            for (int t = 0; t < columns; t++)
                Scores[index * columns + t] = (float)scores[t];
        }
    }
}
