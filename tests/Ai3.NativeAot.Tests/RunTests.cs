using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.NativeAot.Tests;

/// <summary>What sessions do when they are called as C calls them.</summary>
public sealed unsafe class RunTests : IDisposable
{
    private readonly nint _model = Native.LoadDigits();
    private readonly NativeArena _arena = new();
    private readonly NativeTensor _picture = new("picture", DType.Float32, 1, 1, 24, 24);
    private readonly NativeTensor _scores = new("scores", DType.Float32, 1, 10);

    public RunTests()
    {
        for (int i = 0; i < _picture.Floats.Length; i++)
            _picture.Floats[i] = i % 25 / 25f;
    }

    public void Dispose()
    {
        Native.Check(Native.FreeModel(_model));
        _picture.Dispose();
        _scores.Dispose();
        _arena.Dispose();
    }

    [Fact]
    public void EveryAlgorithmGivesTheScoresOfTheReference()
    {
        float[] Scores(string algorithm)
        {
            string[] entries = [$"Conv={algorithm}"];
            AbiCompileOptions options = Native.New<AbiCompileOptions>();
            options.Threads = 1;
            options.Algorithms = _arena.Texts(entries);
            options.AlgorithmCount = 1;
            nint session = Native.Compile(_model, &options);
            Native.Check(Native.Run(session, null, [_picture.Abi], [_scores.Abi]));
            Native.Check(Native.FreeSession(session));
            return _scores.Floats.ToArray();
        }
        float[] expected = Scores("reference");
        Assert.Contains(expected, e => e != 0);
        foreach (string name in OpCatalog.Default.Find("", "Conv", 17)!.Algorithms.Select(a => a.Name))
            Assert.All(Scores($"{name},auto").Zip(expected), p => Assert.Equal(p.Second, p.First, 1e-3));
    }

    [Theory]
    [InlineData("Conv=no_such,auto", AbiStatus.Argument)]
    [InlineData("Conv", AbiStatus.Argument)]
    [InlineData("Conv=depthwise", AbiStatus.Algorithm)]
    public void AWrongAlgorithmIsAnError(string entry, object expected)
    {
        AbiCompileOptions options = Native.New<AbiCompileOptions>();
        options.Algorithms = _arena.Texts([entry]);
        options.AlgorithmCount = 1;
        nint session = 7;
        Native.Fails((AbiStatus)expected, Native.TryCompile(_model, &options, &session));
        Assert.Equal(7, session);
    }

    [Fact]
    public void ResultsOfTheLibraryAreTheSame()
    {
        nint session = Native.Compile(_model), result;
        Native.Check(Native.Run(session, null, [_picture.Abi], [_scores.Abi]));
        Native.Check(Native.RunAlloc(session, [_picture.Abi], &result));
        AbiTensor tensor = Native.New<AbiTensor>();
        delegate* unmanaged[Cdecl]<nint, int, AbiTensor*, int> get = &ResultExports.Tensor;
        Native.Check(get(result, 1, &tensor));
        Assert.Equal(("scores", 2, 10L), (Native.Text(tensor.Name), tensor.Rank, tensor.Dims[1]));
        Assert.Equal(_scores.Floats.ToArray(), new Span<float>(tensor.Data, 10).ToArray());
        Native.Fails(AbiStatus.Argument, get(result, 2, &tensor));
        Native.Check(Native.FreeResult(result));
        Native.Fails(AbiStatus.Handle, get(result, 1, &tensor));
        Native.Check(Native.FreeSession(session));
    }

    [Fact]
    public void OutputsThatAreNotGivenAreNotWritten()
    {
        nint session = Native.Compile(_model);
        Native.Check(Native.Run(session, null, [_picture.Abi], [_scores.Abi]));
        _scores.Floats.Fill(-1);
        using var probabilities = new NativeTensor("probabilities", DType.Float32, 1, 10);
        Native.Check(Native.Run(session, null, [_picture.Abi], [probabilities.Abi]));
        Assert.All(_scores.Floats.ToArray(), s => Assert.Equal(-1, s));
        Assert.Equal(1, probabilities.Floats.ToArray().Sum(), 1e-4);
        Native.Check(Native.FreeSession(session));
    }

