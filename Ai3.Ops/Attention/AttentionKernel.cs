using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>How an algorithm goes over the rows of an attention once its operands are ready.</summary>
internal interface IAttentionRows
{
    /// <summary>Bytes of scratch of one thread.</summary>
    long ScratchBytes { get; }

    /// <summary>Computes every row.</summary>
    /// <param name="call">The operands.</param>
    /// <param name="scratch">The scratch of all threads.</param>
    /// <param name="scratchPerThread">Bytes from one thread's to the next's.</param>
    /// <param name="workers">Who computes.</param>
    void Run(in AttentionCall call, nint scratch, long scratchPerThread, WorkerPool workers);
}

/// <summary>
/// Runs an attention: projects, checks what only the data shows, moves queries (bias, rotation), puts keys and values together, and
/// hands over to the rows of an algorithm.
/// </summary>
/// <remarks>Workspace: projection and its own, moved queries, keys and values that are no outputs, scratch of each thread.</remarks>
internal sealed unsafe class AttentionKernel<E>(AttentionProblem p, IAttentionRows rows, AttentionProjection? projection, PackedConstants? packed, int threads)
    : PreparedKernel where E : struct, IElement
{
    private const double SmallFlops = 30_000;

    private readonly AttentionGeometry _g = new(p);
    private readonly AttentionRoles _roles = AttentionRoles.Of(p.Form);
    private readonly AttentionWorkspace _workspace = new(p, new AttentionGeometry(p), rows.ScratchBytes, threads, projection);
    private readonly PreparedKernel? _projection = projection?.Bind(packed);
    private readonly int _size = p.Type.ByteSize();

    // Less than it takes to wake a thread.
    private readonly bool _isSmall = p.Flops < SmallFlops;

    public override void Run(in KernelArgs args)
    {
        AttentionChecks.Run(p, _g, args);
        WorkerPool workers = _isSmall ? WorkerPool.Single : args.Workers;
        var call = new AttentionCall
        {
            Output = (void*)args.Outputs[0],
            Scores = (void*)Output(args, _roles.Scores),
            Sink = (void*)Input(args, _roles.Sink),
            Mask = AttentionMask.Of(p, _g, args),
        };
        nint source = Project(args);
        SetOperands(ref call, args, source, workers);
        rows.Run(call, args.Workspace + (nint)_workspace.Scratch, _workspace.ScratchPerThread, workers);
    }

    private nint Project(in KernelArgs args)
    {
        if (_projection is null)
            return 0;
        nint target = args.Workspace + (nint)_workspace.Projected;
        _projection.Run(new KernelArgs
        {
            Inputs = [args.Inputs[0], args.Inputs[1], Input(args, 2)],
            Outputs = [target],
            Workspace = args.Workspace + (nint)_workspace.Inner,
            Workers = args.Workers,
        });
        return target;
    }

    private void SetOperands(ref AttentionCall call, in KernelArgs args, nint projected, WorkerPool workers)
    {
        nint query = projected != 0 ? projected : args.Inputs[0];
        nint key = projected != 0 ? projected : Input(args, _roles.Key), value = projected != 0 ? projected : Input(args, _roles.Value);
        if (key == 0)
            key = query;
        if (value == 0)
            value = key;
        call.Query = (void*)query;
        call.QueryLayout = _g.Query;
        call.Key = (void*)key;
        call.KeyLayout = _g.Key;
        call.Value = (void*)value;
        call.ValueLayout = _g.Value;
        if (!_g.MovesQuery && !_g.Assembles)
            return;
        nint pastKey = Input(args, _roles.PastKey), pastValue = Input(args, _roles.PastValue);
        nint keyCache = Output(args, 1), valueCache = Output(args, 2);
        if (_roles.JoinsCaches)
        {
            // Keys, then values.
            pastValue = pastKey == 0 ? 0 : pastKey + (nint)(_g.Batch * _g.KvHeads * _g.Past * _g.Size * _size);
            valueCache = keyCache == 0 ? 0 : keyCache + (nint)(_g.Batch * _g.KvHeads * _g.Capacity * _g.Size * _size);
        }
        var move = new AttentionMove<E>
        {
            Geometry = _g,
            Problem = p,
            ElementSize = _size,
            Call = call,
            MovedQuery = _g.MovesQuery ? args.Workspace + (nint)_workspace.Query : 0,
            KeyCache = !_g.Assembles ? 0 : keyCache != 0 ? keyCache : args.Workspace + (nint)_workspace.Key,
            ValueCache = !_g.Assembles ? 0 : valueCache != 0 ? valueCache : args.Workspace + (nint)_workspace.Value,
            PastKey = pastKey,
            PastValue = pastValue,
            Bias = Input(args, _roles.ProjectionBias),
            Cos = p.Rotary ? Input(args, _roles.Cos) : 0,
            Sin = p.Rotary ? Input(args, _roles.Sin) : 0,
            Positions = (long*)Input(args, _roles.Positions),
        };
        workers.For(move.Items, ref move);
        if (_g.MovesQuery)
        {
            call.Query = (void*)move.MovedQuery;
            call.QueryLayout = _g.MovedQuery;
        }
        if (_g.Assembles)
        {
            call.Key = (void*)move.KeyCache;
            call.KeyLayout = _g.KeyCache;
            call.Value = (void*)move.ValueCache;
            call.ValueLayout = _g.ValueCache;
        }
    }

    private static nint Input(in KernelArgs args, int role) => role >= 0 && role < args.Inputs.Length ? args.Inputs[role] : 0;

    private static nint Output(in KernelArgs args, int role) => role >= 0 && role < args.Outputs.Length ? args.Outputs[role] : 0;
}
