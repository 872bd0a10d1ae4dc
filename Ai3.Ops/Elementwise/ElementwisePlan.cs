using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An operand of an <see cref="ElementwisePlan"/>.</summary>
internal readonly unsafe struct ElementwiseOperand
{
    /// <summary>Its place among the problem's inputs.</summary>
    public required int Input { get; init; }

    public required DType Type { get; init; }

    /// <summary>Bytes of an element.</summary>
    public required int Size { get; init; }

    /// <summary>Converts to the loop's type; null if it is of that type.</summary>
    public required delegate*<void*, void*, nint, void> Convert { get; init; }

    /// <summary>Channels of a plain per-channel operand that is copied and padded to whole blocks; 0 if it is used as it is.</summary>
    public long PaddedFrom { get; init; }

    /// <summary>Where the padded copy is in the workspace, in bytes.</summary>
    public long PaddedOffset { get; init; }

    public long PaddedBytes { get; init; }
}

/// <summary>Everything an <see cref="ElementwiseKernel"/> needs, decided: loop, conversions, walk, layout.</summary>
internal sealed unsafe class ElementwisePlan
{
    private const int Alignment = NativeBuffer.Alignment;

    private ElementwisePlan(BroadcastPlan broadcast, ElementwiseOperand[] operands, RowFunction function)
    {
        Broadcast = broadcast;
        Operands = operands;
        Function = function;
    }

    public BroadcastPlan Broadcast { get; }

    public ElementwiseOperand[] Operands { get; }

    public RowFunction Function { get; }

    /// <summary>Runs over the result of a fold, its constant the number of operands; may not exist.</summary>
    public RowFunction Finish { get; private init; }

    /// <summary>True if operands are taken two at a time, whatever their number.</summary>
    public bool Folds { get; private init; }

    public int Arity { get; private init; }

    public double Alpha { get; private init; }

    public double Beta { get; private init; }

    public int OutputSize { get; private init; }

    /// <summary>Converts from the loop's type; null if the output is of that type.</summary>
    public delegate*<void*, void*, nint, void> ConvertOutput { get; private init; }

    /// <summary>True if pieces go through buffers.</summary>
    public bool IsBuffered { get; private init; }

    /// <summary>Output elements that a thread takes at a time.</summary>
    public int Grain { get; private init; }

    /// <summary>Lanes that are kept at zero.</summary>
    public BlockPadding Padding { get; private init; }

    public static ElementwisePlan Of(Request<ElementwiseProblem> request, ElementwiseFunction definition, RowFunction function)
    {
        ElementwiseProblem p = request.Problem;
        Format format = request.Formats.Output(0);
        var layout = new ElementwiseLayout(p, format);
        var operands = new List<ElementwiseOperand>();
        var dims = new List<long[]>();
        long workspace = 0;
        bool buffered = false;
        for (int i = 0; i < p.Operands.Length; i++)
        {
            TensorType type = p.Operands[i];
            if (type.IsAbsent)
                continue;
            DType wanted = definition.Folds ? operands.Count == 0 ? function.A : function.B : function.Operand(operands.Count);
            long padded = layout.NeedsPadding(i, request.Formats.Input(i)) ? ShapeMath.RoundUp(layout.Channels, layout.Block) : 0;
            long bytes = padded * type.Type.ByteSize();
            buffered |= wanted != type.Type;
            operands.Add(new ElementwiseOperand
            {
                Input = i,
                Type = type.Type,
                Size = type.Type.ByteSize(),
                Convert = wanted == type.Type ? null : Conversions.Of(type.Type, wanted),
                PaddedFrom = padded > 0 ? layout.Channels : 0,
                PaddedOffset = workspace,
                PaddedBytes = bytes,
            });
            workspace += ShapeMath.RoundUp(bytes, Alignment);
            dims.Add(layout.Operand(i, request.Formats.Input(i)));
        }
        bool folds = definition.Folds;
        return new ElementwisePlan(BroadcastPlan.Of(layout.Output, dims.ToArray()), [.. operands], function)
        {
            Finish = definition.Finish is null ? default : definition.Finish(function.Y),
            Folds = folds,
            Arity = operands.Count,
            Alpha = p.Alpha,
            Beta = p.Beta,
            OutputSize = p.Output.Type.ByteSize(),
            ConvertOutput = function.Y == p.Output.Type ? null : Conversions.Of(function.Y, p.Output.Type),
            IsBuffered = buffered || function.Y != p.Output.Type || folds && (operands.Count != 2 || definition.Finish is not null),
            Grain = definition.IsCostly ? 4096 : 32768,
            Padding = layout.Block == 0 ? default : BlockPadding.Of(ChannelLayout.Of(p.Output.Shape, format)),
        };
    }

    /// <summary>Bytes of the padded copies.</summary>
    public static long WorkspaceBytes(Request<ElementwiseProblem> request)
    {
        var layout = new ElementwiseLayout(request.Problem, request.Formats.Output(0));
        long bytes = 0;
        for (int i = 0; i < request.Problem.Operands.Length; i++)
            if (!request.Problem.Operands[i].IsAbsent && layout.NeedsPadding(i, request.Formats.Input(i)))
                bytes += ShapeMath.RoundUp(ShapeMath.RoundUp(layout.Channels, layout.Block) * request.Problem.Operands[i].Type.ByteSize(), Alignment);
        return bytes;
    }

    /// <summary>y[i] = a[i] in the loop's type.</summary>
    public void Copy(void* y, void* a, nint step, nint n)
    {
        int size = Function.Y.ByteSize();
        if (step == 1)
            Buffer.MemoryCopy(a, y, n * size, n * size);
        else
            for (nint i = 0; i < n; i++)
                Buffer.MemoryCopy(a, (byte*)y + i * size, size, size);
    }
}
