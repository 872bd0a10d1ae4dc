using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Drives a row function over broadcast operands.</summary>
/// <remarks>
/// The output is walked in memory order in grains that threads share. A grain goes through the row function in pieces: as long
/// as possible where operands need no copy; of <see cref="Piece"/> elements where an operand is of another type than the loop
/// (it is converted to a buffer that stays in L1), where rows are too short to be called one by one (operands are gathered),
/// or where more than two operands fold into one result. Workspace: copies of per-channel operands padded to whole blocks.
/// </remarks>
internal sealed unsafe class ElementwiseKernel(ElementwisePlan plan) : PreparedKernel
{
    // Elements of a buffered piece; a multiple of every vector and channel block.
    private const int Piece = 512;

    private const int Buffer = Piece * 8;

    // Rows shorter than this are gathered.
    private const int ShortRow = 24;

    private readonly bool _gathers = plan.Broadcast.HasRows && plan.Broadcast.Row < ShortRow;

    [SkipLocalsInit]
    public override void Run(in KernelArgs args)
    {
        if (plan.Broadcast.Count == 0)
            return;
        nint* operands = stackalloc nint[plan.Operands.Length <= 64 ? plan.Operands.Length : 0];
        fixed (nint* inputs = args.Inputs)
        {
            if (plan.Operands.Length > 64)
                operands = inputs;
            else
                for (int k = 0; k < plan.Operands.Length; k++)
                    operands[k] = plan.Operands[k].PaddedFrom == 0 ? inputs[plan.Operands[k].Input] : Pad(k, inputs[plan.Operands[k].Input], args.Workspace);
            var body = new Body { Kernel = this, Operands = operands, Output = args.Outputs[0] };
            args.Workers.For(Grains, ref body);
        }
    }

    private long Grain => Math.Max(plan.Grain, ShapeMath.RoundUp(plan.Broadcast.Count / 1_000_000, Piece));

    private int Grains => (int)ShapeMath.CeilDiv(plan.Broadcast.Count, Grain);

    // Copies a plain [C] operand to the workspace and appends zeros up to a whole block.
    private nint Pad(int k, nint from, nint workspace)
    {
        ElementwiseOperand operand = plan.Operands[k];
        nint to = workspace + (nint)operand.PaddedOffset;
        nint bytes = (nint)operand.PaddedFrom * operand.Type.ByteSize();
        System.Buffer.MemoryCopy((void*)from, (void*)to, operand.PaddedBytes, bytes);
        NativeSpan(to + bytes, (nint)operand.PaddedBytes - bytes).Clear();
        return to;
    }

    private static Span<byte> NativeSpan(nint address, nint bytes) => new((void*)address, checked((int)bytes));

    private struct Body : IParallelBody
    {
        public ElementwiseKernel Kernel;
        public nint* Operands;
        public nint Output;

        public readonly void Run(int begin, int end, int worker)
        {
            long grain = Kernel.Grain, count = Kernel.Plan.Broadcast.Count;
            for (int i = begin; i < end; i++)
                Kernel.RunGrain(Operands, (byte*)Output, i * grain, Math.Min((i + 1) * grain, count));
        }
    }

    private ElementwisePlan Plan => plan;

    private void RunGrain(nint* operands, byte* output, long begin, long end)
    {
        bool buffered = plan.IsBuffered || _gathers;
        long limit = buffered ? Piece : long.MaxValue;
        bool rows = plan.Broadcast.HasRows && !_gathers;
        long row = plan.Broadcast.Row;
        for (long position = begin; position < end;)
        {
            long n = Math.Min(end - position, limit);
            if (rows)
                n = Math.Min(n, row - position % row);
            if (buffered)
                RunBuffered(operands, output, position, (nint)n);
            else
                RunDirect(operands, output, position, (nint)n);
            position += n;
        }
        plan.Padding.Clear(output, plan.OutputSize, begin, end);
    }

    private void RunDirect(nint* operands, byte* output, long position, nint n)
    {
        RowArgs r;
        r.Count = n;
        r.Alpha = plan.Alpha;
        r.Beta = plan.Beta;
        r.Y = output + position * plan.OutputSize;
        r.A = Locate(operands, 0, position, out r.StepA);
        r.B = plan.Arity > 1 ? Locate(operands, 1, position, out r.StepB) : null;
        r.C = plan.Arity > 2 ? Locate(operands, 2, position, out r.StepC) : null;
        plan.Function.Run(&r);
    }

    // The element of operand k for an output position that begins a piece within one row.
    private void* Locate(nint* operands, int k, long position, out nint step)
    {
        BroadcastPlan broadcast = plan.Broadcast;
        BroadcastOperand walk = broadcast.Operands[k];
        step = walk.Step;
        long offset = 0;
        if (walk.Kind == OperandKind.Dense)
            offset = position;
        else if (walk.Kind == OperandKind.Rows)
        {
            (long row, long column) = Math.DivRem(position, broadcast.Row);
            offset = broadcast.RowOffset(k, row) + column * walk.Step;
        }
        return (byte*)operands[k] + offset * plan.Operands[k].Size;
    }

