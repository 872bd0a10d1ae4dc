using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.SelfTest;

/// <summary>A row of <see cref="ScaleOp"/>: copies x into workspace, splits channels over threads, packs w. Right, but for one fault.</summary>
internal sealed unsafe class ScaleRow(Fault fault)
{
    private int _runs;

    public static Algorithm<ScaleProblem> Of(Fault fault)
    {
        var row = new ScaleRow(fault);
        return new Algorithm<ScaleProblem>
        {
            Name = "row",
            Source = "this test",
            Supports = (_, _) => fault == Fault.ThrowsInSupports ? throw new InvalidOperationException("no verdict") : Applicability.Yes,
            Formats = (_, target) => [FormatChoice.Plain, FormatChoice.Uniform(Format.Blocked(target.ChannelBlock), 1)],
            WorkspaceBytes = Elements,
            PackedBytes = r => r.Problem.IsConstant(1) ? 4 * r.Problem.C : 0,
            PackKey = r => r.Problem.IsConstant(1) ? "scale" : null,
            Pack = row.Pack,
            CostHint = _ => 1,
            Error = static (_, _) => ErrorBound.PerElement(2),
            InPlace = _ => [(0, 0)],
            Bind = row.Bind,
        };
    }

    private static long Elements(Request<ScaleProblem> r) => 4 * r.Formats.Input(0).StorageCount(r.Problem.Inputs[0].Shape);

    private PackedConstants Pack(Request<ScaleProblem> r, IReadOnlyList<Tensor?> constants)
    {
        var packed = PackedConstants.Allocate(4 * r.Problem.C);
        var w = new Span<float>((void*)constants[1]!.Address, (int)r.Problem.C);
        w.CopyTo(new Span<float>((void*)packed.Address, w.Length));
        if (fault == Fault.PacksMoreThanSaid)
            ((float*)packed.Address)[w.Length] = 1;
        if (fault == Fault.PackDependsOnShape)
            ((float*)packed.Address)[0] += r.Problem.P;
        if (fault == Fault.PacksDifferentlyEachTime)
            ((float*)packed.Address)[0] += _runs++ * 1e-6f;
        return packed;
    }

    private Kernel Bind(Request<ScaleProblem> r, PackedConstants? packed) =>
        fault == Fault.ThrowsInBind ? throw new InvalidOperationException("not bound") : new Kernel(fault, r, packed);

    private sealed class Kernel(Fault fault, Request<ScaleProblem> request, PackedConstants? packed) : PreparedKernel
    {
        private int _runs;
        private int _inside;
        private object? _garbage;

        public override void Run(in KernelArgs args)
        {
            ScaleProblem p = request.Problem;
            long block = request.Formats.Input(0) == Format.Plain ? 1 : request.Formats.Input(0).Block;
            long blocks = (p.C + block - 1) / block;
            var body = new Body
            {
                Fault = fault,
                Problem = p,
                Block = block,
                Blocks = blocks,
                X = (float*)args.Inputs[0],
                W = packed is null || fault == Fault.PackDependsOnShape ? (float*)args.Inputs[1] : (float*)packed.Address,
                Y = (float*)args.Outputs[0],
                Scratch = (float*)args.Workspace,
                State = _runs++,
                Threads = args.Workers.Threads,
                PlannedThreads = request.Target.Threads,
            };
            if (fault == Fault.Allocates)
                _garbage = new object();
            GC.KeepAlive(_garbage);
            args.Workers.For((int)(p.N * blocks), ref body);
            if (fault == Fault.SharesScratchBetweenCallers)
                WithOneCallerOnly(body.Y, p.N * p.C * p.P);
            Misbehave(body, p.N * blocks * p.P * block);
        }

        // Stays inside long enough for two callers to meet.
        private void WithOneCallerOnly(float* y, long count)
        {
            bool alone = Interlocked.Increment(ref _inside) == 1;
            Thread.Sleep(1);
            if (!alone && count > 0)
                y[0] = 12345;
            Interlocked.Decrement(ref _inside);
        }

        private void Misbehave(Body b, long count)
        {
            if (count == 0)
                return;
            switch (fault)
            {
                case Fault.WrongLastElement: b.Y[count - 1] += 1; break;
                case Fault.WrongAtLargeSizes when b.Problem.C > 5 && b.Problem.P > 3: b.Y[0] += 1; break;
                case Fault.WritesBeforeOutput: b.Y[-1] = 0; break;
                case Fault.WritesPastOutput: b.Y[count] = 0; break;
                case Fault.WritesPastWorkspace: b.Scratch[count] = 0; break;
                case Fault.WritesBeforeWorkspace: b.Scratch[-1] = 0; break;
                case Fault.OverwritesInput: b.X[count / 2] += 1; break;
                case Fault.ReadsPastInput: b.Y[0] += 0 * BitConverter.SingleToInt32Bits(b.X[count]); break;
                case Fault.ReadsBeforeInput: b.Y[0] += 0 * BitConverter.SingleToInt32Bits(b.X[-1]); break;
            }
        }
    }

    private struct Body : IParallelBody
    {
        public Fault Fault;
        public ScaleProblem Problem;
        public long Block, Blocks;
        public float* X, W, Y, Scratch;
        public int State, Threads, PlannedThreads;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
                Channels(i, worker, begin);
        }

        private readonly void Channels(int i, int worker, int begin)
        {
            long channel = i % Blocks * Block, start = i * Problem.P * Block;
            for (long j = 0; j < Problem.P * Block && Fault != Fault.ReadsWorkspaceUnwritten; j++)
                Scratch[start + j] = X[start + j];
            for (long j = 0; j < Problem.P * Block; j++)
            {
                long c = channel + (Fault == Fault.MixesUpBlocks ? j / Problem.P : j % Block);
                float* y = Y + start + j;
                if (c >= Problem.C)
                {
                    if (Fault != Fault.LeavesPaddingUnzeroed)
                        *y = 0;
                    continue;
                }
                float x = Scratch[start + j];
                if (Fault == Fault.ReadsInputAfterOutput && j > 0 && !X[start + j - 1].Equals(Scratch[start + j - 1]))
                    x += 1;
                if (Fault != Fault.LeavesElementUnwritten || j != Problem.P / 2)
                    *y = Value(x, W[c], worker, begin);
            }
        }

        private readonly float Value(float x, float w, int worker, int begin)
        {
            float y = x * w + w;
            return Fault switch
            {
                Fault.LosesPrecision => y * (1 - 5e-7f),
                Fault.IgnoresNaN => float.IsNaN(x) ? w : y,
                Fault.FlushesDenormals => float.IsSubnormal(y) ? 0 : y,
                Fault.DependsOnThreads => Threads == 2 ? float.BitIncrement(y) : y,
                Fault.DependsOnPlannedThreads => PlannedThreads == 3 ? float.BitIncrement(y) : y,
                Fault.KeepsStateBetweenRuns => State > 2 ? float.BitIncrement(y) : y,
                _ => y,
            };
        }
    }
}
