namespace Ai3.NativeAot.Tests;

/// <summary>Wrong handles and structs give errors, never crashes.</summary>
public unsafe class HandleTests
{
    private static readonly delegate* unmanaged[Cdecl]<nint, AbiModelInfo*, int> s_info = &ModelExports.GetInfo;

    [Fact]
    public void ASecondFreeIsAnError()
    {
        nint model = Native.LoadDigits();
        Native.Check(Native.FreeModel(model));
        Assert.Equal("an ai3_model is wanted, the handle was freed", Native.Fails(AbiStatus.Handle, Native.FreeModel(model)));
        AbiModelInfo info = Native.New<AbiModelInfo>();
        Native.Fails(AbiStatus.Handle, s_info(model, &info));
    }

    [Fact]
    public void FreeingNullDoesNothing()
    {
        Native.Check(Native.FreeModel(0));
        Native.Check(Native.FreeSession(0));
        Native.Check(Native.FreeResult(0));
    }

    [Fact]
    public void AHandleOfAnotherTypeIsAnError()
    {
        nint model = Native.LoadDigits();
        Assert.Equal("an ai3_session is wanted, the handle is an ai3_model", Native.Fails(AbiStatus.Handle, Native.FreeSession(model)));
        Native.Check(Native.FreeModel(model));
    }

    [Theory]
    [InlineData(0, "the handle is NULL")]
    [InlineData(8, "the handle is not of this library")]
    [InlineData(-1, "the handle is not of this library")]
    [InlineData(long.MaxValue, "the handle is not of this library")]
    public void AHandleFromElsewhereIsAnError(long handle, string says)
    {
        AbiModelInfo info = Native.New<AbiModelInfo>();
        Assert.Contains(says, Native.Fails(AbiStatus.Handle, s_info((nint)handle, &info)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 0, AbiStatus.Struct)]
    [InlineData(8, 0, AbiStatus.Struct)]
    [InlineData(0, 1, AbiStatus.Struct)]
    [InlineData(0, -1, AbiStatus.Struct)]
    [InlineData(0, 0, AbiStatus.Ok)]
    public void ASizeOrVersionThatIsNotOursIsAnError(int sizeOff, int versionOff, object expected)
    {
        nint model = Native.LoadDigits();
        AbiModelInfo info = Native.New<AbiModelInfo>();
        info.StructSize = (uint)(info.StructSize + sizeOff);
        info.AbiVersion = (uint)(info.AbiVersion + versionOff);
        info.InputCount = -7;
        Assert.Equal((AbiStatus)expected, (AbiStatus)s_info(model, &info));
        Assert.Equal((AbiStatus)expected == AbiStatus.Ok ? 1 : -7, info.InputCount);
        Native.Check(Native.FreeModel(model));
    }

    [Fact]
    public void PointersThatAreNullAreErrors()
    {
        nint model = Native.LoadDigits();
        Native.Fails(AbiStatus.Argument, s_info(model, null));
        Native.Fails(AbiStatus.Argument, Native.TryCompile(model, null, null));
        AbiCompileOptions options = Native.New<AbiCompileOptions>();
        options.AlgorithmCount = 1;
        nint session;
        Assert.Equal("algorithms is NULL with a count of 1", Native.Fails(AbiStatus.Argument, Native.TryCompile(model, &options, &session)));
        Native.Check(Native.FreeModel(model));
    }

    [Fact]
    public void ASessionKeepsItsModelAlive()
    {
        nint model = Native.LoadDigits();
        nint session = Native.Compile(model);
        Native.Check(Native.FreeModel(model));
        using var input = new NativeTensor("picture", Tensors.DType.Float32, 1, 1, 24, 24);
        using var output = new NativeTensor("scores", Tensors.DType.Float32, 1, 10);
        Native.Check(Native.Run(session, null, [input.Abi], [output.Abi]));
        Native.Check(Native.FreeSession(session));
        Native.Fails(AbiStatus.Handle, Native.Run(session, null, [input.Abi], [output.Abi]));
    }

    [Fact]
    public void ErrorsBelongToTheirThread()
    {
        Native.Fails(AbiStatus.Handle, Native.FreeModel(8));
        string other = "";
        var thread = new Thread(() => other = Native.Error);
        thread.Start();
        thread.Join();
        Assert.Equal("", other);
        Assert.NotEqual("", Native.Error);
    }

    [Fact]
    public void FreeingWhileOthersRunIsSafe()
    {
        nint model = Native.LoadDigits();
        nint session = Native.Compile(model);
        var outcomes = new AbiStatus[4];
        Thread[] threads = [.. outcomes.Select((_, t) => new Thread(() =>
        {
            using var input = new NativeTensor("picture", Tensors.DType.Float32, 1, 1, 24, 24);
            using var output = new NativeTensor("scores", Tensors.DType.Float32, 1, 10);
            while (outcomes[t] == AbiStatus.Ok)
                outcomes[t] = (AbiStatus)Native.Run(session, null, [input.Abi], [output.Abi]);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        Thread.Sleep(20);
        Native.Check(Native.FreeSession(session));
        Native.Check(Native.FreeModel(model));
        foreach (Thread thread in threads)
            thread.Join();
        Assert.All(outcomes, o => Assert.Equal(AbiStatus.Handle, o));
    }
}
