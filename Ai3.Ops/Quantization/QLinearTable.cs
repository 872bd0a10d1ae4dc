using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A function of one 8-bit element: its 256 results first, then a look-up for each element.</summary>
internal static unsafe class QLinearTable
{
    private const int Codes = 256;

    private const int Grain = 16384;

    public static Algorithm<QLinearProblem> Row { get; } = new()
    {
        Name = "table",
        Source = "the real function of all 256 codes in float64",
        Needs = "a function of one element",
        Workspace = "256 reals, their results and codes",
        Supports = static (p, _) => Applicability.If(p.Inner is ElementwiseProblem && p.Quantized.Length == 1, $"{p.Op} is no function of one element"),
        WorkspaceBytes = static r => Layout(r).Bytes,
        CostHint = static r => 4000 + r.Problem.Outputs[0].Shape.Count * 0.4 / r.Target.Threads,
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => new Kernel(r),
    };

    private static (Candidate Inner, long Bytes) Layout(Request<QLinearProblem> r)
    {
        var all = new TensorType(DType.Float64, [Codes]);
        var inner = ((ElementwiseProblem)r.Problem.Inner) with { Operands = [all], Output = all, Axis = -1 };
        Candidate candidate = QLinearThroughReal.Cheapest(r.Problem.Op, inner, r.Target)!;
        return (candidate, 2 * Codes * sizeof(double) + Codes + candidate.WorkspaceBytes);
    }

    private sealed class Kernel(Request<QLinearProblem> r) : PreparedKernel
    {
        private readonly PreparedKernel _inner = Layout(r).Inner.Bind(null);
        private readonly long _count = r.Problem.Outputs[0].Shape.Count;
        private readonly long _grain = Math.Max(Grain, r.Problem.Outputs[0].Shape.Count / 1_000_000);

        public override void Run(in KernelArgs args)
        {
            QLinearProblem p = r.Problem;
            var x = (double*)args.Workspace;
            double* y = x + Codes;
            var table = (byte*)(y + Codes);
            for (int i = 0; i < Codes; i++)
                table[i] = (byte)i;
            (float scale, int zero) = QLinearCodes.Parameters(p, p.Quantized[0], args);
            QLinearCodes.ToReal(table, p.Operand(p.Quantized[0].Data).Type == DType.Int8, scale, zero, x, Codes);
            nint input = (nint)x, output = (nint)y;
            _inner.Run(new KernelArgs
            {
                Inputs = new ReadOnlySpan<nint>(ref input),
                Outputs = new ReadOnlySpan<nint>(ref output),
                Workspace = (nint)(table + Codes),
                Workers = args.Workers,
            });
            (scale, zero) = QLinearCodes.Parameters(p, p.Result, args);
            QLinearCodes.ToCodes(y, p.OutputType == DType.Int8, scale, zero, table, Codes);
            var body = new Body { Table = table, X = (byte*)args.Inputs[p.Quantized[0].Data], Y = (byte*)args.Outputs[0], Grain = _grain, Count = _count };
            args.Workers.For((int)ShapeMath.CeilDiv(_count, _grain), ref body);
        }
    }

    private struct Body : IParallelBody
    {
        public byte* Table, X, Y;
        public long Grain, Count;

        public readonly void Run(int begin, int end, int worker)
        {
            nint last = (nint)Math.Min(end * Grain, Count);
            for (nint i = (nint)(begin * Grain); i < last; i++)
                Y[i] = Table[X[i]];
        }
    }
}
