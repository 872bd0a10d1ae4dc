using System.Runtime.InteropServices;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Plugins;

/// <summary>A row of Gemm and MatMul made of an ai3_gemm_algorithm: products of row-major matrices, in a batch with one stride, computed by C.</summary>
internal sealed unsafe class GemmTable
{
    private readonly AbiGemmAlgorithm _table;

    private GemmTable(AbiGemmAlgorithm table) => _table = table;

    /// <summary>The row.</summary>
    /// <exception cref="ArgumentException">The table lacks something or contradicts itself.</exception>
    public static Algorithm<GemmProblem> RowOf(AbiGemmAlgorithm* algorithm)
    {
        PluginAbi.Check(algorithm, "ai3_gemm_algorithm");
        string name = PluginAbi.CheckTable(algorithm->Name, algorithm->Supports != null && algorithm->Run != null,
            algorithm->PackedBytes != null, algorithm->Pack != null, algorithm->ErrorKind, algorithm->Error != null);
        var table = new GemmTable(*algorithm);
        return new Algorithm<GemmProblem>
        {
            Name = name,
            Source = PluginAbi.Text(algorithm->Source) ?? "a plug-in",
            Needs = PluginAbi.Text(algorithm->Needs) ?? "",
            Workspace = algorithm->WorkspaceBytes == null ? "none" : "the plug-in's own",
            PropagatesExactly = algorithm->SpreadsNan == 0,
            Supports = table.Supports,
            WorkspaceBytes = r => table.Bytes(table._table.WorkspaceBytes, r),
            PackedBytes = r => table.Packs(r.Problem) ? table.Bytes(table._table.PackedBytes, r) : 0,
            CostHint = r => table.Number(table._table.Cost, r.Problem, r.Target, r.Problem.Flops * PluginAbi.SlowNanoseconds),
            Error = table.ErrorOf,
            // What C packs may depend on every fact of the problem.
            PackKey = r => table.Packs(r.Problem) ? $"{name} {r.Problem.Key}" : null,
            Pack = table.Pack,
            Bind = (r, packed) => new Kernel(table, Describe(r.Problem, r.Target), packed),
        };
    }

    private static AbiGemmProblem Describe(GemmProblem p, Target target)
    {
        AbiGemmProblem problem = PluginAbi.New<AbiGemmProblem>();
        (problem.Dtype, problem.Threads) = ((int)p.Type, target.Threads);
        (problem.TransA, problem.TransB) = (p.TransA ? 1 : 0, p.TransB ? 1 : 0);
        (problem.HasC, problem.ConstantB) = (p.ShapeC is null ? 0 : 1, p.IsConstant(1) ? 1 : 0);
        (problem.M, problem.N, problem.K) = (p.M, p.N, p.K);
        problem.Batch = ShapeMath.Product(p.Batch);
        problem.StrideA = ShapeMath.Product(p.BatchA) == 1 ? 0 : p.M * p.K;
        problem.StrideB = ShapeMath.Product(p.BatchB) == 1 ? 0 : p.K * p.N;
        if (p.ShapeC is { } c)
        {
            problem.StrideCRow = c.Rank == 2 && c[0] != 1 ? c[1] : 0;
            problem.StrideCColumn = c.Rank > 0 && c[^1] != 1 ? 1 : 0;
        }
        (problem.Alpha, problem.Beta) = (p.Alpha, p.Beta);
        return problem;
    }

    private Applicability Supports(GemmProblem p, Target target)
    {
        long batch = ShapeMath.Product(p.Batch);
        if (ShapeMath.Product(p.BatchA) is var a && a != 1 && a != batch || ShapeMath.Product(p.BatchB) is var b && b != 1 && b != batch)
            return Applicability.No("the batch dimensions of A and B broadcast against each other, needs one of them whole and the other whole or single");
        AbiGemmProblem problem = Describe(p, target);
        return PluginAbi.VerdictOf(_table.Supports(&problem));
    }

    private bool Packs(GemmProblem p) => _table.Pack != null && p.IsConstant(1);

    private long Bytes(delegate* unmanaged[Cdecl]<AbiGemmProblem*, long> function, Request<GemmProblem> request)
    {
        AbiGemmProblem problem = Describe(request.Problem, request.Target);
        return function == null ? 0 : function(&problem);
    }

    private double Number(delegate* unmanaged[Cdecl]<AbiGemmProblem*, double> function, GemmProblem p, Target target, double otherwise)
    {
        AbiGemmProblem problem = Describe(p, target);
        return function == null ? otherwise : function(&problem);
    }

    // A plain sum rounds each product and each addition; then alpha, beta and the addition of C.
    private ErrorBound ErrorOf(GemmProblem p, Target target)
    {
        double factor = Number(_table.Error, p, target, p.K + 3);
        return _table.ErrorKind == 1 ? ErrorBound.TileNorm(factor) : ErrorBound.PerElement(factor);
    }

    private PackedConstants Pack(Request<GemmProblem> request, IReadOnlyList<Tensor?> constants)
    {
        AbiGemmProblem problem = Describe(request.Problem, request.Target);
        PackedConstants packed = PackedConstants.Allocate(Bytes(_table.PackedBytes, request));
        _table.Pack(&problem, (void*)constants[1]!.Address, (void*)packed.Address);
        GC.KeepAlive(constants);
        return packed;
    }

    private sealed class Kernel(GemmTable table, AbiGemmProblem problem, PackedConstants? packed) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            AbiGemmProblem copy = problem;
            AbiGemmArgs native = PluginAbi.New<AbiGemmArgs>();
            native.A = (void*)args.Inputs[0];
            native.B = (void*)args.Inputs[1];
            native.C = (void*)args.Inputs[2];
            native.Y = (void*)args.Outputs[0];
            native.Workspace = (void*)args.Workspace;
            native.Packed = packed is null ? null : (void*)packed.Address;
            native.ParallelFor = &NativeLoop.For;
            GCHandle workers = GCHandle.Alloc(args.Workers);
            native.Workers = GCHandle.ToIntPtr(workers);
            table._table.Run(&copy, &native);
            workers.Free();
            GC.KeepAlive(packed);
        }
    }
}
