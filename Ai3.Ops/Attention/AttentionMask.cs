using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which keys each query sees, and what is added to its scores.</summary>
internal unsafe struct AttentionMask
{
    private const long Far = 1L << 40;

    private MaskTerm _mask;
    private MaskTerm _bias;
    private nint _lengths;
    private AttentionForm _form;
    private long _queries;
    private long _capacity;
    private long _past;
    private long _total;
    private long _left;
    private long _right;

    public static AttentionMask Of(AttentionProblem p, AttentionGeometry g, in KernelArgs args)
    {
        AttentionRoles roles = AttentionRoles.Of(p.Form);
        return new AttentionMask
        {
            _form = p.Form,
            _queries = g.Queries,
            _capacity = g.Capacity,
            _past = g.Past,
            _total = p.TotalLength,
            _left = p.Left < 0 ? Far : Math.Min(p.Left, Far),
            _right = p.Causal ? 0 : p.Right < 0 ? Far : Math.Min(p.Right, Far),
            _lengths = Address(args, roles.Lengths),
            _mask = Term(p, g, args, roles.Mask),
            _bias = Term(p, g, args, roles.ScoreBias),
        };
    }

    /// <summary>True if scores are changed within the bounds.</summary>
    public readonly bool HasTerms => _mask.Kind != MaskKind.None || _bias.Kind != MaskKind.None;

    /// <summary>The number of keys of a batch, and the position of its first query among them.</summary>
    public readonly (long Keys, long Offset) Of(long b)
    {
        if (_form == AttentionForm.GroupQuery)
        {
            long total = Math.Clamp(((int*)_lengths)[b] + 1L, 0, Math.Min(_capacity, _total));
            return (total, _queries == _total ? 0 : Math.Max(0, total - _queries));
        }
        if (_lengths == 0)
            return (_capacity, _past);
        long length = Math.Clamp(((long*)_lengths)[b], -Far, Far);
        return (Math.Clamp(length, 0, _capacity), length - _queries);
    }

    /// <summary>The keys [low, high) that a query may see: none beyond those that there are, however far its window has moved past them.</summary>
    public readonly void Bounds(long b, long i, out long low, out long high)
    {
        (long keys, long offset) = Of(b);
        long position = offset + i;
        high = Math.Max(0, Math.Min(Math.Min(keys, position + _right + 1), _mask.Kind == MaskKind.None ? long.MaxValue : _mask.Keys));
        low = Math.Clamp(position - _left, 0, high);
    }

    /// <summary>What is added to one score; minus infinity leaves the key out.</summary>
    public readonly double At(long b, long h, long i, long j) => _mask.At(b, h, i, j) + _bias.At(b, h, i, j);

    /// <summary>Adds to the float32 scores of keys [from, from + count).</summary>
    public readonly void AddTo<S, V>(float* scores, long b, long h, long i, long from, long count) where S : struct, ISimd<V> where V : unmanaged
    {
        _mask.AddTo<S, V>(scores, b, h, i, from, count);
        _bias.AddTo<S, V>(scores, b, h, i, from, count);
    }

    private static MaskTerm Term(AttentionProblem p, AttentionGeometry g, in KernelArgs args, int role)
    {
        nint address = Address(args, role);
        if (address == 0)
            return default;
        (DType type, Shape shape) = p.Operands[role];
        var term = new MaskTerm { Data = (void*)address, Type = type, Filter = p.MaskFilter, Keys = long.MaxValue, Kind = type == DType.Bool ? MaskKind.Allow : MaskKind.Add };
        bool integers = p.Form != AttentionForm.Standard && role == AttentionRoles.Of(p.Form).Mask;
        if (integers && shape.Rank == 1)
        {
            term.Kind = MaskKind.End;
            term.Starts = shape[0] == 2 * g.Batch && g.Batch > 0 && p.Form == AttentionForm.Projected ? (int*)address + (nint)g.Batch : null;
            return term;
        }
        if (integers)
            term.Kind = MaskKind.Keep;
        long row = shape.Rank == 0 ? 1 : shape[^1];
        term.Keys = row;
        if (integers && shape.Rank < 4)
        {
            // [batch, key] or [batch, query, key].
            term.Query = shape.Rank == 3 ? (nint)row : 0;
            term.Batch = (nint)shape.CountOf(1..);
            return term;
        }
        term.Query = shape.Rank >= 2 && shape[^2] != 1 ? (nint)row : 0;
        long matrix = shape.Rank >= 2 ? shape[^2] * row : row;
        term.Head = shape.Rank >= 3 && shape[^3] != 1 ? (nint)matrix : 0;
        term.Batch = shape.Rank == 4 && shape[0] != 1 ? (nint)(shape[1] * matrix) : 0;
        // [batch, 1, max, max]: the rows of the queries come after those of the past.
        if (integers)
            term.Data = (int*)address + (nint)(g.Past * row);
        return term;
    }

    private static nint Address(in KernelArgs args, int role) => role >= 0 && role < args.Inputs.Length ? args.Inputs[role] : 0;
}
