namespace Ai3.Tensors.Tests;

public sealed class NativeBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(2 << 20)]
    [InlineData((5 << 20) + 12)]
    public unsafe void IsAlignedAndClearWithItsSlack(int bytes)
    {
        using var buffer = new NativeBuffer(bytes, clear: true);
        Assert.Equal(0, buffer.Address % NativeBuffer.Alignment);
        if (OperatingSystem.IsLinux() && bytes >= 2 << 20)
            Assert.Equal(0, buffer.Address % (2 << 20));
        Assert.Equal(-1, new ReadOnlySpan<byte>((void*)buffer.Address, bytes + NativeBuffer.Slack).IndexOfAnyExcept((byte)0));
    }
}
