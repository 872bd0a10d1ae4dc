using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>The memory of one candidate's runs: operands in its formats, workspace and packed constants, all of exact size.</summary>
internal sealed unsafe class KernelRun : IDisposable
{
    private readonly Problem _problem;
    private readonly TestBuffer?[] _inputs;
    private readonly byte[]?[] _inputCopies;
    private readonly Placement _placement;
    private readonly FormatChoice _formats;
    private TestBuffer? _workspace;
    private PackedConstants? _packed;
    private PreparedKernel? _kernel;
    private bool _borrowsKernel;

    public KernelRun(Problem problem, FormatChoice formats, double[]?[] inputs, Placement placement)
    {
        _problem = problem;
        _formats = formats;
        _placement = placement;
        _inputs = new TestBuffer?[problem.Inputs.Length];
        _inputCopies = new byte[]?[problem.Inputs.Length];
        Outputs = new TestBuffer?[problem.Outputs.Length];
        for (int i = 0; i < _inputs.Length; i++)
        {
            if (inputs[i] is not { } values)
                continue;
            _inputs[i] = Allocate(problem.Inputs[i], formats.Input(i), $"input {i}");
            Store(_inputs[i]!, problem.Inputs[i], formats.Input(i), values);
            _inputCopies[i] = _inputs[i]!.Bytes.ToArray();
        }
        for (int i = 0; i < Outputs.Length; i++)
            if (!problem.Outputs[i].IsAbsent)
                Outputs[i] = Allocate(problem.Outputs[i], formats.Output(i), $"output {i}");
    }

    /// <summary>The outputs in the candidate's formats; null for absent ones.</summary>
    public TestBuffer?[] Outputs { get; }

    /// <summary>Packs, binds and allocates workspace.</summary>
    public void Prepare(Candidate candidate)
    {
        _workspace = new TestBuffer(candidate.WorkspaceBytes, NativeBuffer.Alignment, _placement);
        if (candidate.PackKey is not null)
            _packed = PackChecked(candidate);
        _kernel = candidate.Bind(_packed);
    }

    /// <summary>Takes over the kernel and packed constants of another run, with workspace of its own: for use at the same time.</summary>
    public void Share(KernelRun other, Candidate candidate)
    {
        _workspace = new TestBuffer(candidate.WorkspaceBytes, NativeBuffer.Alignment, _placement);
        (_packed, _kernel, _borrowsKernel) = (other._packed, other._kernel, true);
    }

    /// <summary>The packed bytes; null if nothing is packed.</summary>
    public byte[]? PackedBytes => _packed is null ? null : new ReadOnlySpan<byte>((void*)_packed.Address, (int)_packed.ByteLength).ToArray();

