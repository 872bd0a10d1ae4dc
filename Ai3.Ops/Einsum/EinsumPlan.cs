using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Where a call of an Einsum plan reads or writes.</summary>
/// <param name="Kind">Which memory.</param>
/// <param name="At">The operand's number, or the offset in the workspace in bytes.</param>
internal readonly record struct EinsumPlace(EinsumMemory Kind, long At);

/// <summary>Memory that an Einsum plan works in.</summary>
internal enum EinsumMemory
{
    Operand,
    Workspace,
    Output,
}

/// <summary>One kernel that an Einsum plan runs.</summary>
internal sealed record EinsumCall(ImmutableArray<EinsumPlace> Sources, EinsumPlace Target, Func<PreparedKernel> Bind, long WorkspaceBytes, double Cost, double Chain);

/// <summary>
/// How an Einsum of two operands or more becomes matrix products: operands are taken from the left, two at a time. Of each pair, labels that
/// both have and that are needed later count matrices, those both have and nobody needs are summed by the product, those of one alone are
/// its rows or columns, and those of one alone that nobody needs are summed before. What does not lie as a product wants it is copied first.
/// </summary>
internal sealed class EinsumPlan
{
    private readonly EinsumProblem _problem;
    private readonly Target _target;
    private readonly List<EinsumCall> _calls = [];
    private long _bytes;

    /// <summary>An operand or intermediate: a stride in elements for each of its labels; axes of extent 1 have none.</summary>
    private sealed record View(EinsumPlace Place, long Count, ImmutableSortedDictionary<int, long> Strides);

    private EinsumPlan(EinsumProblem problem, Target target)
    {
        _problem = problem;
        _target = target;
    }

    public IReadOnlyList<EinsumCall> Calls => _calls;

    /// <summary>Bytes of intermediate tensors, then of the largest call's own workspace.</summary>
    public long WorkspaceBytes => ShapeMath.Add(_bytes, _calls.Max(c => c.WorkspaceBytes));

    /// <summary>Where the calls' own workspace begins.</summary>
    public long ScratchAt => _bytes;

    public double Cost => _calls.Sum(c => c.Cost);

    /// <summary>The longest chain of roundings of a term.</summary>
    public double Chain => _calls.Sum(c => c.Chain);

    /// <summary>The plan, or the reason why there is none.</summary>
    public static bool TryCreate(EinsumProblem p, Target target, [NotNullWhen(true)] out EinsumPlan? plan, out string reason)
    {
        plan = null;
        reason = p.Type is not (DType.Float32 or DType.Float64 or DType.Int32 or DType.Int64 or DType.UInt32 or DType.UInt64)
            ? $"element type is {p.Type.ShortName()}, needs f32, f64 or an integer of 32 or 64 bits"
            : p.Operands.Length < 2 ? "one operand, needs two or more"
            : p.Extents.Contains(0) ? "an axis is empty" : "";
        if (reason.Length > 0)
            return false;
        var made = new EinsumPlan(p, target);
        try
        {
            made.Build();
        }
        catch (ShapeException)
        {
            reason = "an intermediate tensor would be too large";
            return false;
        }
        // The order of products is fixed, so an outer product of all operands may come before the sum.
        double operands = p.Traffic;
        if (made._bytes > Math.Max(64 << 20, 8 * operands))
            reason = $"intermediate tensors would take {made._bytes} bytes, operands take {operands}";
        plan = reason.Length == 0 ? made : null;
        return plan is not null;
    }

    private void Build()
    {
        View left = Operand(0);
        for (int i = 1; i < _problem.Operands.Length; i++)
        {
            HashSet<int> needed = [.. Enumerable.Range(0, _problem.OutputRank)];
            for (int later = i + 1; later < _problem.Operands.Length; later++)
                needed.UnionWith(Operand(later).Strides.Keys);
            left = Multiply(left, Operand(i), needed, isLast: i == _problem.Operands.Length - 1);
        }
    }

    private View Operand(int index)
    {
        long[] strides = _problem.Strides(index);
        return new View(new EinsumPlace(EinsumMemory.Operand, index), _problem.Operands[index].Shape.Count,
            Enumerable.Range(0, strides.Length).Where(l => strides[l] != 0).ToImmutableSortedDictionary(l => l, l => strides[l]));
    }

    private View Multiply(View a, View b, HashSet<int> needed, bool isLast)
    {
        int[] batch = [.. a.Strides.Keys.Where(l => b.Strides.ContainsKey(l) && needed.Contains(l))];
        // The order in which A has them, so that A is less often copied.
        int[] depth = [.. a.Strides.Keys.Where(l => b.Strides.ContainsKey(l) && !needed.Contains(l)).OrderByDescending(l => a.Strides[l])];
        int[] rows = [.. a.Strides.Keys.Where(l => !b.Strides.ContainsKey(l) && needed.Contains(l))];
        int[] columns = [.. b.Strides.Keys.Where(l => !a.Strides.ContainsKey(l) && needed.Contains(l))];
        // Labels are numbered in the output's order: the operand whose label comes last gives the columns.
        if (isLast && rows.Length > 0 && (columns.Length == 0 || rows[^1] > columns[^1]))
            return Multiply(b, a, batch, depth, columns, rows, isLast);
        return Multiply(a, b, batch, depth, rows, columns, isLast);
    }

