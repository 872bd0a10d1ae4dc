using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A strided copy channel by channel, for any whole-byte element type and any two layouts that cut the same axis.</summary>
internal static unsafe class ReorderGeneric
{
    public static Algorithm<ReorderProblem> Row { get; } = new()
    {
        Name = "reorder",
        Source = "strided copy",
        Needs = "layouts that cut the same axis",
        Layouts = "any to any",
        Supports = Supports,
        Formats = static (p, _) => [p.Formats],
        CostHint = static r => 300 + Elements(r.Problem) * (r.Problem.From == r.Problem.To ? 0.3 : 1.2),
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => r.Problem.Type.ByteSize() switch
        {
            1 => new Kernel<byte>(r.Problem),
            2 => new Kernel<ushort>(r.Problem),
            4 => new Kernel<uint>(r.Problem),
            8 => new Kernel<ulong>(r.Problem),
            _ => new Kernel<UInt128>(r.Problem),
        },
    };

    private static Applicability Supports(ReorderProblem p, Target target)
    {
        if (p.Type.ByteSize() == 0)
            return Applicability.No($"element type is {p.Type.ShortName()}, needs whole bytes");
        int axis = ReorderLayout.CommonAxis(p);
        if (axis == -2)
            return Applicability.No($"{p.From} and {p.To} cut different axes, needs the same");
        return Applicability.If(Units(ReorderLayout.Of(p.Shape, p.From, axis), ReorderLayout.Of(p.Shape, p.To, axis)) <= int.MaxValue, "more than 2^31 - 1 blocks");
    }

    private static double Elements(ReorderProblem p) => p.To.StorageCount(p.Shape);

    // Channels that one iteration copies: whole blocks of the output, so that padding lanes are written, and no less than one of the input.
    private static nint UnitSize(in ReorderLayout from, in ReorderLayout to) => (nint)ShapeMath.RoundUp(Math.Max(from.Block, to.Block), to.Block);

    private static double Units(in ReorderLayout from, in ReorderLayout to) => (double)to.Outer * Math.Ceiling((double)to.Size / UnitSize(from, to));

    private sealed class Kernel<T>(ReorderProblem p) : PreparedKernel where T : unmanaged
    {
        private readonly ReorderLayout _from = ReorderLayout.Of(p.Shape, p.From, ReorderLayout.CommonAxis(p));
        private readonly ReorderLayout _to = ReorderLayout.Of(p.Shape, p.To, ReorderLayout.CommonAxis(p));

        public override void Run(in KernelArgs args)
        {
            var body = new Body<T> { From = _from, To = _to, X = (T*)args.Inputs[0], Y = (T*)args.Outputs[0] };
            args.Workers.For((int)Units(_from, _to), ref body);
        }
    }

    private struct Body<T> : IParallelBody where T : unmanaged
    {
        public ReorderLayout From, To;
        public T* X, Y;

        public readonly void Run(int begin, int end, int worker)
        {
            nint unit = UnitSize(From, To), units = (To.Size + unit - 1) / unit;
            for (nint i = begin; i < end; i++)
                Channels(X + i / units * From.Stride, Y + i / units * To.Stride, From, To, i % units * unit, unit);
        }
    }

    /// <summary>Copies <paramref name="count"/> elements of the cut axis from <paramref name="first"/> on; those past the end are zeros.</summary>
    public static void Channels<T>(T* x, T* y, in ReorderLayout from, in ReorderLayout to, nint first, nint count) where T : unmanaged
    {
        nint end = Math.Min(first + count, to.Blocks * to.Block);
        for (nint c = first; c < end; c++)
        {
            T* d = y + to.Place(c);
            nint step = to.Block;
            if (c >= to.Size)
                for (nint i = 0; i < to.Inner; i++, d += step)
                    *d = default;
            else if (from.Block == 1 && step == 1)
                Buffer.MemoryCopy(x + from.Place(c), d, to.Inner * sizeof(T), to.Inner * sizeof(T));
            else
            {
                T* s = x + from.Place(c);
                for (nint i = 0; i < to.Inner; i++, d += step, s += from.Block)
                    *d = *s;
            }
        }
    }
}
