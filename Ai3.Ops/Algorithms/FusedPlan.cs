using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Splits a fused problem between an algorithm and passes of their own: what the row does not take runs before it (prologue,
/// into workspace) or after it (residual and activation, over the output's memory).
/// </summary>
internal sealed class FusedPlan<TProblem> where TProblem : Problem
{
    private readonly TProblem _problem;
    private readonly Fusion _outside;
    private readonly int _fusedIndex;

    private FusedPlan(TProblem problem, TProblem inner, Fusion outside, int fusedIndex)
    {
        _problem = problem;
        Inner = inner;
        _outside = outside;
        _fusedIndex = fusedIndex;
    }

    /// <summary>The problem as the row sees it.</summary>
    public TProblem Inner { get; }

    public static FusedPlan<TProblem> Of(TProblem problem, FusedParts parts)
    {
        if (problem is not IFusable<TProblem> fusable || fusable.Fusion.IsNone)
            return new FusedPlan<TProblem>(problem, problem, Fusion.None, 0);
        Fusion all = fusable.Fusion;
        bool prologue = all.Prologue && parts.HasFlag(FusedParts.Prologue) && all.PrologueActivation.IsClamp;
        bool residual = all.Residual && parts.HasFlag(FusedParts.Residual);
        // The activation comes after the residual, so a row that leaves the residual out must leave the activation out too.
        bool activation = residual == all.Residual
            && (parts.HasFlag(FusedParts.AnyActivation) || parts.HasFlag(FusedParts.Clamp) && all.Activation.IsClamp);
        var inside = new Fusion
        {
            Prologue = prologue,
            PrologueActivation = prologue ? all.PrologueActivation : Activation.None,
            Residual = residual,
            Activation = activation ? all.Activation : Activation.None,
        };
        var outside = new Fusion
        {
            Prologue = all.Prologue && !prologue,
            PrologueActivation = prologue ? Activation.None : all.PrologueActivation,
            Residual = all.Residual && !residual,
            Activation = activation ? Activation.None : all.Activation,
        };
        return new FusedPlan<TProblem>(problem, fusable.WithFusion(inside), outside, fusable.FusedInputIndex);
    }

    public Candidate ToCandidate(Algorithm<TProblem> row, Request<TProblem> request)
    {
        long innerWorkspace = row.WorkspaceBytes(request);
        bool split = !_outside.IsNone;
        long prologueBytes = _outside.Prologue ? ShapeMath.RoundUp(StorageBytes(request.Formats.Input(0), _problem.Inputs[0]), NativeBuffer.Alignment) : 0;
        double passBytes = (_outside.Prologue ? 2.0 * prologueBytes : 0)
            + (_outside.Residual || _outside.Activation.Kind != ActivationKind.None ? 3.0 * _problem.Outputs[0].ByteLength : 0);
        return new TypedCandidate
        {
            Row = row,
            Request = request,
            Plan = split ? this : null,
            PrologueBytes = prologueBytes,
            Algorithm = row,
            Formats = split ? OuterFormats(request.Formats) : request.Formats,
            WorkspaceBytes = ShapeMath.Add(prologueBytes, innerWorkspace),
            PackedBytes = row.PackedBytes(request),
            // Of one thread, so that the choice and with it every bit are the same for any number of them.
            CostNanoseconds = row.CostHint(request with { Target = request.Target with { Threads = 1 } }) + passBytes / (4 * request.Target.BytesPerNanosecond),
            PackKey = row.PackKey(request),
            InPlace = split ? [] : row.InPlace(request),
            Slices = split ? [] : row.Slices(request),
            Error = row.Error(request.Problem, request.Target),
        };
    }

    // The residual has the output's format; scale and shift are plain vectors. Both are absent from the row's own choice if left outside.
    private FormatChoice OuterFormats(FormatChoice inner)
    {
        var inputs = ImmutableArray.CreateBuilder<Format>();
        for (int i = 0; i < _fusedIndex; i++)
            inputs.Add(inner.Input(i));
        if (((IFusable<TProblem>)_problem).Fusion.Residual)
            inputs.Add(inner.Output(0));
        return new FormatChoice(inputs.ToImmutable(), inner.Outputs);
    }

    private static long StorageBytes(Format format, TensorType operand) => operand.Type.ByteCount(format.StorageCount(operand.Shape));

    private FusedPassesKernel Wrap(PreparedKernel inner, FormatChoice formats, long prologueBytes, IsaLevel isa)
    {
        Fusion all = ((IFusable<TProblem>)_problem).Fusion;
        int next = _fusedIndex;
        int residual = all.Residual ? next++ : -1;
        int scale = all.Prologue ? next : -1;
        return new FusedPassesKernel(inner, new FusedPasses
        {
            Outside = _outside,
            OwnInputs = _fusedIndex,
            ResidualInput = residual,
            ScaleInput = scale,
            Input = _problem.Inputs[0],
            InputFormat = formats.Input(0),
            Output = _problem.Outputs[0],
            OutputFormat = formats.Output(0),
            PrologueBytes = prologueBytes,
            Isa = isa,
        });
    }

    private sealed class TypedCandidate : Candidate
    {
        public required Algorithm<TProblem> Row { get; init; }

        public required Request<TProblem> Request { get; init; }

        public required FusedPlan<TProblem>? Plan { get; init; }

        public required long PrologueBytes { get; init; }

        public override PackedConstants Pack(IReadOnlyList<Tensor?> constants) =>
            Row.Pack is null ? throw new InvalidOperationException($"{Row.Name} has a pack key but no Pack") : Row.Pack(Request, constants);

        public override PreparedKernel Bind(PackedConstants? packed)
        {
            PreparedKernel kernel = Row.Bind(Request, packed);
            return Plan is null ? kernel : Plan.Wrap(kernel, Request.Formats, PrologueBytes, Request.Target.Isa);
        }
    }
}
