namespace Ai3.Tensors.Tests;

public class PackedElementsTests
{
    [Fact]
    public void ReadsLowestBitsFirst()
    {
        byte[] bytes = [0xF1, 0x8E];
        Assert.Equal([1, 15, 14, 8], Enumerable.Range(0, 4).Select(i => PackedElements.Read(bytes, DType.UInt4, i)));
        Assert.Equal([1, -1, -2, -8], Enumerable.Range(0, 4).Select(i => PackedElements.Read(bytes, DType.Int4, i)));
        Assert.Equal([1, 15, 14, 8], Enumerable.Range(0, 4).Select(i => PackedElements.Read(bytes, DType.Float4E2M1, i)));
        Assert.Equal([1, 0, 3, 3, 2, 3, 0, 2], Enumerable.Range(0, 8).Select(i => PackedElements.Read(bytes, DType.UInt2, i)));
        Assert.Equal([1, 0, -1, -1, -2, -1, 0, -2], Enumerable.Range(0, 8).Select(i => PackedElements.Read(bytes, DType.Int2, i)));
        Assert.Throws<ArgumentException>(() => PackedElements.Read(bytes, DType.Int8, 0));
    }

    [Theory]
    [InlineData(DType.UInt4, 0, 15)]
    [InlineData(DType.Int4, -8, 7)]
    [InlineData(DType.UInt2, 0, 3)]
    [InlineData(DType.Int2, -2, 1)]
    public void WritesEveryValueAndLeavesNeighbours(DType type, int low, int high)
    {
        var bytes = new byte[2];
        for (int index = 0; index < 16 / type.BitsPerElement(); index++)
            for (int value = low; value <= high; value++)
            {
                bytes.AsSpan().Fill(0xA5);
                int[] before = [.. Enumerable.Range(0, 16 / type.BitsPerElement()).Select(i => PackedElements.Read(bytes, type, i))];
                PackedElements.Write(bytes, type, index, value);
                before[index] = value;
                Assert.Equal(before, Enumerable.Range(0, 16 / type.BitsPerElement()).Select(i => PackedElements.Read(bytes, type, i)));
            }
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedElements.Write(bytes, type, 0, low - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedElements.Write(bytes, type, 0, high + 1));
    }
}