    /// <summary>Runs once over outputs and workspace that hold a poison, and checks everything round the outputs.</summary>
    /// <param name="workers">Who computes.</param>
    /// <param name="poison">The byte that outputs and workspace are filled with.</param>
    /// <param name="inPlace">The output that takes over an input's memory, and that input; null for none.</param>
    /// <returns>Bytes the run allocated on this thread's managed heap.</returns>
    public long Execute(WorkerPool workers, byte poison, (int Output, int Input)? inPlace = null)
    {
        Span<nint> inputs = stackalloc nint[_inputs.Length];
        Span<nint> outputs = stackalloc nint[Outputs.Length];
        for (int i = 0; i < inputs.Length; i++)
            inputs[i] = _inputs[i]?.Address ?? 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = Outputs[i]?.Address ?? 0;
            Outputs[i]?.Bytes.Fill(poison);
        }
        if (inPlace is { } pair)
        {
            _inputCopies[pair.Input].CopyTo(Outputs[pair.Output]!.Bytes);
            inputs[pair.Input] = outputs[pair.Output];
        }
        _workspace!.Bytes.Fill(poison);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _kernel!.Run(new KernelArgs { Inputs = inputs, Outputs = outputs, Workspace = _workspace.Address, Workers = workers });
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        CheckSurroundings();
        return allocated;
    }

    /// <summary>The bytes of an output now.</summary>
    public byte[]?[] Snapshot() => [.. Outputs.Select(o => o?.Bytes.ToArray())];

    /// <summary>Copies input 0's bytes into output 0: what a view is.</summary>
    public void StoreInputAsOutput() => _inputs[0]!.Bytes.CopyTo(Outputs[0]!.Bytes);

    public void Dispose()
    {
        foreach (TestBuffer? buffer in _inputs.Concat(Outputs).Append(_workspace))
            buffer?.Dispose();
        if (!_borrowsKernel)
            _packed?.Dispose();
    }

    private TestBuffer Allocate(TensorType operand, Format format, string name)
    {
        long count = StorageOrder.Count(operand.Shape, format);
        if (count != format.StorageCount(operand.Shape))
            throw new CheckFailure($"{name}: {operand} in {format} takes {count} elements, StorageCount says {format.StorageCount(operand.Shape)}");
        int size = Math.Max(operand.Type.ByteSize(), 1);
        return new TestBuffer(operand.Type.ByteCount(count), operand.Type is DType.Complex64 or DType.Complex128 ? size / 2 : size, _placement);
    }

    private static void Store(TestBuffer buffer, TensorType operand, Format format, double[] values)
    {
        buffer.Bytes.Clear();
        long[]? positions = StorageOrder.Positions(operand.Shape, format);
        for (long i = 0; i < values.Length; i++)
            ElementCodec.Write(buffer.Start, operand.Type, positions is null ? i : positions[i], values[i]);
    }

    private PackedConstants PackChecked(Candidate candidate)
    {
        PackedConstants first = Pack(candidate);
        using PackedConstants second = Pack(candidate);
        if (first.ByteLength != candidate.PackedBytes)
            throw new CheckFailure($"packed {first.ByteLength} bytes, PackedBytes says {candidate.PackedBytes}");
        var a = new ReadOnlySpan<byte>((void*)first.Address, (int)first.ByteLength);
        int differs = a.CommonPrefixLength(new ReadOnlySpan<byte>((void*)second.Address, (int)second.ByteLength));
        if (differs < a.Length)
            throw new CheckFailure($"packing twice gives different bytes from {differs} of {a.Length} on");
        if (new ReadOnlySpan<byte>((void*)(first.Address + (nint)first.ByteLength), NativeBuffer.Slack).ContainsAnyExcept((byte)0))
            throw new CheckFailure($"packing writes past the {first.ByteLength} bytes of PackedBytes");
        return first;
    }

    private PackedConstants Pack(Candidate candidate)
    {
        var constants = new Tensor?[_problem.Inputs.Length];
        for (int i = 0; i < constants.Length; i++)
            if (_problem.IsConstant(i) && _inputs[i] is { } buffer)
                constants[i] = Tensor.Borrow(_problem.Inputs[i].Type, _problem.Inputs[i].Shape, buffer.Address, buffer.Length, _formats.Input(i));
        return candidate.Pack(constants);
    }

    private void CheckSurroundings()
    {
        for (int i = 0; i < _inputs.Length; i++)
        {
            if (_inputs[i] is not { } input)
                continue;
            int same = input.Bytes.CommonPrefixLength(_inputCopies[i]);
            if (same < input.Length)
                throw new CheckFailure($"input {i} is overwritten at byte {same}");
            if (input.FirstOverwritten() is { } at)
                throw new CheckFailure($"byte {at} of input {i} is overwritten, outside its {input.Length}");
        }
        for (int i = 0; i < Outputs.Length; i++)
            if (Outputs[i]?.FirstOverwritten() is { } at)
                throw new CheckFailure($"byte {at} of output {i} is overwritten, outside its {Outputs[i]!.Length}");
        if (_workspace!.FirstOverwritten() is { } past)
            throw new CheckFailure($"byte {past} of the workspace is overwritten, outside the {_workspace.Length} of WorkspaceBytes");
    }
}