    [Fact]
    public void WrongTensorsAreErrors()
    {
        nint session = Native.Compile(_model);
        using var unknown = new NativeTensor("no_such", DType.Float32, 1);
        using var wrongShape = new NativeTensor("picture", DType.Float32, 1, 1, 24, 23);
        using var wrongOutput = new NativeTensor("scores", DType.Float32, 1, 11);
        Assert.Contains("'no_such'", Native.Fails(AbiStatus.Argument, Native.Run(session, null, [unknown.Abi], [])), StringComparison.Ordinal);
        Native.Fails(AbiStatus.Argument, Native.Run(session, null, [wrongShape.Abi], []));
        Native.Fails(AbiStatus.Argument, Native.Run(session, null, [_picture.Abi], [wrongOutput.Abi]));
        Native.Fails(AbiStatus.Argument, Native.Run(session, null, [_picture.Abi, _picture.Abi], []));
        Assert.Contains("missing", Native.Fails(AbiStatus.Argument, Native.Run(session, null, [], [_scores.Abi])), StringComparison.Ordinal);
        AbiTensor tensor = _picture.Abi;
        tensor.ByteLength--;
        Native.Fails(AbiStatus.Argument, Native.Run(session, null, [tensor], []));
        tensor = _picture.Abi;
        tensor.Data = null;
        Native.Fails(AbiStatus.Argument, Native.Run(session, null, [tensor], []));
        tensor = _picture.Abi;
        tensor.Dtype = 99;
        Native.Fails(AbiStatus.Argument, Native.Run(session, null, [tensor], []));
        long* negative = _arena.Numbers([1, 1, -24, 24]);
        tensor = _picture.Abi;
        tensor.Dims = negative;
        Native.Fails(AbiStatus.Argument, Native.Run(session, null, [tensor], []));
        tensor = _picture.Abi;
        tensor.StructSize = 0;
        Native.Fails(AbiStatus.Struct, Native.Run(session, null, [tensor], []));
        Native.Check(Native.FreeSession(session));
    }

    [Fact]
    public void ARunIsCancelledAndProfiled()
    {
        nint session = Native.Compile(_model), cancel, profile;
        Native.Check(((delegate* unmanaged[Cdecl]<nint*, int>)&RunToolExports.CancelCreate)(&cancel));
        Native.Check(((delegate* unmanaged[Cdecl]<nint*, int>)&RunToolExports.ProfileCreate)(&profile));
        AbiRunOptions options = Native.New<AbiRunOptions>();
        (options.Cancel, options.Profile) = (cancel, profile);
        Native.Check(Native.Run(session, &options, [_picture.Abi], [_scores.Abi]));
        int count;
        delegate* unmanaged[Cdecl]<nint, int*, int> counts = &RunToolExports.ProfileCount;
        Native.Check(counts(profile, &count));
        AbiSessionInfo info = Native.New<AbiSessionInfo>();
        Native.Check(((delegate* unmanaged[Cdecl]<nint, AbiSessionInfo*, int>)&SessionExports.GetInfo)(session, &info));
        Assert.Equal(info.StepCount, count);
        AbiStep step = Native.New<AbiStep>();
        Native.Check(((delegate* unmanaged[Cdecl]<nint, int, AbiStep*, int>)&RunToolExports.ProfileStep)(profile, 0, &step));
        Assert.True(step is { Start: 0, Duration: > 0 } && Native.Text(step.Op).Length > 0);

        Native.Check(((delegate* unmanaged[Cdecl]<nint, int>)&RunToolExports.CancelRequest)(cancel));
        Native.Fails(AbiStatus.Cancelled, Native.Run(session, &options, [_picture.Abi], [_scores.Abi]));
        Native.Check(counts(profile, &count));
        Assert.Equal(0, count);
        Native.Check(((delegate* unmanaged[Cdecl]<nint, int>)&RunToolExports.CancelFree)(cancel));
        Native.Fails(AbiStatus.Handle, Native.Run(session, &options, [_picture.Abi], [_scores.Abi]));
        Native.Check(((delegate* unmanaged[Cdecl]<nint, int>)&RunToolExports.ProfileFree)(profile));
        Native.Check(Native.FreeSession(session));
    }