    [SkipLocalsInit]
    private void RunBuffered(nint* operands, byte* output, long position, nint n)
    {
        byte* memory = stackalloc byte[7 * Buffer];
        byte* y = output + position * plan.OutputSize;
        RowArgs r;
        r.Count = n;
        r.Alpha = plan.Alpha;
        r.Beta = plan.Beta;
        r.Y = plan.ConvertOutput == null ? y : memory;
        r.A = Fetch(operands, 0, plan.Function.A, plan.Operands[0].Convert, position, n, memory + Buffer, memory + 2 * Buffer, out r.StepA);
        if (plan.Folds)
        {
            if (plan.Operands.Length == 1)
                plan.Copy(r.Y, r.A, r.StepA, n);
            for (int k = 1; k < plan.Operands.Length; k++)
            {
                r.B = Fetch(operands, k, plan.Function.B, plan.Operands[k].Convert, position, n, memory + 3 * Buffer, memory + 4 * Buffer, out r.StepB);
                plan.Function.Run(&r);
                r.A = r.Y;
                r.StepA = 1;
            }
            if (plan.Finish.Exists)
            {
                r.A = r.Y;
                r.StepA = 1;
                r.Alpha = plan.Operands.Length;
                plan.Finish.Run(&r);
            }
        }
        else
        {
            if (plan.Arity > 1)
                r.B = Fetch(operands, 1, plan.Function.B, plan.Operands[1].Convert, position, n, memory + 3 * Buffer, memory + 4 * Buffer, out r.StepB);
            if (plan.Arity > 2)
                r.C = Fetch(operands, 2, plan.Function.C, plan.Operands[2].Convert, position, n, memory + 5 * Buffer, memory + 6 * Buffer, out r.StepC);
            plan.Function.Run(&r);
        }
        if (plan.ConvertOutput != null)
            plan.ConvertOutput(memory, y, n);
    }

    // Operand k for n elements of output: in place where possible, otherwise gathered and converted into buffers.
    private void* Fetch(nint* operands, int k, DType wanted, delegate*<void*, void*, nint, void> convert, long position, nint n,
        byte* gathered, byte* converted, out nint step)
    {
        void* p;
        if (_gathers && plan.Broadcast.Operands[k].Kind == OperandKind.Rows)
        {
            step = 1;
            Gather(operands, k, position, n, gathered);
            p = gathered;
        }
        else
            p = Locate(operands, k, position, out step);
        if (convert == null)
            return p;
        convert(p, converted, step == 0 ? 1 : n);
        return converted;
    }

    private void Gather(nint* operands, int k, long position, nint n, byte* to)
    {
        switch (plan.Operands[k].Size)
        {
            case 1: Gather((byte*)operands[k], k, position, n, to); break;
            case 2: Gather((ushort*)operands[k], k, position, n, (ushort*)to); break;
            case 4: Gather((uint*)operands[k], k, position, n, (uint*)to); break;
            default: Gather((ulong*)operands[k], k, position, n, (ulong*)to); break;
        }
    }

    private void Gather<T>(T* from, int k, long position, nint n, T* to) where T : unmanaged
    {
        BroadcastPlan broadcast = plan.Broadcast;
        nint length = (nint)broadcast.Row, step = broadcast.Operands[k].Step;
        (long row, long column) = Math.DivRem(position, broadcast.Row);
        for (nint done = 0; done < n;)
        {
            // Rows of one run lie a fixed step apart.
            (long offset, long rows, nint stride) = broadcast.RowRun(k, row);
            nint count = (nint)Math.Min(rows * length - (nint)column, n - done);
            T* source = from + offset, target = to + done;
            if (stride == 0)
                Repeat(source, step, length, (nint)column, target, count);
            else
                for (nint i = 0, c = (nint)column; i < count; c = 0, source += stride)
                    for (nint end = nint.Min(count, i + length - c); i < end; i++, c++)
                        target[i] = source[c * step];
            done += count;
            row += rows;
            column = 0;
        }
    }

    // The same row again and again, from a column on: what stands there already is copied behind itself.
    private static void Repeat<T>(T* row, nint step, nint length, nint column, T* to, nint count) where T : unmanaged
    {
        nint done = nint.Min(length, count);
        for (nint i = 0; i < done; i++)
        {
            to[i] = row[column * step];
            column = column + 1 == length ? 0 : column + 1;
        }
        for (nint copy; done < count; done += copy)
        {
            copy = nint.Min(done, count - done);
            new ReadOnlySpan<T>(to, (int)copy).CopyTo(new Span<T>(to + done, (int)copy));
        }
    }
}
