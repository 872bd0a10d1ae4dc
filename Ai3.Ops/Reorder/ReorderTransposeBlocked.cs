using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>float32 between plain and channel blocks: squares of (channels of a block) x (pixels) transposed in registers.</summary>
/// <remarks>
/// The last square of a row of pixels is moved back to overlap the one before. Squares of a last block that is not full go through a
/// buffer; rows of fewer pixels than a square go element by element.
/// </remarks>
internal static unsafe class ReorderTransposeBlocked
{
    public static Algorithm<ReorderProblem> Row { get; } = new()
    {
        Name = "transpose_blocked",
        Source = "square transposes in registers",
        Needs = "f32, plain to or from channel blocks",
        Layouts = "plain to blocked, blocked to plain",
        Supports = Supports,
        Formats = static (p, _) => [p.Formats],
        CostHint = static r => 300 + r.Problem.Traffic / (2 * r.Target.BytesPerNanosecond),
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => r.Target.Isa switch
        {
            IsaLevel.Avx512 => new Kernel<Transpose16>(r.Problem),
            IsaLevel.Avx2 => new Kernel<Transpose8>(r.Problem),
            IsaLevel.V128 => new Kernel<Transpose4>(r.Problem),
            _ => new Kernel<TransposeScalar>(r.Problem),
        },
    };

    private static Applicability Supports(ReorderProblem p, Target target)
    {
        if (p.Type != DType.Float32)
            return Applicability.No($"element type is {p.Type.ShortName()}, needs f32");
        int axis = ReorderLayout.CommonAxis(p);
        if (axis < 0)
            return Applicability.No($"{p.From} to {p.To}, needs plain on one side and blocks on the other");
        ReorderLayout from = ReorderLayout.Of(p.Shape, p.From, axis), to = ReorderLayout.Of(p.Shape, p.To, axis);
        if (Math.Min(from.Block, to.Block) != 1 || Math.Max(from.Block, to.Block) != target.ChannelBlock)
            return Applicability.No($"{p.From} to {p.To}, needs plain on one side and blocks of {target.ChannelBlock} on the other");
        return Applicability.If((double)from.Outer * Math.Max(from.Blocks, to.Blocks) <= int.MaxValue, "more than 2^31 - 1 blocks");
    }

    private sealed class Kernel<T>(ReorderProblem p) : PreparedKernel where T : struct, ISquareTranspose
    {
        private readonly ReorderLayout _from = ReorderLayout.Of(p.Shape, p.From, ReorderLayout.CommonAxis(p));
        private readonly ReorderLayout _to = ReorderLayout.Of(p.Shape, p.To, ReorderLayout.CommonAxis(p));

        public override void Run(in KernelArgs args)
        {
            var body = new Body<T> { From = _from, To = _to, X = (float*)args.Inputs[0], Y = (float*)args.Outputs[0] };
            args.Workers.For((int)(_from.Outer * body.Blocks), ref body);
        }
    }

    private struct Body<T> : IParallelBody where T : struct, ISquareTranspose
    {
        public ReorderLayout From, To;
        public float* X, Y;

        public readonly int Blocks => (int)((From.Size + T.Side - 1) / T.Side);

        public readonly void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
            {
                nint first = (nint)(i % Blocks) * T.Side;
                float* x = X + i / Blocks * From.Stride, y = Y + i / Blocks * To.Stride;
                int channels = (int)nint.Min(T.Side, (nint)From.Size - first);
                if (From.Inner < T.Side)
                    ReorderGeneric.Channels(x, y, From, To, first, T.Side);
                else if (channels < T.Side && From.Block == 1)
                    Gather(x + first * From.Inner, y + first * From.Inner, From.Inner, channels);
                else if (channels < T.Side)
                    Scatter(x + first * From.Inner, y + first * From.Inner, From.Inner, channels);
                else if (From.Block == 1)
                    Pixels(x + first * From.Inner, From.Inner, 1, y + first * From.Inner, T.Side, T.Side, From.Inner);
                else
                    Pixels(x + first * From.Inner, T.Side, T.Side, y + first * From.Inner, To.Inner, 1, From.Inner);
            }
        }

        // Plain rows of fewer channels than a block: the missing ones are zeros.
        [SkipLocalsInit]
        private static void Gather(float* s, float* d, nint pixels, int channels)
        {
            float* square = stackalloc float[T.Side * T.Side];
            new Span<float>(square + channels * T.Side, (T.Side - channels) * T.Side).Clear();
            for (nint next = 0; next < pixels; next += T.Side)
            {
                nint p = nint.Min(next, pixels - T.Side);
                for (int c = 0; c < channels; c++)
                    new ReadOnlySpan<float>(s + c * pixels + p, T.Side).CopyTo(new Span<float>(square + c * T.Side, T.Side));
                T.Run(square, T.Side, d + p * T.Side, T.Side);
            }
        }

        // Blocks of fewer channels than lanes: the lanes beyond are dropped.
        [SkipLocalsInit]
        private static void Scatter(float* s, float* d, nint pixels, int channels)
        {
            float* square = stackalloc float[T.Side * T.Side];
            for (nint next = 0; next < pixels; next += T.Side)
            {
                nint p = nint.Min(next, pixels - T.Side);
                T.Run(s + p * T.Side, T.Side, square, T.Side);
                for (int c = 0; c < channels; c++)
                    new ReadOnlySpan<float>(square + c * T.Side, T.Side).CopyTo(new Span<float>(d + c * pixels + p, T.Side));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Pixels(float* s, nint sRow, nint sPixel, float* d, nint dRow, nint dPixel, nint pixels)
        {
            nint p = 0;
            for (; p + T.Side <= pixels; p += T.Side)
                T.Run(s + p * sPixel, sRow, d + p * dPixel, dRow);
            if (p < pixels)
                T.Run(s + (pixels - T.Side) * sPixel, sRow, d + (pixels - T.Side) * dPixel, dRow);
        }
    }
}