    [Fact]
    public void SymbolicDimensionsAreNamedAndBound()
    {
        var shape = SymbolicShape.Create(Dim.Symbol("batch"), 3);
        nint model = Native.ModelOf([new ValueSpec("x", new TensorFact(DType.Float32, shape))], ["y"], Native.Node("Relu", ["x"], ["y"]));
        AbiValueInfo info = Native.New<AbiValueInfo>();
        Native.Check(((delegate* unmanaged[Cdecl]<nint, int, AbiValueInfo*, int>)&ModelExports.Input)(model, 0, &info));
        Assert.Equal(("x", (int)AbiKind.Tensor, 2, -1L, 3L), (Native.Text(info.Name), info.Kind, info.Rank, info.Dims[0], info.Dims[1]));
        Assert.Equal("batch", Native.Text(info.Symbols[0]));
        Assert.True(info.Symbols[1] == null);
        Assert.Equal("f32[batch,3]", Native.Text(info.Text));
        long* values = _arena.Numbers([4]);
        AbiCompileOptions options = Native.New<AbiCompileOptions>();
        options.DimNames = _arena.Texts(["batch"]);
        options.DimValues = values;
        options.DimCount = 1;
        nint session = Native.Compile(model, &options);
        Native.Check(((delegate* unmanaged[Cdecl]<nint, int, AbiValueInfo*, int>)&SessionExports.Output)(session, 0, &info));
        Assert.Equal("f32[4,3]", Native.Text(info.Text));
        Native.Check(Native.FreeSession(session));
        Native.Check(Native.FreeModel(model));
    }

    [Fact]
    public void AShapeThatOnlyTheRunKnowsFitsOrIsRefused()
    {
        nint model = Native.ModelOf(
            [new ValueSpec("x", new TensorFact(DType.Float32, Shape.Create(4))), new ValueSpec("shape", new TensorFact(DType.Int64, Shape.Create(2)))], ["y"],
            Native.Node("Reshape", ["x", "shape"], ["y"]));
        nint session = Native.Compile(model);
        using var x = new NativeTensor("x", DType.Float32, 4);
        using var shape = new NativeTensor("shape", DType.Int64, 2);
        using var good = new NativeTensor("y", DType.Float32, 2, 2);
        using var wrong = new NativeTensor("y", DType.Float32, 4, 1);
        (x.Floats[1], x.Floats[3]) = (1, 3);
        (((long*)shape.Abi.Data)[0], ((long*)shape.Abi.Data)[1]) = (2, -1);
        for (int i = 0; i < 2; i++)
        {
            Native.Check(Native.Run(session, null, [x.Abi, shape.Abi], [good.Abi]));
            Assert.Equal([0, 1, 0, 3], good.Floats.ToArray());
            good.Floats.Clear();
            Assert.Contains("f32[2,2]", Native.Fails(AbiStatus.Argument, Native.Run(session, null, [x.Abi, shape.Abi], [wrong.Abi])), StringComparison.Ordinal);
        }
        Native.Check(Native.FreeSession(session));
        Native.Check(Native.FreeModel(model));
    }

