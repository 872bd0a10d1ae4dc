using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// The sum of the definition over plain tensors, vectors along an output row: a tile is 4 output channels of a group times 2
/// vectors of columns, so that an input vector serves 4 channels. Columns whose taps all fall on the input go by vectors; the others,
/// at the ends of a row, one at a time over the taps they have. Weights are read in place, in storage order.
/// </summary>
/// <remarks>
/// x [n, C, iD, iH, iW], w [M, C/G, kD, kH, kW], y [n, M, oD, oH, oW]. Registers: 8 accumulators, 2 of x, 1 of w.
/// Columns of a strided convolution are gathered one element at a time into a buffer on the stack.
/// </remarks>
internal static unsafe class ConvDirect
{
    private const int ChannelTile = 4;

    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "direct",
        Source = "the definition, vectors along output rows",
        Supports = static (p, _) => ConvRows.Common(p),
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        CostHint = CostHint,
        Error = static (p, _) => ErrorBound.PerElement(ConvRows.Chain(p.Depth)),
        Bind = static (r, _) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(new ConvGeometry(r.Problem))),
    };

    private static double CostHint(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        double lanes = r.Target.Lanes, columns = p.W.Out;
        double filled = columns / (Math.Ceiling(columns / lanes) * lanes + 8 * Math.Min(columns, p.W.PadBegin + p.W.PadEnd));
        double shared = p.GroupOutChannels >= ChannelTile ? 1 : 0.5;
        return ConvRows.Cost(r, p.Flops, 0.13 * filled * shared * (p.W.Stride == 1 ? 1 : 0.45), 0);
    }

    private readonly struct Maker(ConvGeometry g) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(g);
    }

    private sealed class Kernel<S, V>(ConvGeometry g) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V>
            {
                G = g,
                X = (float*)args.Inputs[0],
                W = (float*)args.Inputs[1],
                Bias = (float*)args.Inputs[2],
                Residual = g.HasResidual ? (float*)args.Inputs[3] : null,
                Y = (float*)args.Outputs[0],
            };
            args.Workers.For(g.N * g.Group * body.TilesPerGroup * g.OutRows, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public ConvGeometry G;
        public float* X, W, Bias, Residual, Y;

        public readonly int TilesPerGroup => (G.GroupOutChannels + ChannelTile - 1) / ChannelTile;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
            {
                int row = i % G.OutRows, rest = i / G.OutRows;
                int tile = rest % TilesPerGroup;
                rest /= TilesPerGroup;
                int group = rest % G.Group, n = rest / G.Group;
                int first = tile * ChannelTile, count = Math.Min(ChannelTile, G.GroupOutChannels - first);
                var r = new OutputRow(this, n, group, row / G.H.Out, row % G.H.Out);
                if (count == ChannelTile)
                    Channels4(r, group * G.GroupOutChannels + first);
                else
                    for (int m = 0; m < count; m++)
                        Channel1(r, group * G.GroupOutChannels + first + m);
            }
        }

        // Where a row's input is and which taps of depth and height meet it.
        private readonly struct OutputRow
        {
            public readonly float* X;
            public readonly nint Y;
            public readonly int Kz0, Kz1, Ky0, Ky1;

            public OutputRow(in Body<S, V> b, int n, int group, int z, int y)
            {
                ConvGeometry g = b.G;
                g.D.Range(z, out Kz0, out Kz1);
                g.H.Range(y, out Ky0, out Ky1);
                X = b.X + ((nint)n * g.Channels + (nint)group * g.GroupChannels) * g.InPixels
                    + ((nint)g.D.Start(z) * g.H.In + g.H.Start(y)) * g.W.In;
                Y = (nint)n * g.OutChannels * g.OutPixels + ((nint)z * g.H.Out + y) * g.W.Out;
            }
        }

        private readonly void Channels4(in OutputRow r, int m)
        {
            G.W.Inner(out int first, out int end);
            for (int c = 0; c < 4; c++)
            {
                Columns(r, m + c, 0, first);
                Columns(r, m + c, end, G.W.Out);
            }
            int x = first;
            for (; x + 2 * S.Lanes <= end; x += 2 * S.Lanes)
                Tile4x2(r, m, x, S.Lanes);
            if (x + S.Lanes < end)
                Tile4x2(r, m, x, end - x - S.Lanes);
            else if (x < end)
                Tile4x1(r, m, x, end - x);
        }

        private readonly void Channel1(in OutputRow r, int m)
        {
            G.W.Inner(out int first, out int end);
            Columns(r, m, 0, first);
            Columns(r, m, end, G.W.Out);
            int x = first;
            for (; x + 2 * S.Lanes <= end; x += 2 * S.Lanes)
                Tile1x2(r, m, x, S.Lanes);
            if (x + S.Lanes < end)
                Tile1x2(r, m, x, end - x - S.Lanes);
            else if (x < end)
                Tile1x1(r, m, x, end - x);
        }

        // 4 channels, one whole vector and `last` lanes of a second.
        [SkipLocalsInit]
        private readonly void Tile4x2(in OutputRow r, int m, int x, int last)
        {
            ConvGeometry g = G;
            float* gathered = stackalloc float[S.Lanes];
            V a0 = Start(m), b0 = a0, a1 = Start(m + 1), b1 = a1, a2 = Start(m + 2), b2 = a2, a3 = Start(m + 3), b3 = a3;
            nint depth = g.GroupChannels * g.Taps;
            float* w = W + m * depth;
            for (int c = 0; c < g.GroupChannels; c++)
                for (int kz = r.Kz0; kz < r.Kz1; kz++)
                    for (int ky = r.Ky0; ky < r.Ky1; ky++)
                    {
                        float* p = r.X + c * g.InPixels + ((nint)kz * g.D.Dilation * g.H.In + ky * g.H.Dilation) * g.W.In + g.W.Start(x);
                        float* k = w + c * g.Taps + (kz * g.H.Kernel + ky) * g.W.Kernel;
                        for (int kx = 0; kx < g.W.Kernel; kx++, p += g.W.Dilation, k++)
                        {
                            V p0 = Load(p, S.Lanes, gathered), p1 = Load(p + S.Lanes * g.W.Stride, last, gathered), t;
                            t = S.Splat(k); a0 = S.MulAdd(t, p0, a0); b0 = S.MulAdd(t, p1, b0);
                            t = S.Splat(k + depth); a1 = S.MulAdd(t, p0, a1); b1 = S.MulAdd(t, p1, b1);
                            t = S.Splat(k + 2 * depth); a2 = S.MulAdd(t, p0, a2); b2 = S.MulAdd(t, p1, b2);
                            t = S.Splat(k + 3 * depth); a3 = S.MulAdd(t, p0, a3); b3 = S.MulAdd(t, p1, b3);
                        }
                    }
            nint at = r.Y + m * g.OutPixels + x;
            Finish(a0, at, S.Lanes); Finish(b0, at + S.Lanes, last); at += g.OutPixels;
            Finish(a1, at, S.Lanes); Finish(b1, at + S.Lanes, last); at += g.OutPixels;
            Finish(a2, at, S.Lanes); Finish(b2, at + S.Lanes, last); at += g.OutPixels;
            Finish(a3, at, S.Lanes); Finish(b3, at + S.Lanes, last);
        }

        [SkipLocalsInit]
        private readonly void Tile4x1(in OutputRow r, int m, int x, int last)
        {
            ConvGeometry g = G;
            float* gathered = stackalloc float[S.Lanes];
            V a0 = Start(m), a1 = Start(m + 1), a2 = Start(m + 2), a3 = Start(m + 3);
            nint depth = g.GroupChannels * g.Taps;
            float* w = W + m * depth;
            for (int c = 0; c < g.GroupChannels; c++)
                for (int kz = r.Kz0; kz < r.Kz1; kz++)
                    for (int ky = r.Ky0; ky < r.Ky1; ky++)
                    {
                        float* p = r.X + c * g.InPixels + ((nint)kz * g.D.Dilation * g.H.In + ky * g.H.Dilation) * g.W.In + g.W.Start(x);
                        float* k = w + c * g.Taps + (kz * g.H.Kernel + ky) * g.W.Kernel;
                        for (int kx = 0; kx < g.W.Kernel; kx++, p += g.W.Dilation, k++)
                        {
                            V p0 = Load(p, last, gathered);
                            a0 = S.MulAdd(S.Splat(k), p0, a0);
                            a1 = S.MulAdd(S.Splat(k + depth), p0, a1);
                            a2 = S.MulAdd(S.Splat(k + 2 * depth), p0, a2);
                            a3 = S.MulAdd(S.Splat(k + 3 * depth), p0, a3);
                        }
                    }
            nint at = r.Y + m * g.OutPixels + x;
            Finish(a0, at, last);
            Finish(a1, at + g.OutPixels, last);
            Finish(a2, at + 2 * g.OutPixels, last);
            Finish(a3, at + 3 * g.OutPixels, last);
        }

        [SkipLocalsInit]
        private readonly void Tile1x2(in OutputRow r, int m, int x, int last)
        {
            ConvGeometry g = G;
            float* gathered = stackalloc float[S.Lanes];
            V a = Start(m), b = a;
            float* w = W + m * (g.GroupChannels * g.Taps);
            for (int c = 0; c < g.GroupChannels; c++)
                for (int kz = r.Kz0; kz < r.Kz1; kz++)
                    for (int ky = r.Ky0; ky < r.Ky1; ky++)
                    {
                        float* p = r.X + c * g.InPixels + ((nint)kz * g.D.Dilation * g.H.In + ky * g.H.Dilation) * g.W.In + g.W.Start(x);
                        float* k = w + c * g.Taps + (kz * g.H.Kernel + ky) * g.W.Kernel;
                        for (int kx = 0; kx < g.W.Kernel; kx++, p += g.W.Dilation, k++)
                        {
                            V t = S.Splat(k);
                            a = S.MulAdd(t, Load(p, S.Lanes, gathered), a);
                            b = S.MulAdd(t, Load(p + S.Lanes * g.W.Stride, last, gathered), b);
                        }
                    }
            nint at = r.Y + m * g.OutPixels + x;
            Finish(a, at, S.Lanes);
            Finish(b, at + S.Lanes, last);
        }

        [SkipLocalsInit]
        private readonly void Tile1x1(in OutputRow r, int m, int x, int last)
        {
            ConvGeometry g = G;
            float* gathered = stackalloc float[S.Lanes];
            V a = Start(m);
            float* w = W + m * (g.GroupChannels * g.Taps);
            for (int c = 0; c < g.GroupChannels; c++)
                for (int kz = r.Kz0; kz < r.Kz1; kz++)
                    for (int ky = r.Ky0; ky < r.Ky1; ky++)
                    {
                        float* p = r.X + c * g.InPixels + ((nint)kz * g.D.Dilation * g.H.In + ky * g.H.Dilation) * g.W.In + g.W.Start(x);
                        float* k = w + c * g.Taps + (kz * g.H.Kernel + ky) * g.W.Kernel;
                        for (int kx = 0; kx < g.W.Kernel; kx++, p += g.W.Dilation, k++)
                            a = S.MulAdd(S.Splat(k), Load(p, last, gathered), a);
                    }
            Finish(a, r.Y + m * g.OutPixels + x, last);
        }

        // Single columns over the taps that meet the input.
        private readonly void Columns(in OutputRow r, int m, int x, int end)
        {
            ConvGeometry g = G;
            for (; x < end; x++)
            {
                g.W.Range(x, out int kx0, out int kx1);
                float sum = Bias == null ? 0 : Bias[m];
                for (int c = 0; c < g.GroupChannels; c++)
                    for (int kz = r.Kz0; kz < r.Kz1; kz++)
                        for (int ky = r.Ky0; ky < r.Ky1; ky++)
                        {
                            float* p = r.X + c * g.InPixels + ((nint)kz * g.D.Dilation * g.H.In + ky * g.H.Dilation) * g.W.In + g.W.Start(x);
                            float* k = W + (m * g.GroupChannels + c) * g.Taps + (kz * g.H.Kernel + ky) * g.W.Kernel;
                            for (int kx = kx0; kx < kx1; kx++)
                                sum = SimdScalar.MulAdd(k[kx], p[kx * g.W.Dilation], sum);
                        }
                nint at = r.Y + m * g.OutPixels + x;
                if (Residual != null)
                    sum += Residual[at];
                Y[at] = SimdScalar.Min(g.High, SimdScalar.Max(g.Low, sum));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly V Start(int m) => Bias == null ? S.Zero : S.Splat(Bias + m);

        // The first n lanes at the convolution's stride.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly V Load(float* p, int n, float* gathered)
        {
            if (G.W.Stride == 1)
                return n == S.Lanes ? S.Load(p) : S.LoadPartial(p, n);
            for (int i = 0; i < n; i++)
                gathered[i] = p[(nint)i * G.W.Stride];
            return S.LoadPartial(gathered, n);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Finish(V v, nint at, int n)
        {
            if (Residual != null)
                v = S.Add(v, n == S.Lanes ? S.Load(Residual + at) : S.LoadPartial(Residual + at, n));
            v = S.Min(S.Create(G.High), S.Max(S.Create(G.Low), v));
            if (n == S.Lanes)
                S.Store(v, Y + at);
            else
                S.StorePartial(v, Y + at, n);
        }
    }
}