    private View Multiply(View a, View b, int[] batch, int[] depth, int[] rows, int[] columns, bool isLast)
    {
        a = Arrange(a, [.. batch, .. rows, .. depth], [.. batch, .. depth, .. rows], out bool transposeA);
        b = Arrange(b, [.. batch, .. depth, .. columns], [.. batch, .. columns, .. depth], out bool transposeB);
        long matrices = Count(batch), m = Count(rows), k = Count(depth), n = Count(columns);
        long[] before = matrices == 1 ? [] : [matrices];
        var product = new GemmProblem
        {
            Type = _problem.Type,
            ShapeA = transposeA ? [.. before, k, m] : [.. before, m, k],
            ShapeB = transposeB ? [.. before, n, k] : [.. before, k, n],
            TransA = transposeA,
            TransB = transposeB,
        };
        int[] labels = [.. batch, .. rows, .. columns];
        long count = Count(labels);
        bool inOrder = labels.AsSpan().SequenceEqual(labels.Order().ToArray());
        EinsumPlace place = isLast && inOrder ? new EinsumPlace(EinsumMemory.Output, 0) : Reserve(count);
        Add(GemmAlgorithms.All, product, [a.Place, b.Place], place);
        var view = new View(place, count, StridesOf(labels));
        if (isLast && !inOrder)
            Copy(view, [.. labels.Order()], new EinsumPlace(EinsumMemory.Output, 0));
        return view;
    }

    // The operand with its labels in one of two orders, without those that are in neither, which are summed.
    private View Arrange(View view, int[] order, int[] transposed, out bool isTransposed)
    {
        isTransposed = false;
        if (view.Strides.Count == order.Length)
        {
            if (Lies(view, order))
                return view;
            if (isTransposed = Lies(view, transposed))
                return view;
        }
        EinsumPlace place = Reserve(Count(order));
        var arranged = new View(place, Count(order), StridesOf(order));
        int[] summed = [.. view.Strides.Keys.Except(order)];
        if (summed.Length == 0)
        {
            Copy(view, order, place);
            return arranged;
        }
        var nest = new EinsumLoops.Nest(Extents(order), Extents(summed), Array.ConvertAll(order, l => view.Strides[l]), Array.ConvertAll(summed, l => view.Strides[l]));
        double terms = Count(summed);
        _calls.Add(new EinsumCall([view.Place], place, () => EinsumLoops.Create(_problem.Type, nest), 0, (10.0 + 0.6 * terms) * Count(order) / _target.Threads,
            _problem.Type == DType.Float64 ? terms : 2));
        return arranged;
    }

    private void Copy(View view, int[] order, EinsumPlace target)
    {
        var copy = new StridedCopyProblem
        {
            Name = "einsum",
            Operands = [new TensorType(_problem.Type, [view.Count])],
            Output = new TensorType(_problem.Type, Shape.Create(Extents(order))),
            Walk = [.. Extents(order)],
            Steps = [.. order.Select(l => view.Strides[l])],
        };
        Add(StridedCopyAlgorithms.All, copy, [view.Place], target);
    }

    // The cheapest row; a chain of roundings counts for products alone.
    private void Add<TProblem>(ImmutableArray<Algorithm<TProblem>> rows, TProblem problem, ImmutableArray<EinsumPlace> sources, EinsumPlace target) where TProblem : Problem
    {
        var request = new Request<TProblem>(problem, FormatChoice.Plain, _target);
        // The same row whatever the threads, and so the same bits.
        Request<TProblem> single = request with { Target = _target with { Threads = 1 } };
        Algorithm<TProblem> row = rows.Where(r => !r.IsReference && !r.IsView && r.Supports(problem, _target).IsYes && r.PackKey(request) is null).MinBy(r => r.CostHint(single))
            ?? throw new ShapeException("no row");
        _calls.Add(new EinsumCall(sources, target, () => row.Bind(request, null), row.WorkspaceBytes(request), row.CostHint(request), row.Error(problem, _target).Factor));
    }

    private EinsumPlace Reserve(long count)
    {
        long at = _bytes;
        _bytes = ShapeMath.Add(_bytes, ShapeMath.RoundUp(ShapeMath.Multiply(count, _problem.Type.ByteSize()), 64));
        return new EinsumPlace(EinsumMemory.Workspace, at);
    }

    private bool Lies(View view, int[] order)
    {
        ImmutableSortedDictionary<int, long> wanted = StridesOf(order);
        return order.All(l => view.Strides[l] == wanted[l]);
    }

    private ImmutableSortedDictionary<int, long> StridesOf(int[] order)
    {
        long[] strides = ShapeMath.RowMajorStrides(Extents(order));
        return Enumerable.Range(0, order.Length).ToImmutableSortedDictionary(i => order[i], i => strides[i]);
    }

    private long[] Extents(int[] labels) => Array.ConvertAll(labels, l => _problem.Extents[l]);

    private long Count(int[] labels) => ShapeMath.Product(Extents(labels));
}
