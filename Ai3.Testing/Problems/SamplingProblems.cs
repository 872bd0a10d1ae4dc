using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>Problems of the operators that read or write at computed places.</summary>
internal static class SamplingProblems
{
    public static IProblemGenerator[] All { get; } =
        [new GridSampleProblems(), new AffineGridProblems(), new RoiAlignProblems(), new MaxRoiPoolProblems(), new MaxUnpoolProblems(), new Col2ImProblems(), new DeformConvProblems()];

    /// <summary>A window over an axis, with the output that it has.</summary>
    public static WindowAxis Window(TestRandom random, int size)
    {
        long input = random.Dim(size), kernel = random.Between(1, 3), stride = random.Between(1, 3), dilation = random.Between(1, 2), extent = (kernel - 1) * dilation + 1;
        long begin = random.Between(0, 2), end = random.Between(0, 2);
        return Sized(new WindowAxis(Math.Max(input, extent), 0, kernel, stride, begin, end, dilation));
    }

    /// <summary>Windows with one thing made simpler.</summary>
    public static IEnumerable<ImmutableArray<WindowAxis>> Smaller(ImmutableArray<WindowAxis> axes)
    {
        for (int i = 0; i < axes.Length; i++)
        {
            WindowAxis axis = axes[i];
            WindowAxis[] simpler = [axis with { In = axis.In - 1 }, axis with { Kernel = 1 }, axis with { Stride = 1 }, axis with { Dilation = 1 }, axis with { PadBegin = 0, PadEnd = 0 }];
            foreach (WindowAxis proposal in simpler)
                if (proposal != axis && proposal.In >= (proposal.Kernel - 1) * proposal.Dilation + 1)
                    yield return axes.SetItem(i, Sized(proposal));
        }
    }

    /// <summary>A list of dimensions with one of them smaller.</summary>
    public static IEnumerable<ImmutableArray<long>> Smaller(ImmutableArray<long> dims)
    {
        for (int i = 0; i < dims.Length; i++)
            foreach (long size in (long[])[dims[i] / 2, dims[i] - 1])
                if (size >= 1)
                    yield return dims.SetItem(i, size);
    }

    private static WindowAxis Sized(WindowAxis axis) =>
        axis with { Out = (axis.In + axis.PadBegin + axis.PadEnd - (axis.Kernel - 1) * axis.Dilation - 1) / axis.Stride + 1 };
}
