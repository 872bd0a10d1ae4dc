using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Converts in storage order, which both operands share. A type without arithmetic goes through its carrier type, in pieces
/// that stay in L1: decode, convert, encode.
/// </summary>
internal sealed unsafe class CastKernel : PreparedKernel
{
    // A multiple of the elements in a byte of any packed type.
    private const int Piece = 512;

    private const int Grain = 16384;

    private readonly CastProblem _problem;
    private readonly long _count;
    private readonly DType _from, _to;
    private readonly delegate*<void*, void*, nint, void> _convert;

    private CastKernel(CastProblem problem, Format format)
    {
        _problem = problem;
        _count = format.StorageCount(problem.Output.Shape);
        _from = ElementCodecs.Carrier(problem.Input.Type);
        _to = ElementCodecs.Carrier(problem.Output.Type);
        _convert = Conversions.Of(_from, _to);
    }

    public static Applicability Supports(CastProblem p, Target target)
    {
        if (Conversions.Of(ElementCodecs.Carrier(p.Input.Type), DType.Float32) == null)
            return Applicability.No($"{p.Input.Type.ShortName()} cannot be converted");
        return Applicability.If(Conversions.Of(DType.Float32, ElementCodecs.Carrier(p.Output.Type)) != null, $"{p.Output.Type.ShortName()} cannot be converted to");
    }

    public static CastKernel Bind(Request<CastProblem> request, PackedConstants? packed) => new(request.Problem, request.Formats.Output(0));

    public override void Run(in KernelArgs args)
    {
        var body = new Body { Kernel = this, Input = (byte*)args.Inputs[0], Output = (byte*)args.Outputs[0] };
        long grain = GrainOf(_count);
        args.Workers.For((int)ShapeMath.CeilDiv(_count, grain), ref body);
    }

    private static long GrainOf(long count) => Math.Max(Grain, ShapeMath.RoundUp(count / 1_000_000, Piece));

    private struct Body : IParallelBody
    {
        public CastKernel Kernel;
        public byte* Input;
        public byte* Output;

        public readonly void Run(int begin, int end, int worker)
        {
            long grain = GrainOf(Kernel._count);
            Kernel.Range(Input, Output, begin * grain, Math.Min(end * grain, Kernel._count));
        }
    }

    [SkipLocalsInit]
    private void Range(byte* input, byte* output, long begin, long end)
    {
        byte* decoded = stackalloc byte[Piece * sizeof(long)];
        byte* converted = stackalloc byte[Piece * sizeof(long)];
        DType from = _problem.Input.Type, to = _problem.Output.Type;
        bool direct = from == _from && to == _to;
        for (long position = begin; position < end;)
        {
            nint n = (nint)(direct ? end - position : Math.Min(Piece, end - position));
            void* x = input + from.ByteCount(position);
            byte* y = output + to.ByteCount(position);
            if (from == to)
            {
                // Every code, those of several NaNs included.
                Buffer.MemoryCopy(x, y, to.ByteCount(n), from.ByteCount(n));
                position += n;
                continue;
            }
            if (from != _from)
            {
                ElementCodecs.Decode(from, (byte*)x, decoded, n);
                x = decoded;
            }
            if (to == _to)
                _convert(x, y, n);
            else
            {
                _convert(x, converted, n);
                ElementCodecs.Encode(_problem, converted, y, n);
            }
            position += n;
        }
    }
}
