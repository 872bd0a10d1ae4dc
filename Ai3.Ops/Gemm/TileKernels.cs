namespace Ai3.Ops;

/// <summary>The tile micro-kernels of one instruction set: a function for each number of rows and columns.</summary>
internal sealed unsafe class TileKernels
{
    private static readonly TileKernels?[] s_byLevel = new TileKernels?[(int)IsaLevel.Avx512 + 1];

    private readonly delegate*<TileArgs*, void>[] _table;

    private TileKernels(int lanes, int maxRows, delegate*<TileArgs*, void>[] table)
    {
        Lanes = lanes;
        MaxRows = maxRows;
        _table = table;
    }

    /// <summary>float32 lanes of a column vector.</summary>
    public int Lanes { get; }

    /// <summary>Columns of a whole tile, and the width of a B panel: two vectors.</summary>
    public int Width => 2 * Lanes;

    /// <summary>The most rows whose accumulators fit in registers: 14 of 32 registers, 6 of 16.</summary>
    public int MaxRows { get; }

    /// <summary>The kernels of a level.</summary>
    public static TileKernels For(IsaLevel level) =>
        Volatile.Read(ref s_byLevel[(int)level]) ?? (s_byLevel[(int)level] = Isa.Select<Factory, TileKernels>(level, default));

    /// <summary>The kernel for a tile.</summary>
    /// <param name="rows">Rows, 1 to <see cref="MaxRows"/>.</param>
    /// <param name="vectors">Column vectors, 1 or 2.</param>
    /// <param name="masked">True if the last vector has <see cref="TileArgs.LastColumns"/> valid lanes only.</param>
    public delegate*<TileArgs*, void> Get(int rows, int vectors, bool masked) => _table[(rows - 1) * 4 + (vectors - 1) * 2 + (masked ? 1 : 0)];

    /// <summary>The kernel for a tile of a number of columns, 1 to <see cref="Width"/>; sets <see cref="TileArgs.LastColumns"/>.</summary>
    public delegate*<TileArgs*, void> Get(int rows, int columns, TileArgs* args)
    {
        int vectors = columns > Lanes ? 2 : 1;
        args->LastColumns = columns - (vectors - 1) * Lanes;
        return Get(rows, vectors, args->LastColumns != Lanes);
    }

    private readonly struct Factory : IIsaFunc<TileKernels>
    {
        public TileKernels Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            int maxRows = S.Registers >= 32 ? 14 : 6;
            var table = new delegate*<TileArgs*, void>[4 * maxRows];
            Fill<S, V, Rows1>(table);
            Fill<S, V, Rows2>(table);
            Fill<S, V, Rows3>(table);
            Fill<S, V, Rows4>(table);
            Fill<S, V, Rows5>(table);
            Fill<S, V, Rows6>(table);
            if (S.Registers >= 32)
            {
                Fill<S, V, Rows7>(table);
                Fill<S, V, Rows8>(table);
                Fill<S, V, Rows9>(table);
                Fill<S, V, Rows10>(table);
                Fill<S, V, Rows11>(table);
                Fill<S, V, Rows12>(table);
                Fill<S, V, Rows13>(table);
                Fill<S, V, Rows14>(table);
            }
            return new TileKernels(S.Lanes, maxRows, table);
        }

        private static void Fill<S, V, R>(delegate*<TileArgs*, void>[] table)
            where S : struct, ISimd<V> where V : unmanaged where R : struct, ITileRows
        {
            int at = 4 * (R.Count - 1);
            table[at] = &Tile.Run<S, V, R, OneVector>;
            table[at + 1] = &Tile.Run<S, V, R, OneVectorMasked>;
            table[at + 2] = &Tile.Run<S, V, R, TwoVectors>;
            table[at + 3] = &Tile.Run<S, V, R, TwoVectorsMasked>;
        }
    }
}
