using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The storage of an element-wise problem's operands as row-major dimensions: in blocked format [n, C/b, spatial..., b], where
/// operands that are one element wide in an axis have 1 there.
/// </summary>
internal readonly struct ElementwiseLayout
{
    // Blocked formats are offered up to this many operands.
    private const int MaxBlockedOperands = 32;

    private readonly ElementwiseProblem _problem;

    public ElementwiseLayout(ElementwiseProblem problem, Format output)
    {
        _problem = problem;
        Shape shape = problem.Output.Shape;
        Block = output.Kind == FormatKind.Blocked ? output.Block : 0;
        Channels = shape.Rank > 1 ? shape[1] : 1;
        Pixels = shape.Rank > 2 ? shape.CountOf(2..) : 1;
        Output = Block == 0 ? shape.ToArray() : Split(shape.ToArray(), Block, blocked: true);
    }

    /// <summary>Channels in a block; 0 in plain layout.</summary>
    public int Block { get; }

    public long Channels { get; }

    public long Pixels { get; }

    /// <summary>The output's dimensions in storage.</summary>
    public long[] Output { get; }

    /// <summary>The dimensions of operand <paramref name="index"/> in storage, of the output's rank.</summary>
    public long[] Operand(int index, Format format)
    {
        long[] aligned = Aligned(_problem, index);
        if (Block == 0)
            return aligned;
        return Split(aligned, Block, blocked: format.Kind == FormatKind.Blocked || IsPerChannel(aligned));
    }

    /// <summary>True for a plain per-channel operand whose last block would be read past its end.</summary>
    public bool NeedsPadding(int index, Format format) =>
        Block != 0 && format.Kind == FormatKind.Plain && Channels % Block != 0 && IsPerChannel(Aligned(_problem, index));

    /// <summary>
    /// The layouts that can be computed: plain; and for rank 3 and more blocked, with an operand that has all channels either
    /// blocked too or, if it has nothing else, a plain vector of channels.
    /// </summary>
    public static ImmutableArray<FormatChoice> Choices(ElementwiseProblem problem, Target target)
    {
        Shape shape = problem.Output.Shape;
        if (shape.Rank < 3 || shape[1] < 2 || problem.Operands.Length > MaxBlockedOperands)
            return FormatChoice.PlainOnly;
        Format blocked = Format.Blocked(target.ChannelBlock);
        var inputs = ImmutableArray.CreateBuilder<Format>();
        var vectors = ImmutableArray.CreateBuilder<Format>();
        bool anyBlocked = false, anyVector = false;
        for (int i = 0; i < problem.Operands.Length; i++)
        {
            Format own = Format.Plain, vector = Format.Plain;
            if (!problem.Operands[i].IsAbsent)
            {
                long[] aligned = Aligned(problem, i);
                bool ranked = problem.Operands[i].Shape.Rank == shape.Rank;
                if (aligned[1] != 1)
                {
                    bool perChannel = IsPerChannel(aligned);
                    if (!ranked && !perChannel)
                        return FormatChoice.PlainOnly;
                    own = ranked ? blocked : Format.Plain;
                    vector = perChannel ? Format.Plain : blocked;
                    anyVector |= own != vector;
                    anyBlocked |= vector.Kind == FormatKind.Blocked;
                }
            }
            inputs.Add(own);
            vectors.Add(vector);
        }
        if (!anyBlocked && !anyVector)
            return FormatChoice.PlainOnly;
        var all = ImmutableArray.CreateBuilder<FormatChoice>();
        all.Add(FormatChoice.Plain);
        all.Add(new FormatChoice(inputs.ToImmutable(), [blocked]));
        if (anyVector && anyBlocked)
            all.Add(new FormatChoice(vectors.ToImmutable(), [blocked]));
        return all.ToImmutable();
    }

    // The operand's dimensions with ones added up to the output's rank.
    private static long[] Aligned(ElementwiseProblem problem, int index)
    {
        Shape shape = problem.Operands[index].Shape;
        var dims = new long[problem.Output.Shape.Rank];
        Array.Fill(dims, 1);
        int first = index == 1 && problem.Axis >= 0 ? problem.Axis : dims.Length - shape.Rank;
        for (int i = 0; i < shape.Rank; i++)
            dims[first + i] = shape[i];
        return dims;
    }

    private static bool IsPerChannel(long[] aligned)
    {
        for (int i = 0; i < aligned.Length; i++)
            if (aligned[i] == 1 == (i == 1))
                return false;
        return true;
    }

    // [n, C, spatial...] as [n, C/b, spatial..., b]; an operand with one channel as [n, 1, spatial..., 1].
    private static long[] Split(long[] dims, int block, bool blocked)
    {
        var split = new long[dims.Length + 1];
        dims.CopyTo(split, 0);
        bool channels = blocked && dims[1] != 1;
        split[1] = channels ? ShapeMath.CeilDiv(dims[1], block) : 1;
        split[^1] = channels ? block : 1;
        return split;
    }
}
