using System.Runtime.InteropServices;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Plugins;

/// <summary>A row of Conv made of an ai3_conv2d_algorithm: a 2-D convolution of any element type in row-major layout, computed by C.</summary>
internal sealed unsafe class Conv2dTable
{
    private readonly AbiConv2dAlgorithm _table;

    private Conv2dTable(AbiConv2dAlgorithm table) => _table = table;

    /// <summary>The row.</summary>
    /// <exception cref="ArgumentException">The table lacks something or contradicts itself.</exception>
    public static Algorithm<ConvProblem> RowOf(AbiConv2dAlgorithm* algorithm)
    {
        PluginAbi.Check(algorithm, "ai3_conv2d_algorithm");
        string name = PluginAbi.CheckTable(algorithm->Name, algorithm->Supports != null && algorithm->Run != null,
            algorithm->PackedBytes != null, algorithm->Pack != null, algorithm->ErrorKind, algorithm->Error != null);
        var table = new Conv2dTable(*algorithm);
        return new Algorithm<ConvProblem>
        {
            Name = name,
            Source = PluginAbi.Text(algorithm->Source) ?? "a plug-in",
            Needs = PluginAbi.Text(algorithm->Needs) ?? "2-D",
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

    private static AbiConv2dProblem Describe(ConvProblem p, Target target)
    {
        AbiConv2dProblem problem = PluginAbi.New<AbiConv2dProblem>();
        (problem.Dtype, problem.Threads) = ((int)p.Type, target.Threads);
        (problem.HasBias, problem.ConstantWeights) = (p.HasBias ? 1 : 0, p.HasConstantWeights ? 1 : 0);
        (problem.Batch, problem.Group, problem.InChannels, problem.OutChannels) = (p.N, p.Group, p.InChannels, p.OutChannels);
        (problem.InHeight, problem.InWidth, problem.OutHeight, problem.OutWidth) = (p.H.In, p.W.In, p.H.Out, p.W.Out);
        (problem.KernelHeight, problem.KernelWidth) = (p.H.Kernel, p.W.Kernel);
        (problem.StrideHeight, problem.StrideWidth) = (p.H.Stride, p.W.Stride);
        (problem.DilationHeight, problem.DilationWidth) = (p.H.Dilation, p.W.Dilation);
        (problem.PadTop, problem.PadLeft, problem.PadBottom, problem.PadRight) = (p.H.PadBegin, p.W.PadBegin, p.H.PadEnd, p.W.PadEnd);
        return problem;
    }

    private Applicability Supports(ConvProblem p, Target target)
    {
        if (p.SpatialRank != 2)
            return Applicability.No($"{p.SpatialRank} spatial axes, needs 2");
        AbiConv2dProblem problem = Describe(p, target);
        return PluginAbi.VerdictOf(_table.Supports(&problem));
    }

    private bool Packs(ConvProblem p) => _table.Pack != null && p.HasConstantWeights;

    private long Bytes(delegate* unmanaged[Cdecl]<AbiConv2dProblem*, long> function, Request<ConvProblem> request)
    {
        AbiConv2dProblem problem = Describe(request.Problem, request.Target);
        return function == null ? 0 : function(&problem);
    }

    private double Number(delegate* unmanaged[Cdecl]<AbiConv2dProblem*, double> function, ConvProblem p, Target target, double otherwise)
    {
        AbiConv2dProblem problem = Describe(p, target);
        return function == null ? otherwise : function(&problem);
    }

    // A plain sum rounds each product and each addition, the bias first.
    private ErrorBound ErrorOf(ConvProblem p, Target target)
    {
        double factor = Number(_table.Error, p, target, p.Depth + 1);
        return _table.ErrorKind == 1 ? ErrorBound.TileNorm(factor) : ErrorBound.PerElement(factor);
    }

    private PackedConstants Pack(Request<ConvProblem> request, IReadOnlyList<Tensor?> constants)
    {
        AbiConv2dProblem problem = Describe(request.Problem, request.Target);
        PackedConstants packed = PackedConstants.Allocate(Bytes(_table.PackedBytes, request));
        _table.Pack(&problem, (void*)constants[1]!.Address, (void*)packed.Address);
        GC.KeepAlive(constants);
        return packed;
    }

    private sealed class Kernel(Conv2dTable table, AbiConv2dProblem problem, PackedConstants? packed) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            AbiConv2dProblem copy = problem;
            AbiConv2dArgs native = PluginAbi.New<AbiConv2dArgs>();
            native.X = (void*)args.Inputs[0];
            native.W = (void*)args.Inputs[1];
            native.Bias = (void*)args.Inputs[2];
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
