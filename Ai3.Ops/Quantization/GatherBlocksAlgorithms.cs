using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to gather rows of codes.</summary>
internal static unsafe class GatherBlocksAlgorithms
{
    public static readonly ImmutableArray<Algorithm<GatherBlocksProblem>> All =
    [
        new()
        {
            Name = "rows",
            Source = "one product for each element, exact before it is rounded",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + 4.0 * r.Problem.Outputs[0].Shape.Count / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Ulp(1),
            Bind = static (r, _) => ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Operands[2].Type, new Binder(r.Problem)),
        },
        ReferenceAlgorithm.Of<GatherBlocksProblem>(Evaluate),
    ];

    internal static OracleResult Evaluate(GatherBlocksProblem p, IReadOnlyList<double[]?> inputs)
    {
        long[] table = [.. p.Table], output = [.. p.Outputs[0].Shape];
        int rank = table.Length, spread = p.Operands[1].Shape.Rank;
        double[] values = new double[ShapeMath.Product(output)];
        var at = new long[output.Length];
        for (long i = 0; i < values.Length; i++)
        {
            long rest = i, index = 0, code = 0, scale = 0, zeroByte = 0;
            for (int a = at.Length - 1; a >= 0; rest /= output[a--])
                at[a] = rest % output[a];
            for (int a = 0; a < spread; a++)
                index = index * p.Operands[1].Shape[a] + at[p.GatherAxis + a];
            for (int a = 0; a < rank; a++)
            {
                long position = a < p.GatherAxis ? at[a] : a > p.GatherAxis ? at[a + spread - 1] : (long)inputs[1]![index];
                if (position < -table[a] || position >= table[a])
                    throw new OpException($"index {position} is outside [{-table[a]}, {table[a] - 1}]");
                position = position < 0 ? position + table[a] : position;
                long of = a == p.QuantizeAxis ? position / p.Block : position;
                code = code * table[a] + position;
                scale = scale * p.Operands[2].Shape[a] + of;
                zeroByte = p.Operands[3].IsAbsent ? 0 : zeroByte * p.Operands[3].Shape[a] + (a == rank - 1 && p.IsPacked ? of / 2 : of);
            }
            double value = p.IsPacked ? Nibble(inputs[0]![code / 2], code) : inputs[0]![code];
            double zero = inputs[3] is not { } zeros ? p.DefaultZero : p.IsPacked ? Nibble(zeros[zeroByte], scale % p.Operands[2].Shape[^1]) : zeros[zeroByte];
            values[i] = (value - zero) * inputs[2]![scale];
        }
        return OracleResult.Of(values);
    }

    private static double Nibble(double pair, long index) => index % 2 == 0 ? pair % 16 : Math.Floor(pair / 16);

    private readonly struct Binder(GatherBlocksProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(GatherBlocksProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly Body<E> _body = new()
        {
            Indices = p.Operands[1].Shape.Count,
            Rows = p.Table[p.GatherAxis],
            Inner = p.Table.CountOf((p.GatherAxis + 1)..),
            After = p.Table.CountOf((p.QuantizeAxis + 1)..),
            Along = p.Table[p.QuantizeAxis],
            Blocks = p.Operands[2].Shape[p.QuantizeAxis],
            Block = p.Block,
            Codes = p.Bits == 8 ? CodeKind.Byte : p.Operands[0].Type == DType.Int4 ? CodeKind.Signed : CodeKind.Unsigned,
            // Codes that share bytes start a row of zero points at a byte of its own; types of four bits do not.
            ZeroRow = p.IsPacked ? p.Operands[2].Shape[^1] : long.MaxValue,
            DefaultZero = p.DefaultZero,
        };

        private readonly long _outer = p.Table.CountOf(..p.GatherAxis);

        public override void Run(in KernelArgs args)
        {
            IndexReader indices = IndexReader.Of(args.Inputs[1], p.Operands[1].Type);
            indices.RequireInRange(_body.Indices, _body.Rows);
            Body<E> body = _body;
            body.Data = (byte*)args.Inputs[0];
            body.Reader = indices;
            body.Scales = (void*)args.Inputs[2];
            body.Zeros = (byte*)args.Inputs[3];
            body.Y = (void*)args.Outputs[0];
            body.Split = new RowSplit(_body.Inner == 0 ? 0 : _outer * _body.Indices);
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private enum CodeKind
    {
        Byte,
        Unsigned,
        Signed,
    }

    // One item a row of inner elements.
    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public byte* Data, Zeros;
        public void* Scales, Y;
        public IndexReader Reader;
        public long Indices, Rows, Inner, After, Along, Blocks, Block, ZeroRow;
        public CodeKind Codes;
        public int DefaultZero;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                long first = (row / Indices * Rows + Reader.At(row % Indices, Rows)) * Inner;
                for (long j = 0; j < Inner; j++)
                {
                    long at = first + j, before = at / After;
                    long scale = (before / Along * Blocks + before % Along / Block) * After + at % After;
                    int zero = Zeros == null ? DefaultZero : ZeroRow == long.MaxValue ? Code(Zeros, scale) : Code(Zeros + (nint)(scale / ZeroRow * ((ZeroRow + 1) / 2)), scale % ZeroRow);
                    E.Store(Y, (nint)(row * Inner + j), (Code(Data, at) - zero) * E.Load(Scales, (nint)scale));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly int Code(byte* codes, long i)
        {
            if (Codes == CodeKind.Byte)
                return codes[i];
            int code = codes[i / 2] >> (int)(i % 2) * 4 & 15;
            return Codes == CodeKind.Signed ? (code ^ 8) - 8 : code;
        }
    }
}
