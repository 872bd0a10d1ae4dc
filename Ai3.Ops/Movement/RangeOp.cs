using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Range: start, start + delta, ... before limit.</summary>
internal sealed unsafe class RangeOp() : OpDefinition<RangeProblem>(s_rows)
{
    private static readonly ImmutableArray<Algorithm<RangeProblem>> s_rows =
    [
        new()
        {
            Name = "reference",
            Source = "start + i * delta: floats in double and rounded once, integers wrap round",
            IsReference = true,
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + 2.0 * r.Problem.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Kernel(r.Problem),
        },
    ];

    public static RangeOp V11 { get; } = new() { Name = "Range", Since = 11, MinInputs = 3, MaxInputs = 3 };

    public override bool ReadsValues(NodeFacts node, int index) => true;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1, 2);
        Tensor?[] constants = Constants(node);
        if (Count(constants) is { } count)
            return [MovementFacts.Output(type, [count], Elements(constants, count))];
        return [MovementFacts.Output(type, [SymbolicCount(node) ?? node.Fresh()])];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        long count = Count(Constants(node)) ?? (SymbolicCount(node) is { } dim && dim.TryGetValue(out long known) ? known
            : throw new OpException("start, limit and delta are not known"));
        return RangeProblem.Create(MovementFacts.Operands(node), count) with { ConstantInputs = node.ConstantInputs };
    }

    public override Problem? ParseProblem(string key) => RangeProblem.Parse(key);

    private static Tensor?[] Constants(NodeFacts node) =>
        [ScalarValue.Constant(node, 0, "start"), ScalarValue.Constant(node, 1, "limit"), ScalarValue.Constant(node, 2, "delta")];

    // Null if a value is not known.
    private static long? Count(Tensor?[] constants)
    {
        if (constants.Any(c => c is null))
            return null;
        if (constants[0]!.Type.IsFloat())
        {
            double start = ScalarValue.Double(constants[0]!), limit = ScalarValue.Double(constants[1]!), delta = ScalarValue.Double(constants[2]!);
            double exact = Math.Ceiling((limit - start) / delta);
            if (delta == 0 || !double.IsFinite(exact) || exact > long.MaxValue / 16)
                throw new OpException($"a range from {start} to {limit} by {delta} has no finite length");
            return Math.Max(0, (long)exact);
        }
        return Count(ScalarValue.Whole(constants[0]!), ScalarValue.Whole(constants[1]!), ScalarValue.Whole(constants[2]!));
    }

    private static long Count(Int128 start, Int128 limit, Int128 delta)
    {
        if (delta == 0)
            throw new OpException($"a range from {start} to {limit} by 0 has no finite length");
        Int128 distance = delta > 0 ? limit - start : start - limit, step = delta > 0 ? delta : -delta;
        Int128 count = distance <= 0 ? 0 : (distance + step - 1) / step;
        return count <= long.MaxValue ? (long)count : throw new OpException($"a range from {start} to {limit} by {delta} has {count} elements, more than 63 bits");
    }

    // The length where shape arithmetic knows the values: exact in numbers; with symbols limit - start is taken to be 0 or more.
    private static Dim? SymbolicCount(NodeFacts node)
    {
        ImmutableArray<Dim> start = MovementFacts.SmallElements(node, 0), limit = MovementFacts.SmallElements(node, 1), delta = MovementFacts.SmallElements(node, 2);
        if (start.IsDefault || limit.IsDefault || delta.IsDefault || start.Length != 1 || limit.Length != 1 || delta.Length != 1
            || !delta[0].TryGetValue(out long step))
            return null;
        if (start[0].TryGetValue(out long first) && limit[0].TryGetValue(out long last))
            return Count(first, last, step);
        return step is > 0 and < int.MaxValue ? Dim.CeilDiv(limit[0] - start[0], step) : null;
    }

    private static ImmutableArray<Dim> Elements(Tensor?[] constants, long count)
    {
        if (count > MovementFacts.MaxElements || constants[0]!.Type is not (DType.Int64 or DType.Int32))
            return default;
        Int128 start = ScalarValue.Whole(constants[0]!), delta = ScalarValue.Whole(constants[2]!);
        return [.. Enumerable.Range(0, (int)count).Select(i => (Dim)(long)(start + i * delta))];
    }

    private sealed class Kernel(RangeProblem p) : PreparedKernel
    {
        private readonly DType _type = p.Type;
        private readonly long _count = p.Count;

        public override void Run(in KernelArgs args)
        {
            var output = (byte*)args.Outputs[0];
            void* first = (void*)args.Inputs[0], step = (void*)args.Inputs[2];
            if (_type.IsFloat())
            {
                double start = ElementAccess.Read(first, _type, 0), delta = ElementAccess.Read(step, _type, 0);
                for (long i = 0; i < _count; i++)
                    ElementAccess.Write(output, _type, i, start + i * delta);
                return;
            }
            int size = _type.ByteSize();
            ulong from = Bits(first), by = Bits(step);
            for (long i = 0; i < _count; i++, from = unchecked(from + by))
                Buffer.MemoryCopy(&from, output + i * size, size, size);
        }

        // The low bytes are what counts, as integers wrap round.
        private ulong Bits(void* p) => _type.ByteSize() switch
        {
            1 => *(byte*)p,
            2 => *(ushort*)p,
            4 => *(uint*)p,
            _ => *(ulong*)p,
        };
    }
}
