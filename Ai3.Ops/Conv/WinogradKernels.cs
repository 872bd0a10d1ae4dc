using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>Transforms the kernels of tiles of output channels, some input channels at a time: each point's share is written in one piece.</summary>
internal readonly unsafe struct WinogradKernels(WinogradPlan plan, WinogradMatrices matrices, ConvProblem p, float* w, float* packed) : IParallelBody
{
    private const int ChannelsAtOnce = 8;

    private readonly WinogradPlan _plan = plan;
    private readonly WinogradMatrices _matrices = matrices;
    private readonly float* _w = w;
    private readonly float* _packed = packed;
    private readonly int _channels = (int)p.InChannels;
    private readonly int _outChannels = (int)p.OutChannels;

    public int Units => _plan.ChannelTiles;

    public void Run(int begin, int end, int worker)
    {
        float* some = stackalloc float[_plan.Points * ChannelsAtOnce * _plan.Width];
        for (int tile = begin; tile < end; tile++)
            for (int c = 0; c < _plan.Channels; c += ChannelsAtOnce)
                Transform(tile, c, Math.Min(ChannelsAtOnce, _plan.Channels - c), some);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform(int tile, int first, int count, float* some)
    {
        int points = _plan.Points, columns = _plan.ColumnsOf(tile), length = count * columns;
        double* u = stackalloc double[points];
        for (int column = 0; column < columns; column++)
            for (int i = 0; i < count; i++)
            {
                int m = tile * _plan.Width + column, c = first + i;
                if (m < _outChannels && c < _channels)
                    _matrices.Kernel(_w + ((nint)m * _channels + c) * WinogradMatrices.Taps * WinogradMatrices.Taps, u);
                else
                    new Span<double>(u, points).Clear();
                for (int point = 0; point < points; point++)
                    some[point * length + i * columns + column] = (float)u[point];
            }
        float* target = _packed + (nint)tile * _plan.Width * _plan.Channels + (nint)first * columns;
        for (int point = 0; point < points; point++, target += (nint)_plan.Channels * _plan.OutChannels)
            Buffer.MemoryCopy(some + point * length, target, length * sizeof(float), length * sizeof(float));
    }
}
