using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Each row by the model in double, rows in parallel. Workspace: features, scores and the model's scratch for each worker, in doubles.</summary>
internal static unsafe class PredictorRows
{
    public static Algorithm<PredictorProblem> Row { get; } = new()
    {
        Name = "rows",
        Source = "one row at a time in double; trees add in the precision of the features",
        Workspace = "features and scores of a row for each thread",
        Supports = static (_, _) => Applicability.Yes,
        WorkspaceBytes = static r => ShapeMath.Multiply(r.Target.Threads, ShapeMath.Multiply(Doubles(r.Problem.Model, r.Problem.Features), sizeof(double))),
        CostHint = static r => 100 + r.Problem.Rows * (50 + 4.0 * (r.Problem.Features + r.Problem.Model.Columns + r.Problem.Model.Chain)),
        Error = static (p, _) => ErrorBound.PerElement(p.Model.Chain + 4),
        Bind = static (r, _) => new Kernel(r.Problem),
    };

    /// <summary>All rows on the caller's thread, for labels that are not integers: returns the labels' places.</summary>
    public static int[] Run(Predictor model, Tensor x, Tensor scores)
    {
        long features = x.Shape[^1];
        var places = new int[scores.Shape[0]];
        var memory = new double[Doubles(model, features)];
        fixed (double* scratch = memory)
        {
            var rows = new Rows
            {
                Model = model,
                X = (void*)x.Address,
                Type = x.Type,
                Features = (int)features,
                Scores = (void*)scores.Address,
                ScoreType = scores.Type,
                Workspace = scratch,
            };
            for (int i = 0; i < places.Length; i++)
                places[i] = rows.Row(i, 0);
        }
        GC.KeepAlive(x);
        GC.KeepAlive(scores);
        return places;
    }

    private static long Doubles(Predictor model, long features) => ShapeMath.Add(features, ShapeMath.Add(model.Columns, model.Scratch));

    private sealed class Kernel(PredictorProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            var rows = new Rows
            {
                Model = p.Model,
                X = (void*)args.Inputs[0],
                Type = p.Input.Type,
                Features = (int)p.Features,
                Labels = p.Results.Length > 1 ? (long*)args.Outputs[0] : null,
                Scores = (void*)args.Outputs[^1],
                ScoreType = p.Scores.Type,
                Workspace = (double*)args.Workspace,
            };
            args.Workers.For(checked((int)p.Rows), ref rows);
        }
    }

    private struct Rows : IParallelBody
    {
        public Predictor Model;
        public void* X, Scores;
        public DType Type, ScoreType;
        public int Features;
        public long* Labels;
        public double* Workspace;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int row = begin; row < end; row++)
            {
                int place = Row(row, worker);
                if (Labels != null)
                    Labels[row] = Model.Labels!.Integers[place];
            }
        }

        public readonly int Row(int row, int worker)
        {
            double* scratch = Workspace + worker * Doubles(Model, Features);
            var x = new Span<double>(scratch, Features);
            var scores = new Span<double>(scratch + Features, Model.Columns);
            for (int i = 0; i < x.Length; i++)
                x[i] = ElementAccess.Read(X, Type, (long)row * Features + i);
            int place = Model.Predict(x, Type == DType.Float64, scores, new Span<double>(scratch + Features + Model.Columns, Model.Scratch));
            for (int i = 0; i < scores.Length; i++)
                ElementAccess.Write(Scores, ScoreType, (long)row * Model.Columns + i, scores[i]);
            return place;
        }
    }
}
