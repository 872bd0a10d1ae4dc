using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>The three phases of a convolution by Fourier transforms over part of their range, for a part of the tiles.</summary>
/// <remarks>
/// <para>Two channel blocks a and b make one complex tile z = a + i b, so that a complex transform does both: 2 A(k) = Z(k) + conj Z(-k) and
/// 2 i B(k) = Z(k) - conj Z(-k). Neighbours in a group share all outputs anyway, so a value that is not finite reaches no more of them.</para>
/// <para>Spectra of inputs have three planes: imaginary, real, minus imaginary. The imaginary part of a product reads the first two against the
/// weights' [real, imaginary], the real part the last two: one matrix product of twice the channels each.</para>
/// </remarks>
internal unsafe struct FftPhases<S, V> where S : struct, ISimd<V> where V : unmanaged
{
    public ConvGeometry G;
    public FftTilePlan Plan;
    public TileKernels Kernels;
    public (int Point, int Mirror)[] Frequencies;
    public int Part;
    public float* X, U, Bias, Residual, Y, Inputs, Products, Scratch;

    private readonly int Count => Plan.FirstTile(Part + 1) - Plan.FirstTile(Part);

    private readonly float* ScratchOf(int worker, out float* work)
    {
        float* z = Scratch + worker * (nint)Plan.ScratchCount;
        work = z + (nint)Plan.High * Plan.TileRow;
        return z;
    }

    // The group and first block of pair `index` of all groups' blocks, and whether it has a second one.
    private static (int Group, int Block, bool Two) PairOf(int index, int blocks)
    {
        (int group, int pair) = Math.DivRem(index, (blocks + 1) / 2);
        return (group, 2 * pair, 2 * pair + 1 < blocks);
    }

    /// <summary>Iterations of <see cref="TransformInputs"/>.</summary>
    public readonly int InputUnits => Plan.Group * ((Plan.InBlocks + 1) / 2) * Count;

    /// <summary>Transforms the tiles of pairs of input blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void TransformInputs(int begin, int end, int worker)
    {
        float* z = ScratchOf(worker, out float* work);
        int block = Plan.Block, count = Count;
        nint plane = G.InPixels * block;
        for (int i = begin; i < end; i++)
        {
            (int index, int t) = Math.DivRem(i, count);
            (int group, int first, bool two) = PairOf(index, Plan.InBlocks);
            (int row, int column) = Math.DivRem(Plan.FirstTile(Part) + t, Plan.Columns);
            (int image, row) = Math.DivRem(row, Plan.Rows);
            int y = row * Plan.OutRows * G.H.Stride - G.H.Pad, x = column * Plan.OutColumns * G.W.Stride - G.W.Pad;
            float* source = X + ((nint)image * Plan.Group * Plan.InBlocks + group * Plan.InBlocks + first) * plane;
            float* target = Inputs + group * Plan.InputStep + ((nint)first * Plan.TilesOfPart + t) * block;
            for (int lane = 0; lane < block; lane += S.Lanes)
            {
                Fill(source + lane, two ? plane : 0, y, x, z, work);
                for (int c = 0; c < Plan.Wide; c++)
                    VectorFft.Run<S, V>(z + c * 2 * S.Lanes, Plan.TileRow, Plan.High, work);
                Separate(z, target + lane, two);
            }
        }
    }

    // A tile of inputs at (y, x), rows transformed: z = a + i b with b `second` floats after a (none if 0), zeros outside the image.
    private readonly void Fill(float* a, nint second, int y, int x, float* z, float* work)
    {
        int wide = Plan.Wide, block = Plan.Block;
        int left = Math.Clamp(-x, 0, wide), right = Math.Clamp(G.W.In - x, left, wide);
        for (int r = 0; r < Plan.High; r++, z += Plan.TileRow)
        {
            bool inside = y + r >= 0 && y + r < G.H.In;
            int begin = inside ? left : 0, end = inside ? right : 0;
            for (int c = 0; c < begin; c++)
                Store(z + c * 2 * S.Lanes, S.Zero, S.Zero);
            float* source = a + ((nint)(y + r) * G.W.In + x) * block;
            for (int c = begin; c < end; c++)
                Store(z + c * 2 * S.Lanes, S.Load(source + (nint)c * block), second != 0 ? S.Load(source + (nint)c * block + second) : S.Zero);
            for (int c = end; c < wide; c++)
                Store(z + c * 2 * S.Lanes, S.Zero, S.Zero);
            if (begin < end)
                VectorFft.Run<S, V>(z, 2 * S.Lanes, wide, work);
        }
    }

