using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>The memory of each value in each format that some step wants it in, and the reorders between them.</summary>
internal sealed class SlotTable(FactTable facts, PlanContext context)
{
    private readonly Dictionary<(GraphValue Value, Format Format), PlanSlot> _slots = [];
    private readonly Dictionary<GraphValue, PlanSlot> _native = [];
    private readonly HashSet<GraphValue> _constants = [];
    private readonly Reorders _reorders = new(context.Catalog, context.Target);

    /// <summary>Every slot, aliases included.</summary>
    public IReadOnlyCollection<PlanSlot> All => _slots.Values;

    /// <summary>Steps so far; the table adds reorders to it.</summary>
    public List<PlanStep> Steps { get; } = [];

    /// <summary>Tensors that the plan must keep.</summary>
    public List<object> KeepAlive { get; } = [];

    /// <summary>Bytes of constants that kernels read in place.</summary>
    public long ConstantBytes { get; private set; }

    /// <summary>Whether the value has memory in the plan.</summary>
    public bool Has(GraphValue value) => _native.ContainsKey(value) || facts.ConstantOf(value) is not null;

    /// <summary>Makes memory for a value in the format that its producer writes.</summary>
    public PlanSlot Define(GraphValue value, Format format, SlotKind kind, int index = 0)
    {
        TensorFact fact = facts.TensorOf(value)!;
        var slot = new PlanSlot(value, new TensorType(fact.Type, fact.KnownShape), format) { Kind = kind, Index = index };
        if (kind != SlotKind.Input && slot.Bytes > context.Limits.TensorBytes)
            throw new LimitExceededException($"value '{value.Name}' ({fact}) takes {slot.Bytes} bytes, over the limit of {context.Limits.TensorBytes} a tensor");
        _slots.Add((value, format), slot);
        _native.Add(value, slot);
        return slot;
    }

    /// <summary>The memory of a value in a format, made by a reorder step if no step wrote it so.</summary>
    public PlanSlot Get(GraphValue value, Format format)
    {
        if (_slots.TryGetValue((value, format), out PlanSlot? slot))
            return slot;
        if (facts.ConstantOf(value) is { } constant)
            return DefineConstant(value, constant, format);
        PlanSlot source = _native[value];
        slot = new PlanSlot(value, source.Operand, format);
        _slots.Add((value, format), slot);
        AddReorder(value.Name, source, slot);
        return slot;
    }

    private PlanSlot DefineConstant(GraphValue value, Tensor constant, Format format)
    {
        Tensor stored = format == Format.Plain ? constant : _reorders.Apply(constant, format);
        var slot = new PlanSlot(value, new TensorType(constant.Type, constant.Shape), format) { Kind = SlotKind.Constant, Constant = stored };
        _slots.Add((value, format), slot);
        KeepAlive.Add(stored);
        if (_constants.Add(value) || format != Format.Plain)
            ConstantBytes += stored.ByteLength;
        return slot;
    }

    private void AddReorder(string name, PlanSlot source, PlanSlot target)
    {
        Candidate candidate = _reorders.Find(source.Operand, source.Format, target.Format, out Problem problem);
        source.Touch(Steps.Count);
        target.Touch(Steps.Count);
        Steps.Add(new PlanStep
        {
            Name = name,
            Op = "Reorder",
            Algorithm = candidate.Algorithm.Name,
            Formats = candidate.Formats,
            Problem = problem,
            WorkspaceBytes = candidate.WorkspaceBytes,
            Kernel = candidate.Bind(null),
            InputSlots = [source],
            OutputSlots = [target],
        });
    }
}
