using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ONNX DynamicQuantizeLinear, opset 11: y, its scale and its zero point.</summary>
internal sealed class DynamicQuantizeOp() : OpDefinition<DynamicQuantizeProblem>(s_rows)
{
    private static readonly ImmutableArray<Algorithm<DynamicQuantizeProblem>> s_rows =
    [
        new()
        {
            Name = "simd",
            Source = "the definition: a pass for the range, a pass to quantise",
            Workspace = "two floats for each part of x",
            Supports = static (_, _) => Applicability.Yes,
            WorkspaceBytes = static r => DynamicQuantize.WorkspaceBytes(r.Problem.Shape.Count),
            CostHint = static r => 300 + r.Problem.Shape.Count * 0.2 / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r.Problem.Shape.Count)),
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time",
            IsReference = true,
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 10.0 * r.Problem.Shape.Count + 1e6,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Reference(r.Problem.Shape.Count),
        },
    ];

    public static DynamicQuantizeOp Definition { get; } = new() { Name = "DynamicQuantizeLinear", Since = 11, MinInputs = 1, MaxInputs = 1, MaxOutputs = 3 };

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        if (x.Type is not (DType.Undefined or DType.Float32))
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be f32");
        ImmutableArray<ValueFact> all =
            [new TensorFact(DType.UInt8, x.Shape), new TensorFact(DType.Float32, Shape.Scalar), new TensorFact(DType.UInt8, Shape.Scalar)];
        return [.. all.Take(Math.Max(1, node.OutputCount))];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node) => new DynamicQuantizeProblem(node.Tensor(0).KnownShape) { ConstantInputs = node.ConstantInputs };

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) => DynamicQuantizeProblem.Parse(key);

    private readonly struct Binder(long count) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(count);
    }

    private sealed unsafe class Kernel<S, V>(long count) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        public override void Run(in KernelArgs args)
        {
            (float scale, byte zero) = DynamicQuantize.Run<S, V>((float*)args.Inputs[0], (byte*)args.Outputs[0], count, (float*)args.Workspace, args.Workers);
            if (args.Outputs.Length > 1 && args.Outputs[1] != 0)
                *(float*)args.Outputs[1] = scale;
            if (args.Outputs.Length > 2 && args.Outputs[2] != 0)
                *(byte*)args.Outputs[2] = zero;
        }
    }

    private sealed unsafe class Reference(long count) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            var x = (float*)args.Inputs[0];
            var y = (byte*)args.Outputs[0];
            float low = 0, high = 0;
            for (long i = 0; i < count; i++)
            {
                if (x[i] < low)
                    low = x[i];
                if (x[i] > high)
                    high = x[i];
            }
            float scale = (low == high ? 1 : high - low) / 255;
            double offset = 0f - low / scale;
            double zero = double.IsNaN(offset) ? 0 : Math.Round(Math.Clamp(offset, 0, 255), MidpointRounding.ToEven);
            for (long i = 0; i < count; i++)
            {
                double q = x[i] / scale;
                y[i] = double.IsNaN(q) ? (byte)0 : (byte)Math.Clamp(Math.Round(q, MidpointRounding.ToEven) + zero, 0, 255);
            }
            if (args.Outputs.Length > 1 && args.Outputs[1] != 0)
                *(float*)args.Outputs[1] = scale;
            if (args.Outputs.Length > 2 && args.Outputs[2] != 0)
                *(byte*)args.Outputs[2] = (byte)zero;
        }
    }
}
