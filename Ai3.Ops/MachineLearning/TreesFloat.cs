using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Sums of trees over f32 features: nodes of 16 bytes in one array, branches chosen without a jump, a block of rows for each tree so that the
/// tree stays in the cache. Sums are f32 by order of the trees. Workspace for each worker: scores and marks of a block, then doubles of a row.
/// </summary>
internal static unsafe class TreesFloat
{
    private const int Block = 32;

    // Bits of a node's feature that say how it compares.
    private const int MissingBit = 1 << 30;

    public static Algorithm<PredictorProblem> Row { get; } = new()
    {
        Name = "trees_float",
        Source = "flattened nodes, trees over blocks of rows",
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

    // Children are complemented leaves where negative; the false one comes first, so that a comparison is its offset.
    private struct TreeNode
    {
        public float Value;
        public int Feature;
        public int False;
        public int True;
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
        private readonly bool _isStrict;

        public Kernel(PredictorProblem problem)
        {
            _problem = problem;
            TreeForest forest = ((TreeModel)problem.Model).Forest;
            _nodes = new TreeNode[forest.Modes.Length];
            for (int i = 0; i < _nodes.Length; i++)
                _nodes[i] = new TreeNode
                {
                    Value = (float)forest.Values[i],
                    Feature = forest.Features[i] | (forest.MissingIsTrue[i] ? MissingBit : 0),
                    False = forest.False[i],
                    True = forest.True[i],
                };
            _weights = Array.ConvertAll(forest.Weights, w => (float)w);
            _isStrict = _nodes.Length > 0 && forest.Modes[0] == TreeMode.Lt;
        }

        public override void Run(in KernelArgs args)
        {
            var model = (TreeModel)_problem.Model;
            fixed (TreeNode* nodes = _nodes)
            fixed (float* weights = _weights)
            fixed (int* first = model.Forest.FirstVote, targets = model.Forest.Targets)
            {
                var rows = new Rows
                {
                    Model = model,
                    Nodes = nodes,
                    Weights = weights,
                    First = first,
                    Targets = targets,
                    IsStrict = _isStrict,
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
        public int* First, Targets;
        public bool IsStrict;
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
            int columns = Model.Columns;
            foreach (int root in Model.Forest.Roots)
            {
                for (int i = 0; i < count; i++)
                {
                    int leaf = Walk<TCompare>(root, X + (first + i) * Features);
                    float* row = sums + (long)2 * i * columns;
                    for (int v = First[leaf]; v < First[leaf + 1]; v++)
                    {
                        row[Targets[v]] += Weights[v];
                        row[columns + Targets[v]] = 1;
                    }
                }
            }
        }

        private readonly int Walk<TCompare>(int root, float* x) where TCompare : struct, IComparison
        {
            int at = root;
            while (at >= 0)
            {
                TreeNode* node = Nodes + at;
                float value = x[node->Feature & ~MissingBit];
                bool holds = TCompare.Holds(value, node->Value) | (float.IsNaN(value) & node->Feature >= MissingBit);
                at = (&node->False)[Unsafe.BitCast<bool, byte>(holds)];
            }
            return ~at;
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
