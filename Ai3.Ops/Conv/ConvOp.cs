using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ONNX Conv, opsets 1 to 22: one to three spatial axes, any strides, pads, dilations and groups.</summary>
internal sealed class ConvOp() : OpDefinition<ConvProblem>(ConvAlgorithms.All)
{
    private const int MaxSpatialRank = 3;

    public static ConvOp Definition { get; } = new() { Name = "Conv", MinInputs = 2, MaxInputs = 3 };

    public override Oracle<ConvProblem> Oracle => ConvReference.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1, 2);
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"element type is {type.ShortName()}, must be f16, bf16, f32 or f64");
        if (SpatialRank(node) is not { } rank)
            return [new TensorFact(type, null)];

        SymbolicShape? x = node.Tensor(0).Shape, w = node.Tensor(1).Shape;
        Dim outChannels = w?[0] ?? BiasLength(node) ?? node.Fresh();
        ConvChecks.Channels(x?[1] ?? node.Fresh(), outChannels, w?[1] ?? node.Fresh(), Group(node));
        if (BiasLength(node) is { IsKnown: true } bias && outChannels.IsKnown && bias != outChannels)
            throw new OpException($"bias has {bias} elements, must have {outChannels}, one for each output channel");

        var y = new Dim[rank + 2];
        y[0] = x?[0] ?? node.Fresh();
        y[1] = outChannels;
        var window = Window.Read(node, rank);
        for (int i = 0; i < rank; i++)
            y[i + 2] = x is null || !window.Kernel[i].IsKnown ? node.Fresh() : window.OutputSize(x[i + 2], i);
        return [new TensorFact(type, SymbolicShape.Create(y))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0), w = node.Operand(1);
        int rank = x.Shape.Rank - 2;
        var window = Window.Read(node, rank);
        ConvAxis[] axes = [.. Enumerable.Range(0, rank).Select(i => window.Resolve(x.Shape[i + 2], w.Shape[i + 2], i))];
        var problem = new ConvProblem
        {
            Type = x.Type,
            N = x.Shape[0],
            InChannels = x.Shape[1],
            OutChannels = w.Shape[0],
            Group = Group(node),
            SpatialRank = rank,
            D = rank > 2 ? axes[^3] : ConvAxis.Absent,
            H = rank > 1 ? axes[^2] : ConvAxis.Absent,
            W = axes[^1],
            HasBias = node.Has(2),
            Fusion = node.Fusion,
            ConstantInputs = node.ConstantInputs,
        };
        ConvChecks.Counts(problem);
        return problem;
    }

    public override Problem? ParseProblem(string key) => ConvKey.Parse(key);

    private static long Group(NodeFacts node) => node.Attributes.Int("group", 1);

    private static Dim? BiasLength(NodeFacts node)
    {
        if (node.OptionalTensor(2)?.Shape is not { } shape)
            return null;
        return shape.Rank == 1 ? shape[0] : throw new OpException($"bias has shape {shape}, must have one axis");
    }

    // Null if neither input has a known rank.
    private static int? SpatialRank(NodeFacts node)
    {
        SymbolicShape? x = node.Tensor(0).Shape, w = node.Tensor(1).Shape;
        int? rank = (x?.Rank ?? w?.Rank) - 2;
        if (rank is null)
            return null;
        if (rank < 1)
            throw new OpException($"input has {rank + 2} axes, must have batch, channels and at least one spatial axis");
        if (w is not null && w.Rank != rank + 2)
            throw new OpException($"W has {w.Rank} axes, must have {rank + 2} like the input");
        if (rank > MaxSpatialRank)
            throw new OpUnsupportedException($"convolution over {rank} spatial axes; up to {MaxSpatialRank} are supported");
        return rank;
    }

    /// <summary>The attributes that place the kernel on the input, checked as far as they can be without the input's size.</summary>
    private sealed record Window(ImmutableArray<Dim> Kernel, ImmutableArray<long> Strides, ImmutableArray<long> Dilations,
        ImmutableArray<long> Pads, string AutoPad)
    {
        public static Window Read(NodeFacts node, int rank)
        {
            Attributes a = node.Attributes;
            ImmutableArray<Dim> kernel = KernelSizes(node, rank);
            ImmutableArray<long> strides = Ints(a, "strides", rank, 1), dilations = Ints(a, "dilations", rank, 1), pads = Ints(a, "pads", 2 * rank, 0);
            string autoPad = a.String("auto_pad", "NOTSET");
            if (autoPad is not ("NOTSET" or "SAME_UPPER" or "SAME_LOWER" or "VALID"))
                throw new OpException($"auto_pad is {autoPad}, must be NOTSET, SAME_UPPER, SAME_LOWER or VALID");
            for (int i = 0; i < rank; i++)
                ConvChecks.Steps(kernel[i].TryGetValue(out long k) ? k : 1, strides[i], pads[i], pads[i + rank], dilations[i], i);
            return new Window(kernel, strides, dilations, pads, autoPad);
        }

        public Dim OutputSize(Dim input, int i)
        {
            if (input.TryGetValue(out long size))
                return Resolve(size, Kernel[i].Value, i).Out;
            if (AutoPad is "SAME_UPPER" or "SAME_LOWER")
                return Dim.CeilDiv(input, Strides[i]);
            ConvAxis steps = Resolve(null, Kernel[i].Value, i);
            return Dim.FloorDiv(input + (ShapeMath.Add(steps.PadBegin, steps.PadEnd) - steps.Extent), Strides[i]) + 1;
        }

        public ConvAxis Resolve(long? input, long kernel, int i)
        {
            var axis = new ConvAxis(input ?? 0, kernel, Strides[i], 0, 0, Dilations[i]);
            if (AutoPad == "NOTSET")
                axis = axis with { PadBegin = Pads[i], PadEnd = Pads[i + Pads.Length / 2] };
            else if (AutoPad != "VALID" && input is { } size)
            {
                if (size == 0)
                    throw new OpException($"auto_pad {AutoPad} on spatial axis {i} of size 0, must be 1 or more");
                long last = ShapeMath.Multiply(Math.Max(ShapeMath.CeilDiv(size, axis.Stride) - 1, 0), axis.Stride);
                long total = Math.Max(ShapeMath.Add(last, axis.Extent) - size, 0);
                long less = total / 2, more = total - less;
                axis = AutoPad == "SAME_UPPER" ? axis with { PadBegin = less, PadEnd = more } : axis with { PadBegin = more, PadEnd = less };
            }
            if (input is not null)
                ConvChecks.Axis(axis, i);
            return axis;
        }

        private static ImmutableArray<Dim> KernelSizes(NodeFacts node, int rank)
        {
            ImmutableArray<long> given = node.Attributes.Ints("kernel_shape");
            if (!given.IsDefault && given.Length != rank)
                throw new OpException($"kernel_shape has {given.Length} numbers, must have {rank}, one for each spatial axis");
            SymbolicShape? w = node.Tensor(1).Shape;
            var sizes = ImmutableArray.CreateBuilder<Dim>(rank);
            for (int i = 0; i < rank; i++)
            {
                Dim size = w?[i + 2] ?? (given.IsDefault ? node.Fresh() : given[i]);
                if (!given.IsDefault && size.IsKnown && !size.Is(given[i]))
                    throw new OpException($"kernel_shape[{i}] is {given[i]}, must be {size} like W's axis {i + 2}");
                sizes.Add(given.IsDefault ? size : given[i]);
            }
            return sizes.MoveToImmutable();
        }

        private static ImmutableArray<long> Ints(Attributes attributes, string name, int length, long fallback)
        {
            ImmutableArray<long> values = attributes.Ints(name);
            if (values.IsDefault)
                return [.. Enumerable.Repeat(fallback, length)];
            return values.Length == length ? values : throw new OpException($"{name} has {values.Length} numbers, must have {length}");
        }
    }
}
