using System.Numerics.Tensors;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;
using Ai3.Testing;
using Tensor = Ai3.Tensors.Tensor;

// A convolution of one's own: proven, selected by name in a network, and compared with the reference.
OpCatalog catalog = OpCatalog.Default.With("Conv", RowSums.Row);
ProofReport proof = AlgorithmCheck.Run(catalog, "Conv", "row_sums");
proof.ThrowIfFailed();
Console.WriteLine($"row_sums holds on {proof.Passed} generated problems");

var g = new GraphBuilder("two layers");
Operand Weights(Shape shape) => g.Constant<float>([.. Enumerable.Range(0, (int)shape.Count).Select(i => MathF.Sin(i))], shape);
Operand hidden = g.Relu(g.Conv2D(g.Input<float>("x", [1, 3, 32, 32]), Weights([8, 3, 3, 3]), pads: [1, 0, 1, 0]));
using Model model = g.Output("y", g.Conv2D(hidden, Weights([4, 8, 5, 5]), strides: [2])).Build();
using Tensor x = Tensor.From(Enumerable.Range(0, 3 * 32 * 32).Select(i => MathF.Cos(i)).ToArray(), [1, 3, 32, 32]);
using Session own = model.Swap("Conv", "row_sums,auto").Compile(new() { Catalog = catalog });
using Session reference = model.Swap("Conv", "reference").Compile();
foreach (NodeReport node in own.Plan!.Report.Nodes)
    Console.WriteLine($"{node.Node}: {node.Winner.Algorithm} ({node.Why})");
using Outputs ours = own.Run(("x", x)), theirs = reference.Run(("x", x));
Console.WriteLine($"largest difference to the reference: {TensorPrimitives.Distance(ours[0].AsSpan<float>(), theirs[0].AsSpan<float>()):0.0e0}");

/// <summary>y[m, i, :] = bias[m] + sum over c, a, b of w[m, c, a, b] * x[c, i + a, b..]: whole rows at once. Stride 1 along a row, no padding there.</summary>
internal static unsafe class RowSums
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "row_sums",
        Source = "this sample",
        Supports = static (p, _) => Applicability.If(p.Type == DType.Float32 && p.SpatialRank == 2, "needs a 2-D convolution of f32")
            .And(Applicability.If(p.W.Stride == 1 && p.W.IsUnpadded, $"stride {p.W.Stride}, pads {p.W.PadBegin} and {p.W.PadEnd} along a row; needs 1, 0 and 0")),
        CostHint = static r => r.Problem.Flops / 10,
        Error = static (p, _) => ErrorBound.PerElement(p.Depth + 1),
        Bind = static (r, _) => new Kernel(r.Problem),
    };

    private sealed class Kernel(ConvProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            float* x = (float*)args.Inputs[0], w = (float*)args.Inputs[1], bias = (float*)args.Inputs[2], y = (float*)args.Outputs[0];
            for (long row = 0; row < p.N * p.OutChannels * p.H.Out; row++, y += p.W.Out)
            {
                long i = row % p.H.Out, m = row / p.H.Out % p.OutChannels, n = row / p.H.Out / p.OutChannels, c0 = m / p.GroupOutChannels * p.GroupInChannels;
                var sums = new Span<float>(y, (int)p.W.Out);
                sums.Fill(bias == null ? 0 : bias[m]);
                for (long c = 0; c < p.GroupInChannels; c++)
                    for (long a = 0; a < p.H.Kernel; a++)
                        if (i * p.H.Stride + a * p.H.Dilation - p.H.PadBegin is >= 0 and var h && h < p.H.In)
                            for (long b = 0; b < p.W.Kernel; b++)
                                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(x + ((n * p.InChannels + c0 + c) * p.H.In + h) * p.W.In + b * p.W.Dilation, sums.Length),
                                    w[((m * p.GroupInChannels + c) * p.H.Kernel + a) * p.W.Kernel + b], sums, sums);
            }
        }
    }
}
