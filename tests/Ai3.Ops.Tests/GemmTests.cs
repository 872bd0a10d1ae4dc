using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>Gemm and MatMul: inference, keys, and every row at every instruction set on values written out.</summary>
public sealed class GemmTests
{
    private static readonly float[] s_a = [1, 2, 3, 4, 5, 6];
    private static readonly float[] s_b = [1, 0, -1, 2, 3, 1];

    [Fact]
    public void Product() => Check(Problem([2, 3], [3, 2]), [s_a, s_b], [8, 7, 17, 16]);

    [Fact]
    public void TransposedOperands()
    {
        Check(Problem([3, 2], [3, 2]) with { TransA = true }, [s_a, s_b], [1 - 3 + 15, 6 + 5, 2 - 4 + 18, 8 + 6]);
        Check(Problem([2, 3], [2, 3]) with { TransB = true }, [s_a, s_b], [-2, 2 + 6 + 3, 4 - 6, 8 + 15 + 6]);
    }

    [Fact]
    public void ScaledWithBias()
    {
        GemmProblem p = Problem([2, 3], [3, 2]) with { Alpha = 2, Beta = 3 };
        Check(p with { ShapeC = [2] }, [s_a, s_b, [1, 2]], [16 + 3, 14 + 6, 34 + 3, 32 + 6]);
        Check(p with { ShapeC = [2, 1] }, [s_a, s_b, [1, 2]], [16 + 3, 14 + 3, 34 + 6, 32 + 6]);
        Check(p with { ShapeC = [2, 2] }, [s_a, s_b, [1, 2, 3, 4]], [16 + 3, 14 + 6, 34 + 9, 32 + 12]);
        Check(p with { ShapeC = [] }, [s_a, s_b, [1]], [19, 17, 37, 35]);
        Check(p with { ShapeC = [1, 1] }, [s_a, s_b, [1]], [19, 17, 37, 35]);
    }

    [Fact]
    public void VectorsLoseTheirDimension()
    {
        GemmProblem dot = Problem([3], [3]);
        Assert.Equal(Shape.Scalar, dot.ShapeY);
        Check(dot, [[1, 2, 3], [4, 5, 6]], [32]);
        Assert.Equal([2], Problem([3], [3, 2]).ShapeY);
        Check(Problem([3], [3, 2]), [[1, 2, 3], s_b], [8, 7]);
        Assert.Equal([2], Problem([2, 3], [3]).ShapeY);
        Check(Problem([2, 3], [3]), [s_a, [1, 0, -1]], [-2, -2]);
    }

    [Fact]
    public void BatchesBroadcast()
    {
        GemmProblem p = Problem([2, 1, 1, 2], [3, 2, 1]);
        Assert.Equal([2, 3, 1, 1], p.ShapeY);
        Check(p, [[1, 2, 3, 4], [1, 1, 2, 0, 0, 2]], [3, 2, 4, 7, 6, 8]);
        Check(Problem([2, 1, 2], [2, 2]), [[1, 2, 3, 4], [1, 2, 3, 4]], [7, 10, 15, 22]);
    }

    [Fact]
    public void ResidualAndClamp()
    {
        GemmProblem p = Problem([2, 3], [3, 2]) with { Fusion = new Fusion { Residual = true, Activation = new Activation(ActivationKind.Clip, 0, 10) } };
        Check(p, [s_a, s_b, null, [-9, 1, -10, 1]], [0, 8, 7, 10]);
    }

    [Fact]
    public void LargeProductOfUnevenSizeWithTheIdentity()
    {
        const int m = 130, n = 129, k = 131;
        float[] a = [.. Enumerable.Range(0, m * k).Select(i => i * 7 % 9 - 4)], b = new float[k * n];
        for (int i = 0; i < n; i++)
            b[i * n + i] = 2;
        Check(Problem([m, k], [k, n]), [a, b], [.. Enumerable.Range(0, m * n).Select(i => 2 * a[i / n * k + i % n])]);
    }

    [Fact]
    public void EmptySums() => Check(Problem([2, 0], [0, 2]) with { ShapeC = [2] }, [[], [], [5, 6]], [5, 6, 5, 6]);

    [Fact]
    public void IntegersWrap()
    {
        GemmProblem p = Problem([1, 2], [2, 1]) with { Type = DType.Int32 };
        Algorithm<GemmProblem> row = GemmAlgorithms.All.Single(r => r.Name == "direct");
        Assert.Equal(unchecked(int.MaxValue * 2 + 3), RunExact(row, p, [int.MaxValue, 1], [2, 3]));
        Assert.NotNull(GemmAlgorithms.All[^1].Supports(p, TestTarget(IsaLevel.Scalar)).Reason);
    }

    [Theory]
    [InlineData("gemm/f32 m197 n768 k768")]
    [InlineData("gemm/f32 m1 n1000 k2048 tb c[1000] relu dyn")]
    [InlineData("gemm/f64 m4 n5 k6 a[2,1] b[3] ta alpha0.5")]
    [InlineData("gemm/i64 m1 n1 k3 va vb c[] beta2 add clip(-1,6.5) dyn")]
    public void KeysParseBack(string key) => Assert.Equal(key, GemmProblem.Parse(key)!.Key);