    [Fact]
    public void SequencesAndStringsAreRead()
    {
        nint model = Native.ModelOf(
            [new ValueSpec("t", new TensorFact(DType.String, Shape.Create(2))), new ValueSpec("x", new TensorFact(DType.Float32, Shape.Create(3)))], ["s", "u"],
            Native.Node("SequenceConstruct", ["x", "x"], ["s"]), Native.Node("Identity", ["t"], ["u"]));
        nint session = Native.Compile(model), result;
        using var x = new NativeTensor("x", DType.Float32, 3);
        using var t = new NativeTensor("t", ["ä", ""]);
        x.Floats[2] = 5;
        using var u = new NativeTensor("u", ["", ""]);
        Native.Fails(AbiStatus.Kind, Native.Run(session, null, [x.Abi, t.Abi], [u.Abi]));
        Native.Check(Native.RunAlloc(session, [x.Abi, t.Abi], &result));
        x.Floats[2] = 6;
        AbiTensor tensor = Native.New<AbiTensor>();
        delegate* unmanaged[Cdecl]<nint, int, AbiTensor*, int> get = &ResultExports.Tensor;
        Native.Fails(AbiStatus.Kind, get(result, 0, &tensor));
        Native.Check(get(result, 1, &tensor));
        Assert.Equal(("ä", ""), (Native.Text(((byte**)tensor.Data)[0]), Native.Text(((byte**)tensor.Data)[1])));
        nint value, item, again;
        long count, number;
        byte* text;
        Native.Check(((delegate* unmanaged[Cdecl]<nint, int, nint*, int>)&ResultExports.Value)(result, 0, &value));
        Native.Check(((delegate* unmanaged[Cdecl]<nint, long*, int>)&ResultExports.ValueCount)(value, &count));
        Assert.Equal(2, count);
        delegate* unmanaged[Cdecl]<nint, long, nint*, int> items = &ResultExports.ValueItem;
        Native.Check(items(value, 1, &item));
        Native.Check(items(value, 1, &again));
        Assert.Equal(item, again);
        Native.Fails(AbiStatus.Argument, items(value, 2, &again));
        Native.Fails(AbiStatus.Kind, ((delegate* unmanaged[Cdecl]<nint, long, long*, byte**, int>)&ResultExports.ValueKey)(value, 0, &number, &text));
        delegate* unmanaged[Cdecl]<nint, AbiTensor*, int> read = &ResultExports.ValueTensor;
        Native.Check(read(item, &tensor));
        Assert.Equal(5, ((float*)tensor.Data)[2]);
        Native.Fails(AbiStatus.Kind, read(value, &tensor));
        Native.Check(Native.FreeResult(result));
        Native.Fails(AbiStatus.Handle, read(item, &tensor));
        Native.Check(Native.FreeSession(session));
        Native.Check(Native.FreeModel(model));
    }

    [Fact]
    public void ASequenceInputIsRefused()
    {
        var fact = new SequenceFact(new TensorFact(DType.Float32, null));
        nint model = Native.ModelOf([new ValueSpec("s", fact)], ["n"], Native.Node("SequenceLength", ["s"], ["n"]));
        nint session = Native.Compile(model);
        using var s = new NativeTensor("s", DType.Float32, 3);
        Assert.Contains("seq(", Native.Fails(AbiStatus.Kind, Native.Run(session, null, [s.Abi], [])), StringComparison.Ordinal);
        Native.Check(Native.FreeSession(session));
        Native.Check(Native.FreeModel(model));
    }

    [Fact]
    public void LimitsHold()
    {
        AbiCompileOptions options = Native.New<AbiCompileOptions>();
        options.MaxSessionBytes = 100;
        nint session;
        Native.Fails(AbiStatus.Limit, Native.TryCompile(_model, &options, &session));
        options.MaxSessionBytes = -1;
        Native.Fails(AbiStatus.Argument, Native.TryCompile(_model, &options, &session));
    }

    [Fact]
    public void BytesThatAreNoModelAreAnError()
    {
        byte[] bytes = [1, 2, 3];
        nint model;
        fixed (byte* p = bytes)
            Native.Fails(AbiStatus.Format, ((delegate* unmanaged[Cdecl]<byte*, nuint, AbiLoadOptions*, nint*, int>)&ModelExports.LoadBytes)(p, 3, null, &model));
        fixed (byte* p = "/no/such/file.onnx\0"u8)
            Native.Fails(AbiStatus.File, ((delegate* unmanaged[Cdecl]<byte*, AbiLoadOptions*, nint*, int>)&ModelExports.Load)(p, null, &model));
    }
}
