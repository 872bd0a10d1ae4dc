using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y[m, n] = sum over blocks of scale * (sum over k of a[m, k] (code - zero)): codes stay packed in memory and become float32 in registers,
/// for up to four rows of A at a time.
/// </summary>
/// <remarks>
/// A [M, K] is copied with zeros up to whole blocks. 4-bit codes are packed again so that byte j of 16 holds codes j and 16 + j of 32;
/// 8-bit codes are read as they are. Workspace: A [M, blocks*Block]. Registers: 4 totals, 4 sums, 2 weights, scale, zero, mask.
/// </remarks>
internal static unsafe class NBitsRows
{
    private const int Chunk = 32;

    public static Algorithm<NBitsProblem> Row { get; } = new()
    {
        Name = "rows",
        Source = "the definition, a vector of codes of one column at a time",
        Needs = "f32, constant B, 4 bits and blocks of 32 or more, or 8 bits",
        Workspace = "A with whole blocks",
        Supports = Supports,
        WorkspaceBytes = static r => ShapeMath.Product([sizeof(float), r.Problem.M, PaddedK(r.Problem)]),
        PackedBytes = static r => r.Problem.Bits == 4 ? ShapeMath.Multiply(r.Problem.N, r.Problem.ColumnBytes) : 0,
        PackKey = static r => r.Problem.Bits == 4 ? "nibbles32" : null,
        Pack = Pack,
        CostHint = static r => 300 + r.Problem.N * (double)r.Problem.K * (0.04 + 0.045 * r.Problem.M) * (16.0 / r.Target.Lanes) / r.Target.Threads,
        Error = static (p, _) => ErrorBound.PerElement(Math.Min(p.K, p.Block) + p.Blocks + 12),
        Bind = static (r, packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r.Problem, packed)),
    };

    private static Applicability Supports(NBitsProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.IsConstant(1), "B is no constant"))
            .And(Applicability.If(p.Bits == 8 || p.Bits == 4 && p.Block >= Chunk, $"{p.Bits} bits in blocks of {p.Block}, needs 8, or 4 in blocks of {Chunk} or more"))
            .And(Applicability.If(p.M > 0 && p.N > 0 && p.K > 0, "an operand is empty"));

    private static long PaddedK(NBitsProblem p) => ShapeMath.Multiply(p.Blocks, p.Block);

    private static PackedConstants Pack(Request<NBitsProblem> r, IReadOnlyList<Tensor?> constants)
    {
        long bytes = ShapeMath.Multiply(r.Problem.N, r.Problem.ColumnBytes);
        PackedConstants packed = PackedConstants.Allocate(bytes);
        byte* from = (byte*)constants[1]!.Address, to = (byte*)packed.Address;
        for (long chunk = 0; chunk < bytes; chunk += Chunk / 2, from += Chunk / 2, to += Chunk / 2)
            for (int j = 0; j < Chunk / 2; j++)
                to[j] = (byte)(Code(from, j) | Code(from, j + Chunk / 2) << 4);
        GC.KeepAlive(constants);
        return packed;
    }

    private static int Code(byte* codes, int i) => codes[i / 2] >> i % 2 * 4 & 15;

    private readonly struct Binder(NBitsProblem p, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged =>
            p.Bits == 8 ? new Kernel<S, V, True>(p, packed) : new Kernel<S, V, False>(p, packed);
    }

    private sealed class Kernel<S, V, Wide>(NBitsProblem p, PackedConstants? packed) : PreparedKernel
        where S : struct, ISimd<V> where V : unmanaged where Wide : struct, IFlag
    {
        private readonly RowPanels _units = ParallelUnits.Of(p.N);

        public override void Run(in KernelArgs args)
        {
            nint k = (nint)p.K, padded = (nint)PaddedK(p);
            var a = (float*)args.Workspace;
            for (nint m = 0; m < p.M; m++)
            {
                Buffer.MemoryCopy((float*)args.Inputs[0] + m * k, a + m * padded, k * sizeof(float), k * sizeof(float));
                for (nint i = k; i < padded; i++)
                    a[m * padded + i] = 0;
            }
            var body = new Body<S, V, Wide>
            {
                Problem = p,
                Units = _units,
                A = a,
                Codes = packed is null ? (byte*)args.Inputs[1] : (byte*)packed.Address,
                Columns = new NBitsColumns(p, args),
                Bias = p.HasBias ? (float*)args.Inputs[5] : null,
                Y = (float*)args.Outputs[0],
            };
            args.Workers.For((int)_units.Count, ref body);
        }
    }

    private struct Body<S, V, Wide> : IParallelBody where S : struct, ISimd<V> where V : unmanaged where Wide : struct, IFlag
    {
        public NBitsProblem Problem;
        public RowPanels Units;
        public float* A;
        public byte* Codes;
        public NBitsColumns Columns;
        public float* Bias, Y;

        public readonly void Run(int begin, int end, int worker)
        {
            nint rows = (nint)Problem.M, row = (nint)PaddedK(Problem), columns = (nint)Problem.N;
            for (nint n = (nint)Units.Start(begin); n < (nint)Units.Start(end); n++)
            {
                float* y = Y + n;
                float bias = Bias == null ? 0 : Bias[n];
                for (nint m = 0; m < rows; m += 4, y += 4 * columns)
                {
                    float* a = A + m * row;
                    if (rows - m == 1)
                    {
                        *y = One(n, a) + bias;
                        continue;
                    }
                    int last = (int)nint.Min(3, rows - m - 1);
                    // Missing rows read the last one again.
                    Four(n, a, a + row, a + Math.Min(2, last) * row, a + last * row, out float y0, out float y1, out float y2, out float y3);
                    y[0] = y0 + bias;
                    y[columns] = y1 + bias;
                    if (last >= 2)
                        y[2 * columns] = y2 + bias;
                    if (last >= 3)
                        y[3 * columns] = y3 + bias;
                }
            }
        }

        // The codes of 16 (or, of 8 bits, Lanes) elements less the zero point: those at k and those at k + 16.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Weights(byte* p, V zero, V mask, out V low, out V high)
        {
            V codes = S.LoadBytes(p);
            low = S.Sub(S.FromInt(S.And(codes, mask)), zero);
            high = Wide.Value ? S.Zero : S.Sub(S.FromInt(S.ShiftRightInt(codes, 4)), zero);
        }

        private readonly float One(nint n, float* a)
        {
            nint blocks = (nint)Problem.Blocks, blockBytes = (nint)(Problem.Block * Problem.Bits / 8);
            byte* p = Codes + n * (nint)Problem.ColumnBytes;
            V mask = S.CreateInt(Wide.Value ? 255 : 15), total = S.Zero;
            for (nint block = 0; block < blocks; block++)
            {
                V zero = S.Create(Columns.Zero(n, block)), sum = S.Zero, second = S.Zero;
                for (byte* end = p + blockBytes; p < end;)
                {
                    int codes = Wide.Value ? S.Lanes : Chunk / 2;
                    for (int j = 0; j < codes; j += S.Lanes)
                    {
                        Weights(p + j, zero, mask, out V low, out V high);
                        sum = S.MulAdd(S.Load(a + j), low, sum);
                        if (!Wide.Value)
                            second = S.MulAdd(S.Load(a + j + Chunk / 2), high, second);
                    }
                    p += codes;
                    a += Wide.Value ? S.Lanes : Chunk;
                }
                total = S.MulAdd(S.Add(sum, second), S.Create(Columns.Scale(n, block)), total);
            }
            return S.Sum(total);
        }

        private readonly void Four(nint n, float* a0, float* a1, float* a2, float* a3, out float y0, out float y1, out float y2, out float y3)
        {
            nint blocks = (nint)Problem.Blocks, blockBytes = (nint)(Problem.Block * Problem.Bits / 8), k = 0;
            byte* p = Codes + n * (nint)Problem.ColumnBytes;
            V mask = S.CreateInt(Wide.Value ? 255 : 15), t0 = S.Zero, t1 = S.Zero, t2 = S.Zero, t3 = S.Zero;
            for (nint block = 0; block < blocks; block++)
            {
                V zero = S.Create(Columns.Zero(n, block)), s0 = S.Zero, s1 = S.Zero, s2 = S.Zero, s3 = S.Zero;
                for (byte* end = p + blockBytes; p < end;)
                {
                    int codes = Wide.Value ? S.Lanes : Chunk / 2;
                    for (int j = 0; j < codes; j += S.Lanes)
                    {
                        Weights(p + j, zero, mask, out V low, out V high);
                        s0 = S.MulAdd(S.Load(a0 + k + j), low, s0);
                        s1 = S.MulAdd(S.Load(a1 + k + j), low, s1);
                        s2 = S.MulAdd(S.Load(a2 + k + j), low, s2);
                        s3 = S.MulAdd(S.Load(a3 + k + j), low, s3);
                        if (Wide.Value)
                            continue;
                        nint h = k + j + Chunk / 2;
                        s0 = S.MulAdd(S.Load(a0 + h), high, s0);
                        s1 = S.MulAdd(S.Load(a1 + h), high, s1);
                        s2 = S.MulAdd(S.Load(a2 + h), high, s2);
                        s3 = S.MulAdd(S.Load(a3 + h), high, s3);
                    }
                    p += codes;
                    k += Wide.Value ? S.Lanes : Chunk;
                }
                V scale = S.Create(Columns.Scale(n, block));
                t0 = S.MulAdd(s0, scale, t0);
                t1 = S.MulAdd(s1, scale, t1);
                t2 = S.MulAdd(s2, scale, t2);
                t3 = S.MulAdd(s3, scale, t3);
            }
            (y0, y1, y2, y3) = (S.Sum(t0), S.Sum(t1), S.Sum(t2), S.Sum(t3));
        }
    }
}