    [Theory]
    [InlineData("conv/f32 m1 n1 k1")]
    [InlineData("gemm/f32 m1 n1")]
    [InlineData("gemm/f32 m1 n1 k1 what")]
    public void OtherKeysAreRefused(string key) => Assert.Null(GemmProblem.Parse(key));

    [Fact]
    public void GemmInfersSymbolicShapes()
    {
        NodeFacts node = Node(13, Attributes.Empty.With("transB", 1L), F32(Dim.Symbol("batch"), 8), F32(10, 8), F32(10));
        Assert.Equal("f32[batch,10]", GemmOp.Instance.Infer(node).Single().ToString());
    }

    [Fact]
    public void MatMulInfersSymbolicShapes()
    {
        Assert.Equal("f32[batch,12,seq,64]", MatMulOp.Instance.Infer(Node(13, Attributes.Empty,
            F32(Dim.Symbol("batch"), 12, Dim.Symbol("seq"), 32), F32(1, 12, 32, 64))).Single().ToString());
        Assert.Equal("f32[5]", MatMulOp.Instance.Infer(Node(13, Attributes.Empty, F32(7), F32(7, 5))).Single().ToString());
    }

    [Theory]
    [InlineData("A has 8 columns, must be 9 like the rows of B", 8, 9, 10, 10)]
    [InlineData("C has shape [7], must broadcast to [2,10]", 8, 8, 10, 7)]
    public void GemmRefusesShapes(string message, int columns, int rows, int n, int c) =>
        Assert.Equal(message, Assert.Throws<OpException>(() => GemmOp.Instance.Infer(Node(13, Attributes.Empty, F32(2, columns), F32(rows, n), F32(c)))).Message);

    [Fact]
    public void OldGemmNeedsBroadcastAndC()
    {
        Assert.Throws<OpException>(() => GemmOp.Instance.Infer(Node(6, Attributes.Empty, F32(2, 8), F32(8, 3), F32(3))));
        Assert.Single(GemmOp.Instance.Infer(Node(6, Attributes.Empty.With("broadcast", 1L), F32(2, 8), F32(8, 3), F32(3))));
        Assert.Throws<OpException>(() => GemmOp.Instance.Infer(Node(9, Attributes.Empty, F32(2, 8), F32(8, 3))));
        Assert.Single(GemmOp.Instance.Infer(Node(11, Attributes.Empty, F32(2, 8), F32(8, 3))));
    }

    [Fact]
    public void MatMulRefusesBatchesThatDiffer() =>
        Assert.Throws<OpException>(() => MatMulOp.Instance.Infer(Node(13, Attributes.Empty, F32(2, 4, 5), F32(3, 5, 6))));

    private static GemmProblem Problem(Shape a, Shape b) => new() { Type = DType.Float32, ShapeA = a, ShapeB = b };

    private static TensorFact F32(params Dim[] dims) => new(DType.Float32, SymbolicShape.Create(dims));

    private static NodeFacts Node(int opset, Attributes attributes, params ValueFact?[] inputs) => new(attributes, opset, [.. inputs], 1, () => Dim.Symbol("fresh"));

    private static Target TestTarget(IsaLevel isa) => new(isa, 2, CacheSizes.Typical);

    private static void Check(GemmProblem problem, float[]?[] inputs, float[] expected)
    {
        using var workers = new WorkerPool(2);
        foreach (IsaLevel isa in Isa.Supported)
            foreach (uint constants in new[] { 0u, 2u })
                foreach (Candidate candidate in GemmOp.Instance.Candidates(problem with { ConstantInputs = constants }, TestTarget(isa)).Accepted)
                    Assert.True(Run(candidate, inputs, expected.Length, workers).SequenceEqual(expected), $"{candidate.Algorithm.Name} at {isa}: {problem}");
    }

    private static unsafe float[] Run(Candidate candidate, float[]?[] inputs, int count, WorkerPool workers)
    {
        Tensor?[] tensors = [.. inputs.Select(v => v is null ? null : Tensor.Copy<float>(v, [v.Length]))];
        ImmutableArray<nint> addresses = [.. tensors.Select(t => t?.Address ?? 0), 0, 0];
        using PackedConstants? packed = candidate.PackKey is null ? null : candidate.Pack([null, tensors[1], null]);
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        using var output = Tensor.Allocate(DType.Float32, [count]);
        output.AsSpan<float>().Fill(float.NaN);
        candidate.Bind(packed).Run(new KernelArgs { Inputs = addresses.AsSpan(), Outputs = [output.Address], Workspace = workspace.Address, Workers = workers });
        foreach (Tensor? tensor in tensors)
            tensor?.Dispose();
        return output.AsSpan<float>().ToArray();
    }

    private static unsafe int RunExact(Algorithm<GemmProblem> row, GemmProblem problem, int[] a, int[] b)
    {
        int y = 0;
        fixed (int* pa = a, pb = b)
            row.Bind(new Request<GemmProblem>(problem, FormatChoice.Plain, TestTarget(IsaLevel.Scalar)), null)
                .Run(new KernelArgs { Inputs = [(nint)pa, (nint)pb, 0], Outputs = [(nint)(&y)], Workers = WorkerPool.Single });
        return y;
    }
}
