using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// float32 to 8-bit integers, y = saturate(round(x / scale) + zero), and back, y = (x - zero) * scale. Rounding is to nearest even;
/// NaN gives the lowest value.
/// </summary>
/// <remarks>x and y are walked in memory order, in ranges of elements that threads share; see <see cref="ScaleLayout"/> for the scales.</remarks>
internal static unsafe class QuantizeSimd
{
    private const int Grain = 16384;

    public static Applicability Supports(QuantizeProblem p, Target target)
    {
        DType quantized = p.Dequantize ? p.Input.Type : p.OutputType, real = p.Dequantize ? p.OutputType : p.Input.Type;
        return Applicability.If(quantized is DType.UInt8 or DType.Int8, $"quantised type is {quantized.ShortName()}, needs u8 or i8")
            .And(Applicability.If(real == DType.Float32 && p.Scale.Type == DType.Float32, $"x or scale is {real.ShortName()} or {p.Scale.Type.ShortName()}, needs f32"))
            .And(Applicability.If(p.Precision == DType.Float32, $"precision is {p.Precision.ShortName()}, needs f32"));
    }

    public static PreparedKernel Bind(Request<QuantizeProblem> r, PackedConstants? packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r.Problem));

    private readonly struct Binder(QuantizeProblem p) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(p);
    }

    private sealed class Kernel<S, V>(QuantizeProblem p) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ScaleLayout _layout = new(p);
        private readonly long _count = p.Input.Shape.Count;
        private readonly long _grain = Math.Max(Grain, p.Input.Shape.Count / 1_000_000);
        private readonly bool _signed = (p.Dequantize ? p.Input.Type : p.OutputType) == DType.Int8;

        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V>
            {
                Layout = _layout,
                Dequantize = p.Dequantize,
                Signed = _signed,
                Count = _count,
                Grain = _grain,
                X = (byte*)args.Inputs[0],
                Scale = (float*)args.Inputs[1],
                Zero = (byte*)args.Inputs[2],
                Y = (byte*)args.Outputs[0],
            };
            args.Workers.For((int)ShapeMath.CeilDiv(_count, _grain), ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public ScaleLayout Layout;
        public bool Dequantize, Signed;
        public long Count, Grain;
        public byte* X;
        public float* Scale;
        public byte* Zero;
        public byte* Y;

        public readonly void Run(int begin, int end, int worker)
        {
            long last = Math.Min(end * Grain, Count);
            for (long at = begin * Grain; at < last;)
            {
                (long scale, int step, long count) = Layout.Run(at, last);
                float* scales = Scale + scale;
                byte* zeros = Zero == null ? null : Zero + scale;
                if (Dequantize && Signed)
                    ToReal<True>(X + at, (float*)Y + at, scales, zeros, step, (nint)count);
                else if (Dequantize)
                    ToReal<False>(X + at, (float*)Y + at, scales, zeros, step, (nint)count);
                else if (Signed)
                    ToInteger<True>((float*)X + at, Y + at, scales, zeros, step, (nint)count);
                else
                    ToInteger<False>((float*)X + at, Y + at, scales, zeros, step, (nint)count);
                at += count;
            }
        }

        private static void ToReal<Sign>(byte* x, float* y, float* scales, byte* zeros, int step, nint count) where Sign : struct, IFlag
        {
            V scale = S.Splat(scales), zero = S.CreateInt(zeros == null ? 0 : One<Sign>(zeros));
            nint i = 0;
            for (; i + S.Lanes <= count; i += S.Lanes)
            {
                if (step != 0)
                {
                    scale = S.Load(scales + i);
                    zero = zeros == null ? zero : Bytes<Sign>(zeros + i);
                }
                S.Store(S.Mul(S.FromInt(S.SubInt(Bytes<Sign>(x + i), zero)), scale), y + i);
            }
            for (; i < count; i++)
                y[i] = (One<Sign>(x + i) - (zeros == null ? 0 : One<Sign>(zeros + i * step))) * scales[i * step];
        }

        private static void ToInteger<Sign>(float* x, byte* y, float* scales, byte* zeros, int step, nint count) where Sign : struct, IFlag
        {
            int low = Sign.Value ? sbyte.MinValue : 0;
            V scale = S.Splat(scales), zero = S.CreateInt(zeros == null ? 0 : One<Sign>(zeros));
            V lowest = S.Create(low), range = S.Create(255);
            nint i = 0;
            for (; i + S.Lanes <= count; i += S.Lanes)
            {
                if (step != 0)
                {
                    scale = S.Load(scales + i);
                    zero = zeros == null ? zero : Bytes<Sign>(zeros + i);
                }
                // Whole bounds: clamping before rounding is clamping after it.
                V bound = S.Sub(lowest, S.FromInt(zero));
                V clamped = S.Min(S.Max(S.Div(S.Load(x + i), scale), bound), S.Add(bound, range));
                S.StoreBytes(S.AddInt(S.ToInt(clamped), zero), y + i);
            }
            for (; i < count; i++)
            {
                int z = zeros == null ? 0 : One<Sign>(zeros + i * step);
                float quotient = x[i] / scales[i * step], bound = low - z;
                quotient = quotient > bound ? quotient : bound;
                y[i] = (byte)((int)MathF.Round(Math.Min(quotient, bound + 255)) + z);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Bytes<Sign>(byte* p) where Sign : struct, IFlag => Sign.Value ? S.LoadSignedBytes(p) : S.LoadBytes(p);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static int One<Sign>(byte* p) where Sign : struct, IFlag => Sign.Value ? *(sbyte*)p : *p;
    }
}
