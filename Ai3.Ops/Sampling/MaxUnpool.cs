using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The ways to compute MaxUnpool: moves elements, so the reference is exact.</summary>
internal static unsafe class MaxUnpool
{
    public static readonly ImmutableArray<Algorithm<MaxUnpoolProblem>> Rows =
    [
        new()
        {
            Name = "scatter",
            Source = "stores in the order of the input",
            Supports = static (p, _) => Applicability.If(p.Type.IsFloat(), $"element type is {p.Type.ShortName()}, needs a float type"),
            CostHint = static r => 100 + r.Problem.Out.Count * 0.3 + r.Problem.In.Count * 2,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        new()
        {
            Name = "reference",
            Source = "looks up the coordinates of every index",
            IsReference = true,
            Workspace = "managed memory",
            Supports = static (p, _) => Applicability.If(p.Type.IsFloat(), $"element type is {p.Type.ShortName()}, needs a float type"),
            CostHint = static r => 1e6 + 100.0 * r.Problem.Out.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Reference(r.Problem),
        },
    ];

    private static long Checked(MaxUnpoolProblem p, long index, long places) =>
        index >= 0 && index < places ? index : throw new OpException($"index {index} is outside the {places} places of {p.Grid}");

    private sealed class Kernel(MaxUnpoolProblem p) : PreparedKernel
    {
        private readonly long[] _grid = p.Grid.ToArray();
        private readonly long[] _strides = ShapeMath.RowMajorStrides(p.Out.AsSpan());
        private readonly long _places = p.Grid.Count;
        private readonly long _count = p.In.Count;
        private readonly int _size = p.Type.ByteSize();
        private readonly long _outBytes = p.Out.Count * p.Type.ByteSize();
        private readonly bool _same = p.Grid == p.Out;

        public override void Run(in KernelArgs args)
        {
            var indices = (long*)args.Inputs[1];
            byte* x = (byte*)args.Inputs[0], y = (byte*)args.Outputs[0];
            for (nint i = 0; i < _count; i++)
                Checked(p, indices[i], _places);
            System.Runtime.InteropServices.NativeMemory.Clear(y, (nuint)_outBytes);
            for (nint i = 0; i < _count; i++)
            {
                nint to = (nint)(_same ? indices[i] : Place(indices[i]));
                switch (_size)
                {
                    case 2: ((ushort*)y)[to] = ((ushort*)x)[i]; break;
                    case 4: ((uint*)y)[to] = ((uint*)x)[i]; break;
                    default: ((ulong*)y)[to] = ((ulong*)x)[i]; break;
                }
            }
        }

        private long Place(long index)
        {
            long place = 0;
            for (int i = _grid.Length - 1; i >= 0; i--)
            {
                place += index % _grid[i] * _strides[i];
                index /= _grid[i];
            }
            return place;
        }
    }

    private sealed class Reference(MaxUnpoolProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            int size = p.Type.ByteSize();
            var result = new byte[p.Out.Count * size];
            for (long i = 0; i < p.In.Count; i++)
            {
                long rest = Checked(p, ((long*)args.Inputs[1])[i], p.Grid.Count), place = 0, scale = 1;
                for (int a = p.Grid.Rank - 1; a >= 0; a--)
                {
                    place += rest % p.Grid[a] * scale;
                    rest /= p.Grid[a];
                    scale *= p.Out[a];
                }
                new ReadOnlySpan<byte>((byte*)args.Inputs[0] + i * size, size).CopyTo(result.AsSpan((int)(place * size)));
            }
            result.CopyTo(new Span<byte>((void*)args.Outputs[0], result.Length));
        }
    }
}