    private readonly void Separate(float* z, float* target, bool two)
    {
        nint step = Plan.Group * Plan.InputStep, plane = Plan.InputPlane, second = (nint)Plan.TilesOfPart * Plan.Block;
        foreach ((int point, int mirror) in Frequencies)
        {
            float* p = ElementOf(z, point), m = ElementOf(z, mirror);
            V re = S.Load(p), im = S.Load(p + S.Lanes), mirrorR = S.Load(m), mirrorI = S.Load(m + S.Lanes);
            S.Store(S.Sub(im, mirrorI), target);
            S.Store(S.Add(re, mirrorR), target + plane);
            S.Store(S.Sub(mirrorI, im), target + 2 * plane);
            if (two)
            {
                S.Store(S.Sub(mirrorR, re), target + second);
                S.Store(S.Add(im, mirrorI), target + second + plane);
                S.Store(S.Sub(re, mirrorR), target + second + 2 * plane);
            }
            target += step;
        }
    }

    /// <summary>Iterations of <see cref="Multiply"/>.</summary>
    public readonly int ProductUnits => Plan.Points * Plan.Group * Plan.ChannelTiles;

    /// <summary>Products at a frequency of a group's inputs with the weights of a tile of output channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Multiply(int begin, int end)
    {
        int block = Plan.Block, blocks = 2 * Plan.InBlocks;
        nint next = (nint)Plan.TilesOfPart * block;
        nint* offsets = stackalloc nint[FftTilePlan.BlocksAtOnce];
        var panels = new RowPanels(Count, Kernels.MaxRows);
        TileArgs a = default;
        a.ARow = a.CRow = a.Addend0Row = block;
        a.Offsets = offsets;
        a.KPerTap = block;
        a.CBlock = a.Addend0Block = Plan.Lanes == block ? next : Plan.Lanes;
        for (int i = 0; i < FftTilePlan.BlocksAtOnce; i++)
            offsets[i] = i * next;
        for (int i = begin; i < end; i++)
        {
            (int matrix, int tile) = Math.DivRem(i, Plan.ChannelTiles);
            int columns = Plan.ColumnsOf(tile), channel = tile * Plan.Width;
            float* u = U + 2 * (nint)Plan.Channels * ((nint)matrix * Plan.OutChannels + channel);
            float* c = Products + matrix * Plan.ProductStep + (nint)(channel / block) * next + channel % block;
            a.BStep = columns;
            for (int b = 0; b < blocks; b += FftTilePlan.BlocksAtOnce)
            {
                a.Taps = Math.Min(FftTilePlan.BlocksAtOnce, blocks - b);
                a.B = u + (nint)b * block * columns;
                // The imaginary plane of the product, then the real one.
                for (int plane = 0; plane < 2; plane++)
                    for (long panel = 0; panel < panels.Count; panel++)
                    {
                        nint start = (nint)panels.Start(panel) * block;
                        a.A = Inputs + matrix * Plan.InputStep + plane * Plan.InputPlane + b * next + start;
                        a.C = c + plane * Plan.ProductPlane + start;
                        a.Addend0 = b == 0 ? null : a.C;
                        Kernels.Get(panels.RowsOf(panel), columns, &a)(&a);
                    }
            }
        }
    }

    /// <summary>Iterations of <see cref="TransformOutputs"/>.</summary>
    public readonly int OutputUnits => Plan.Group * ((Plan.OutBlocks + 1) / 2) * Count;

