using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Turns a graph whose facts are bound into steps with memory: resolves problems, selects, packs, binds, places.</summary>
internal sealed class PlanBuilder
{
    private readonly Graph _graph;
    private readonly FactTable _facts;
    private readonly PlanContext _context;
    private readonly LiveNodes _live;
    private readonly SlotTable _slots;
    private readonly Dictionary<GraphValue, int> _objects = [];
    private readonly Dictionary<GraphValue, int> _remaining = [];
    private readonly Dictionary<PlanSlot, List<GraphValue>> _valuesOfRoot = [];
    private ImmutableArray<NodeSelection> _selections = [];
    private long _packedBytes;

    private PlanBuilder(Graph graph, FactTable facts, PlanContext context)
    {
        _graph = graph;
        _facts = facts;
        _context = context;
        _live = LiveNodes.Of(graph, facts, context.Catalog);
        _slots = new SlotTable(facts, context);
    }

    /// <summary>Makes the plan.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="facts">Its facts, in numbers.</param>
    /// <param name="context">What plans are made with.</param>
    /// <param name="grows">Whether kernels will be bound anew to smaller shapes: then no value may lie inside another's memory.</param>
    public static ExecutablePlan Build(Graph graph, FactTable facts, PlanContext context, bool grows = false) => new PlanBuilder(graph, facts, context).Build(grows);

    private ExecutablePlan Build(bool grows)
    {
        SelectionNode[] resolved = [.. _live.Order.Where(n => !_live.IsDynamic(n)).Select(Resolve)];
        Dictionary<Node, NodeSelection> choices = AlgorithmSelector.Run(resolved, _context);
        _selections = [.. resolved.Select(r => choices[r.Node])];
        for (int i = 0; i < _graph.Inputs.Count; i++)
            DefineInput(_graph.Inputs[i], i);
        foreach (Node node in _live.Order)
        {
            if (choices.TryGetValue(node, out NodeSelection? choice))
                AddKernel(choice);
            else
                AddDynamic(node);
        }
        return Finish(grows);
    }

    private SelectionNode Resolve(Node node)
    {
        OpDefinition op = _context.Catalog.Find(node.Domain, node.OpType, node.Opset)!;
        NodeFacts view = NodeFactsOf.Create(node, _facts.Of, static () => Dim.Symbol("?"));
        return new SelectionNode(node, op, NodeFactsOf.Guard(node, () => op.CreateProblem(view)));
    }

    private void DefineInput(GraphValue input, int index)
    {
        if (_facts.TensorOf(input) is { IsKnown: true } fact && fact.Type != DType.String)
            Track(input, _slots.Define(input, Format.Plain, SlotKind.Input, index));
        else
            _objects[input] = _objects.Count;
    }

    private void AddKernel(NodeSelection choice)
    {
        Candidate winner = choice.Winner;
        var values = AlgorithmSelector.KernelInputs(choice.Node, choice.Problem).ToArray();
        var inputs = new PlanSlot?[values.Length];
        for (int i = 0; i < values.Length; i++)
            inputs[i] = values[i] is null || choice.Problem.Inputs[i].IsAbsent ? null : Operand(values[i]!, winner.Formats.Input(i));
        Consume(choice.Node);
        PlanSlot?[] outputs = DefineOutputs(choice, inputs);
        if (winner.Algorithm.IsView)
        {
            Alias(choice.Node.Outputs[0]!, outputs[0]!, inputs[0]!);
            return;
        }
        ReuseInPlace(choice, inputs, outputs);
        Touch(inputs);
        Touch(outputs);
        _slots.Steps.Add(new PlanStep
        {
            Name = choice.Node.Name,
            Op = choice.Node.QualifiedOp,
            Algorithm = winner.Algorithm.Name,
            Formats = winner.Formats,
            Problem = choice.Problem,
            WorkspaceBytes = winner.WorkspaceBytes,
            PackedBytes = winner.PackedBytes,
            Origins = choice.Node.Origins,
            Selection = choice,
            Kernel = Bind(winner, values),
            InputSlots = [.. inputs],
            OutputSlots = [.. outputs],
        });
    }

    // A reordered copy is memory of its own that the value's later readers share.
    private PlanSlot Operand(GraphValue value, Format format)
    {
        PlanSlot slot = _slots.Get(value, format);
        if (slot.Root.Kind == SlotKind.Arena)
            _valuesOfRoot.TryAdd(slot.Root, [value]);
        return slot;
    }

