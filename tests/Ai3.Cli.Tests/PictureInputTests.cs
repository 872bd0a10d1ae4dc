using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli.Tests;

public class PictureInputTests
{
    private static readonly byte[] TwoPixels = [255, 0, 51, 0, 102, 204];

    [Fact]
    public void ChannelsFirstIsPlanar() => Assert.Equal([1f, 0f, 0f, 0.4f, 0.2f, 0.8f], Read(DType.Float32, [1, 3, 1, 2]));

    [Fact]
    public void ChannelsLastIsInterleaved() => Assert.Equal([1f, 0f, 0.2f, 0f, 0.4f, 0.8f, 1f, 0f, 0.2f, 0f, 0.4f, 0.8f], Read(DType.Float32, [1, 2, 2, 3]));

    [Fact]
    public void RankThreeHasNoBatch() => Assert.Equal([1f, 0f, 0f, 0.4f, 0.2f, 0.8f], Read(DType.Float32, [3, 1, 2]));

    [Fact]
    public void MeanAndDeviationApplyPerChannel() =>
        Assert.Equal([127.5f, 0f, -1f, 101f, 50f, 203f], Read(DType.Float32, [1, 3, 1, 2], new PixelScaling(1, [0, 1, 1], [2, 1, 1])), new Near());

    [Fact]
    public void AnotherSizeIsInterpolatedBetweenPixelCentres() =>
        // Four pixels from two: centres at -0.25, 0.25, 0.75 and 1.25 of the source, clamped at the edge.
        Assert.Equal([1f, 0.75f, 0.25f, 0f], Read(DType.Float32, [1, 3, 1, 4])[..4], new Near());

    [Fact]
    public void GreyIsLuma() => Assert.Equal([0.299f + 0.114f * 0.2f, 0.587f * 0.4f + 0.114f * 0.8f], Read(DType.Float32, [1, 1, 1, 2]), new Near());

    [Fact]
    public void OtherShapesTakeNoPicture()
    {
        Assert.Throws<UsageException>(() => Read(DType.Float32, [1, 5, 7, 9]));
        Assert.Throws<UsageException>(() => Read(DType.Float32, [10]));
        Assert.Throws<UsageException>(() => Read(DType.Int64, [1, 3, 1, 2]));
    }

    [Fact]
    public void BytesThatAreNoPictureAreRefused()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["x.png"], "not a picture");
        Assert.Throws<InvalidDataException>(() => PictureInput.Read(folder["x.png"], Input(DType.Float32, [1, 3, 1, 2]), null));
    }

    private static float[] Read(DType type, Shape shape, PixelScaling? scaling = null)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["x.png"], PngPicture.Rgb(2, 1, TwoPixels));
        using Tensor tensor = PictureInput.Read(folder["x.png"], Input(type, shape), scaling);
        Assert.Equal(shape, tensor.Shape);
        return tensor.AsSpan<float>().ToArray();
    }

    private static GraphValue Input(DType type, Shape shape)
    {
        var fact = new TensorFact(type, shape);
        var node = new NodeSpec("", "", "Identity", ["x"], ["y"], Attributes.Empty, ImmutableSortedDictionary<string, GraphSpec>.Empty);
        return Model.Create(new GraphSpec("g", [new ValueSpec("x", fact)], [new ValueSpec("y", fact)], [], [node], []), new Dictionary<string, int> { [""] = 17 }).Inputs[0];
    }

    private sealed class Near : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => Math.Abs(x - y) <= 1e-5f * Math.Max(1, Math.Abs(y));

        public int GetHashCode(float obj) => 0;
    }
}