    /// <summary>Transforms the products of pairs of output blocks back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void TransformOutputs(int begin, int end, int worker)
    {
        float* z = ScratchOf(worker, out float* work);
        int block = Plan.Block, count = Count;
        nint plane = G.OutPixels * block;
        for (int i = begin; i < end; i++)
        {
            (int index, int t) = Math.DivRem(i, count);
            (int group, int first, bool two) = PairOf(index, Plan.OutBlocks);
            (int row, int column) = Math.DivRem(Plan.FirstTile(Part) + t, Plan.Columns);
            (int image, row) = Math.DivRem(row, Plan.Rows);
            int y = row * Plan.OutRows, x = column * Plan.OutColumns;
            int rows = Math.Min(Plan.OutRows, G.H.Out - y), columns = Math.Min(Plan.OutColumns, G.W.Out - x);
            float* source = Products + group * Plan.ProductStep + ((nint)first * Plan.TilesOfPart + t) * block;
            nint at = ((nint)image * Plan.Group * Plan.OutBlocks + group * Plan.OutBlocks + first) * plane + ((nint)y * G.W.Out + x) * block;
            int channel = group * G.GroupOutChannels + first * block, last = (group + 1) * G.GroupOutChannels;
            for (int lane = 0; lane < block; lane += S.Lanes)
            {
                Combine(source + lane, z, two);
                for (int c = 0; c < Plan.Wide; c++)
                    VectorFft.Run<S, V>(z + c * 2 * S.Lanes, Plan.TileRow, Plan.High, work);
                for (int r = 0; r < rows; r++)
                    VectorFft.Run<S, V>(z + (nint)r * G.H.Stride * Plan.TileRow, 2 * S.Lanes, Plan.Wide, work);
                // Parts are exchanged: a is where imaginary ones are.
                Finish(z + S.Lanes, rows, columns, channel + lane, last, at + lane);
                if (two)
                    Finish(z, rows, columns, channel + block + lane, last, at + plane + lane);
            }
        }
    }

    // Z = A + i B at each frequency, conj A + i conj B at its mirror, real and imaginary parts exchanged for the inverse transform.
    private readonly void Combine(float* source, float* z, bool two)
    {
        nint step = Plan.Group * Plan.ProductStep, plane = Plan.ProductPlane, second = (nint)Plan.TilesOfPart * Plan.Block;
        foreach ((int point, int mirror) in Frequencies)
        {
            V ai = S.Load(source), ar = S.Load(source + plane), bi = S.Zero, br = S.Zero;
            if (two)
                (bi, br) = (S.Load(source + second), S.Load(source + second + plane));
            Store(ElementOf(z, mirror), S.Sub(br, ai), S.Add(ar, bi));
            Store(ElementOf(z, point), S.Add(ai, br), S.Sub(ar, bi));
            source += step;
        }
    }

    // Adds bias and residual, clamps, clears padding lanes, stores: one vector of channels from `channel` on, those from `last` on being padding.
    private readonly void Finish(float* z, int rows, int columns, int channel, int last, nint at)
    {
        int there = Math.Clamp(last - channel, 0, S.Lanes);
        V shift = S.Zero, low = S.Create(G.Low), high = S.Create(G.High), keep = S.Zero;
        if (there > 0)
        {
            keep = S.CreateInt(-1);
            if (there < S.Lanes)
            {
                float* mask = stackalloc float[S.Lanes];
                S.Store(keep, mask);
                keep = S.LoadPartial(mask, there);
            }
            if (Bias != null)
                shift = S.LoadPartial(Bias + channel, there);
        }
        for (int r = 0; r < rows; r++, at += (nint)G.W.Out * Plan.Block)
        {
            float* source = z + (nint)r * G.H.Stride * Plan.TileRow;
            for (int c = 0; c < columns; c++, source += 2 * S.Lanes * G.W.Stride)
            {
                V v = S.Add(S.Load(source), shift);
                if (Residual != null)
                    v = S.Add(v, S.Load(Residual + at + c * Plan.Block));
                S.Store(S.And(S.Min(high, S.Max(low, v)), keep), Y + at + c * Plan.Block);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float* ElementOf(float* z, int point) => z + (nint)(point / Plan.Wide) * Plan.TileRow + point % Plan.Wide * 2 * S.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* z, V re, V im)
    {
        S.Store(re, z);
        S.Store(im, z + S.Lanes);
    }
}