    private PreparedKernel Bind(Candidate winner, GraphValue?[] values)
    {
        if (winner.PackKey is null)
            return winner.Bind(null);
        PackedConstants packed = _context.Packs.GetOrPack(winner, [.. values.Select(v => v is null ? null : _facts.ConstantOf(v))], _context.Limits.SessionBytes);
        _slots.KeepAlive.Add(packed);
        _packedBytes += packed.ByteLength;
        return winner.Bind(packed);
    }

    private PlanSlot?[] DefineOutputs(NodeSelection choice, PlanSlot?[] inputs)
    {
        var outputs = new PlanSlot?[choice.Problem.Outputs.Length];
        for (int o = 0; o < outputs.Length; o++)
        {
            if (choice.Problem.Outputs[o].IsAbsent)
                continue;
            Format format = choice.Winner.Algorithm.IsView ? inputs[0]!.Format : choice.Winner.Formats.Output(o);
            GraphValue? value = o < choice.Node.Outputs.Count ? choice.Node.Outputs[o] : null;
            // A kernel writes every output of its problem, also one that nobody reads.
            value ??= new GraphValue($"{choice.Node.Name}#{o}", null);
            if (_facts.Of(value) is null)
                _facts.Set(value, new TensorFact(choice.Problem.Outputs[o].Type, choice.Problem.Outputs[o].Shape));
            outputs[o] = _slots.Define(value, format, SlotKind.Arena);
            Track(value, outputs[o]!);
        }
        return outputs;
    }

    private void ReuseInPlace(NodeSelection choice, PlanSlot?[] inputs, PlanSlot?[] outputs)
    {
        foreach ((int o, int i) in choice.Winner.InPlace)
        {
            if (outputs[o] is not { } output || inputs[i] is not { } input || output.Root != output)
                continue;
            PlanSlot root = input.Root;
            bool free = root.Kind == SlotKind.Arena && root.Bytes == output.Bytes
                && !inputs.Where((s, k) => k != i && s?.Root == root).Any()
                && _valuesOfRoot.TryGetValue(root, out List<GraphValue>? values) && values.All(v => _remaining[v] == 0);
            if (free)
            {
                Alias(choice.Node.Outputs[o]!, output, input);
                return;
            }
        }
    }

    private void AddDynamic(Node node)
    {
        var inputs = ImmutableArray.CreateBuilder<DynamicSource?>();
        var objects = new List<PlanSlot?>();
        foreach (GraphValue? input in node.Inputs.Concat(node.FusedInputs))
        {
            if (input is null)
            {
                inputs.Add(null);
            }
            else if (_objects.TryGetValue(input, out int index))
            {
                inputs.Add(new DynamicSource(null, index));
            }
            else
            {
                PlanSlot slot = _slots.Get(input, Format.Plain);
                objects.Add(slot);
                inputs.Add(new DynamicSource(slot, -1));
            }
        }
        Consume(node);
        var outputs = ImmutableArray.CreateBuilder<DynamicTarget?>();
        foreach (GraphValue? output in node.Outputs)
        {
            if (output is null)
            {
                outputs.Add(null);
                continue;
            }
            int index = _objects[output] = _objects.Count;
            PlanSlot? slot = _facts.TensorOf(output) is { IsKnown: true } fact && fact.Type != DType.String ? _slots.Define(output, Format.Plain, SlotKind.Arena) : null;
            if (slot is not null)
            {
                Track(output, slot);
                objects.Add(slot);
            }
            outputs.Add(new DynamicTarget(index, slot));
        }
        Touch(objects);
        _slots.Steps.Add(new PlanStep
        {
            Name = node.Name,
            Op = node.QualifiedOp,
            Algorithm = "run time",
            Origins = node.Origins,
            Dynamic = new DynamicNode(node, _context.Selection.For(node, _context.Catalog.Find(node.Domain, node.OpType, node.Opset)).Selector, inputs.ToImmutable(), outputs.ToImmutable(), _context.Bodies.Of(node)),
        });
    }

