using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Where the bytes of a planned value are.</summary>
internal enum SlotKind
{
    /// <summary>In the run's arena, at an offset.</summary>
    Arena,
    /// <summary>A constant of the plan.</summary>
    Constant,
    /// <summary>A graph input's memory.</summary>
    Input,
    /// <summary>A graph output's memory.</summary>
    Output,
}

/// <summary>Memory for one value in one format, or another slot's memory under another shape.</summary>
internal sealed class PlanSlot(GraphValue value, TensorType operand, Format format)
{
    private PlanSlot? _aliasOf;
    private long _shift;

    /// <summary>The value that is kept here.</summary>
    public GraphValue Value => value;

    public string Name => value.Name;

    public TensorType Operand => operand;

    public Format Format => format;

    /// <summary>Bytes the value takes in its format.</summary>
    public long Bytes { get; } = operand.Type.ByteCount(format.StorageCount(operand.Shape));

    public SlotKind Kind { get; set; }

    /// <summary>The index of the graph input or output, for those kinds.</summary>
    public int Index { get; set; }

    /// <summary>The tensor, for a constant.</summary>
    public Tensor? Constant { get; set; }

    /// <summary>Bytes from the arena's start, for an arena slot once planned.</summary>
    public long Offset { get; set; }

    /// <summary>The first step that touches the slot or an alias of it.</summary>
    public int FirstStep { get; private set; } = int.MaxValue;

    /// <summary>The last step that touches the slot or an alias of it.</summary>
    public int LastStep { get; private set; } = -1;

    /// <summary>The slot whose memory this one is, or lies in.</summary>
    public PlanSlot Root => _aliasOf is null ? this : _aliasOf.Root;

    /// <summary>Bytes from the root's start to this slot's.</summary>
    public long RootShift => _aliasOf is null ? 0 : _shift + _aliasOf.RootShift;

    /// <summary>Makes this slot share another's memory.</summary>
    public void AliasTo(PlanSlot other) => PlaceIn(other.Root, other.RootShift);

    /// <summary>Makes this slot a part of a root's memory.</summary>
    public void PlaceIn(PlanSlot root, long shift)
    {
        root.Touch(FirstStep);
        root.Touch(LastStep);
        _aliasOf = root;
        _shift = shift;
    }

    /// <summary>Says that a step touches the slot.</summary>
    public void Touch(int step)
    {
        if (step is < 0 or int.MaxValue)
            return;
        PlanSlot root = Root;
        root.FirstStep = Math.Min(root.FirstStep, step);
        root.LastStep = Math.Max(root.LastStep, step);
    }
}
