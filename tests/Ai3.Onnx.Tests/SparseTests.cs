using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx.Tests;

public class SparseTests
{
    [Fact]
    public void LinearIndices() => Assert.Equal([0, 5, 0, 7], Load(Sparse([1, 3], [2], [2, 2])).AsSpan<byte>().ToArray());

    [Fact]
    public void IndexTuples() => Assert.Equal([0, 5, 0, 7], Load(Sparse([0, 1, 1, 1], [2, 2], [2, 2])).AsSpan<byte>().ToArray());

    [Theory]
    [InlineData(new long[] { 1, 99 }, new long[] { 2 }, "index 99 at 1; [2,2] has 4 elements")]
    [InlineData(new long[] { -1, 0 }, new long[] { 2 }, "index -1 at 0")]
    [InlineData(new long[] { 3, 1 }, new long[] { 2 }, "index 1 at 1 after 3")]
    [InlineData(new long[] { 1, 1 }, new long[] { 2 }, "index 1 at 1 after 1")]
    [InlineData(new long[] { 0, 1, 1, 2 }, new long[] { 2, 2 }, "index [1,2] at 1, outside of [2,2]")]
    [InlineData(new long[] { 0, 1, 2 }, new long[] { 3 }, "has indices i64[3]; they are i64[2] or i64[2,2]")]
    [InlineData(new long[] { 0, 1 }, new long[] { 2, 1 }, "has indices i64[2,1]")]
    public void WrongIndicesAreRefused(long[] indices, long[] shape, string message) =>
        Make.Refuses<OnnxFormatException>(() => Load(Sparse(indices, shape, [2, 2])), message);

    [Fact]
    public void DenseFormIsCountedBeforeItIsAllocated()
    {
        SparseTensorProto bomb = Sparse([1, 3], [2], [1L << 20, 1L << 20]);
        Make.Refuses<LimitExceededException>(() => Load(bomb), "1099511627776 bytes");
        Make.Refuses<LimitExceededException>(() => Load(Sparse([1, 3], [2], [1 << 20]), ImportLimits.Default with { ExpandedBytes = 1 << 19 }), "all together 524288");
    }

    private static SparseTensorProto Sparse(long[] indices, long[] indexShape, long[] dims)
    {
        var sparse = new SparseTensorProto { Values = Make.Raw("s", DType.UInt8, [5, 7], 2), Indices = Make.Tensor("", DType.Int64, indexShape).With(t => t.Int64Data.Add(indices)) };
        sparse.Dims.Add(dims);
        return sparse;
    }

    private static Tensor Load(SparseTensorProto sparse, ImportLimits? limits = null)
    {
        ModelProto model = Make.Model();
        model.Graph.SparseInitializer.Add(sparse);
        return Make.Load(model, limits).Spec.Initializers.Single().Value;
    }
}