    private ExecutablePlan Finish(bool grows)
    {
        var types = new TensorType?[_graph.Outputs.Count];
        var objects = new int[_graph.Outputs.Count];
        var constants = ImmutableArray.CreateBuilder<(int, Tensor)>();
        for (int i = 0; i < types.Length; i++)
        {
            GraphValue output = _graph.Outputs[i];
            objects[i] = -1;
            if (_facts.ConstantOf(output) is { Type: DType.String } strings && _objects.TryAdd(output, _objects.Count))
                constants.Add((_objects[output], strings));
            if (_slots.Has(output) && _facts.TensorOf(output) is { Type: not DType.String })
                types[i] = PlaceOutput(output, i);
            else
                objects[i] = _objects[output];
        }
        if (!grows)
            SlicePlacement.Run(_slots.Steps);
        int addresses = 0;
        foreach (PlanStep step in _slots.Steps)
        {
            step.FirstAddress = addresses;
            addresses += step.InputSlots.Length + step.OutputSlots.Length;
        }
        PlanSlot[] arena = [.. _slots.All.Where(s => s.Root == s && s.Kind == SlotKind.Arena && s.LastStep >= 0)];
        (long arenaBytes, long lowerBound) = MemoryPlanner.Run(arena, _slots.Steps.Count);
        var plan = new ExecutablePlan
        {
            Steps = [.. _slots.Steps],
            Selections = _selections,
            Inputs = [.. _graph.Inputs.Select(i => _objects.ContainsKey(i) ? (TensorType?)null : new TensorType(_facts.TensorOf(i)!.Type, _facts.TensorOf(i)!.KnownShape))],
            Outputs = [.. types],
            OutputObjects = [.. objects],
            InputObjects = [.. _graph.Inputs.Select(i => _objects.GetValueOrDefault(i, -1))],
            ObjectCount = _objects.Count,
            ConstantObjects = constants.ToImmutable(),
            ArenaBytes = arenaBytes,
            ArenaLowerBound = lowerBound,
            WorkspaceBytes = _slots.Steps.Select(s => s.WorkspaceBytes).DefaultIfEmpty(0).Max(),
            PackedBytes = _packedBytes,
            ConstantBytes = _slots.ConstantBytes,
            KeepAlive = [.. _slots.KeepAlive],
            AddressCount = addresses,
        };
        long session = ShapeMath.Add(plan.RunBytes, plan.PackedBytes);
        return session <= _context.Limits.SessionBytes ? plan
            : throw new LimitExceededException($"the plan takes {session} bytes beside the model, over the session's limit of {_context.Limits.SessionBytes}");
    }

    // The producer writes straight into the caller's memory where it can; otherwise a copy step does.
    private TensorType PlaceOutput(GraphValue output, int index)
    {
        PlanSlot slot = _slots.Get(output, Format.Plain);
        PlanSlot root = slot.Root;
        if (root.Kind == SlotKind.Arena && root.Bytes == slot.Bytes && root.Format == Format.Plain)
        {
            root.Kind = SlotKind.Output;
            root.Index = index;
            return slot.Operand;
        }
        var target = new PlanSlot(output, slot.Operand, Format.Plain) { Kind = SlotKind.Output, Index = index };
        slot.Touch(_slots.Steps.Count);
        _slots.Steps.Add(new PlanStep
        {
            Name = output.Name,
            Op = "Copy",
            Algorithm = "copy",
            Kernel = new CopyKernel(slot.Bytes),
            InputSlots = [slot],
            OutputSlots = [target],
        });
        return slot.Operand;
    }

    private void Alias(GraphValue value, PlanSlot slot, PlanSlot target)
    {
        slot.AliasTo(target);
        if (_valuesOfRoot.Remove(slot, out _))
            _valuesOfRoot.TryAdd(target.Root, []);
        if (_valuesOfRoot.TryGetValue(target.Root, out List<GraphValue>? values))
            values.Add(value);
    }

    private void Track(GraphValue value, PlanSlot slot)
    {
        _remaining[value] = _live.Uses(value);
        _valuesOfRoot[slot] = [value];
    }

    private void Consume(Node node)
    {
        foreach (GraphValue read in node.Reads)
            if (_remaining.TryGetValue(read, out int left))
                _remaining[read] = left - 1;
    }

    private void Touch(IEnumerable<PlanSlot?> slots)
    {
        foreach (PlanSlot? slot in slots)
            slot?.Touch(_slots.Steps.Count);
    }
}
