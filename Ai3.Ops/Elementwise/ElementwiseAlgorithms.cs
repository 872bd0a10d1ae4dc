using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to compute an element-wise problem.</summary>
internal static class ElementwiseAlgorithms
{
    public static ImmutableArray<Algorithm<ElementwiseProblem>> All { get; } =
    [
        new()
        {
            Name = "simd",
            Source = "vector loop, one function body for every instruction set",
            Needs = "float32 and a function with a vector form",
            Workspace = "per-channel operands padded to whole blocks",
            Layouts = "plain or blocked",
            Supports = static (p, _) => IsSingle(p) ? Applicability.If(Function(p)?.Simd is not null, $"{p.Function} has no vector form")
                : Applicability.No("an operand is not f32"),
            Formats = ElementwiseLayout.Choices,
            WorkspaceBytes = ElementwisePlan.WorkspaceBytes,
            CostHint = static r => Cost(r, Function(r.Problem)!.SimdCost * 16 / r.Target.Lanes),
            Error = static (p, _) => Bound(p, Function(p)!.SimdError),
            InPlace = InPlace,
            Bind = static (r, _) => Kernel(r, Function(r.Problem)!.Simd!(r.Target.Isa)),
        },
        new()
        {
            Name = "tensor_primitives",
            Source = "System.Numerics.Tensors",
            Needs = "float32 and a function that is accurate there",
            Workspace = "per-channel operands padded to whole blocks",
            Layouts = "plain or blocked",
            Supports = static (p, _) => IsSingle(p) ? Applicability.If(Function(p)?.TensorPrimitives is not null, $"{p.Function} is missing or not accurate enough there")
                : Applicability.No("an operand is not f32"),
            Formats = ElementwiseLayout.Choices,
            WorkspaceBytes = ElementwisePlan.WorkspaceBytes,
            CostHint = static r => Cost(r, 1.3 * Function(r.Problem)!.SimdCost),
            Error = static (p, _) => Bound(p, Function(p)!.TensorPrimitivesError),
            InPlace = InPlace,
            Bind = static (r, _) => Kernel(r, Function(r.Problem)!.TensorPrimitives!()),
        },
        new()
        {
            Name = "widened",
            Source = "the vector loop in float32, operands and result converted a piece at a time",
            Needs = "float16 or bfloat16 and a function with a vector form",
            Workspace = "per-channel operands padded to whole blocks",
            Layouts = "plain or blocked",
            Supports = static (p, _) => !IsHalf(p) ? Applicability.No("operands are not f16 or bf16")
                : p.Function == "swiglu" ? Applicability.No("a gate that float32 rounds to 0 would meet an infinite factor")
                : Applicability.If(Function(p)?.Simd is not null, $"{p.Function} has no vector form"),
            Formats = ElementwiseLayout.Choices,
            WorkspaceBytes = ElementwisePlan.WorkspaceBytes,
            CostHint = static r => Cost(r, 0.3 + Function(r.Problem)!.SimdCost * 16 / r.Target.Lanes),
            Error = static (p, _) => Bound(p, WidenedError(Function(p)!.SimdError)),
            InPlace = InPlace,
            Bind = static (r, _) => Kernel(r, Function(r.Problem)!.Simd!(r.Target.Isa)),
        },
        new()
        {
            Name = "vector",
            Source = "portable vectors of the element type",
            Needs = "a sum, difference or product of integers or float64, a comparison, or Where on elements of up to 8 bytes",
            Workspace = "per-channel operands padded to whole blocks",
            Layouts = "plain or blocked",
            Supports = static (p, _) => Applicability.If(Function(p)?.Vector?.Invoke(p).Exists ?? false, $"{p.Function} has no such loop for {p.Operands[0].Type.ShortName()}"),
            Formats = ElementwiseLayout.Choices,
            WorkspaceBytes = ElementwisePlan.WorkspaceBytes,
            CostHint = static r => Cost(r, 0.03 * r.Problem.Operands[^1].Type.ByteSize()),
            Error = static (p, _) => Bound(p, ErrorBound.Exact),
            InPlace = InPlace,
            Bind = static (r, _) => Kernel(r, Function(r.Problem)!.Vector!(r.Problem)),
        },
        new()
        {
            Name = "scalar",
            Source = "one element at a time",
            Workspace = "per-channel operands padded to whole blocks",
            Layouts = "plain or blocked",
            Supports = static (p, _) => Applicability.If(Function(p)?.Scalar(p).Exists ?? false, $"{p.Function} has no loop for {p.Operands[0].Type.ShortName()}"),
            Formats = ElementwiseLayout.Choices,
            WorkspaceBytes = ElementwisePlan.WorkspaceBytes,
            CostHint = static r => Cost(r, Function(r.Problem)!.ScalarCost),
            Error = static (p, _) => Bound(p, ScalarError(p, Function(p)!)),
            InPlace = InPlace,
            Bind = static (r, _) => Kernel(r, Function(r.Problem)!.Scalar(r.Problem)),
        },
        ReferenceAlgorithm.Of<ElementwiseProblem>(ElementwiseReference.Evaluate),
    ];

    /// <summary>The rows that can compute at least one of some functions for the element types given.</summary>
    public static ImmutableArray<Algorithm<ElementwiseProblem>> For(ImmutableArray<string> functions, TypeSet types)
    {
        bool single = types.HasFlag(TypeSet.Float);
        bool simd = single && functions.Any(f => ElementwiseFunctions.Find(f)!.Simd is not null);
        bool vector = functions.Any(f => ElementwiseFunctions.Find(f)!.Vector is not null);
        bool primitives = single && functions.Any(f => ElementwiseFunctions.Find(f)!.TensorPrimitives is not null);
        return [.. All.Where(row => row.Name switch { "simd" => simd, "tensor_primitives" => primitives, "widened" => simd && !functions.Contains("swiglu"), "vector" => vector, _ => true })];
    }

    private static ElementwiseFunction? Function(ElementwiseProblem p) => ElementwiseFunctions.Find(p.Function);

    private static bool IsSingle(ElementwiseProblem p)
    {
        foreach (TensorType operand in p.Operands)
            if (!operand.IsAbsent && operand.Type != DType.Float32)
                return false;
        return p.Output.Type == DType.Float32;
    }

    private static bool IsHalf(ElementwiseProblem p)
    {
        foreach (TensorType operand in p.Operands)
            if (!operand.IsAbsent && operand.Type is not (DType.Float16 or DType.BFloat16))
                return false;
        return p.Output.Type is DType.Float16 or DType.BFloat16;
    }

    // A few units in the last place of float32 move the rounding to 16 bits by at most one.
    private static ErrorBound WidenedError(ErrorBound single) => single.Kind == ErrorKind.Ulp ? ErrorBound.Ulp(1) : single;

    // A fold of n operands rounds n - 1 times, and once more in a mean.
    private static ErrorBound Bound(ElementwiseProblem p, ErrorBound own) =>
        p.Function is "sum" or "mean" && (p.Operands.Length > 2 || p.Function == "mean") ? ErrorBound.PerElement(p.Operands.Length + 1) : own;

    private static ErrorBound ScalarError(ElementwiseProblem p, ElementwiseFunction function) =>
        p.Output.Type == DType.Float64 && function.Float64Error is { } error ? error : function.ScalarError;

    private static double Cost(Request<ElementwiseProblem> request, double perElement)
    {
        double work = request.Problem.Output.Shape.Count * perElement * Math.Max(1, request.Problem.Operands.Length - 1);
        return 100 + Math.Max(work / request.Target.Threads, request.Problem.Traffic / request.Target.BytesPerNanosecond);
    }

    // Operands 0 and 1 of a fold are read before the first write of an element; later ones are not.
    private static ImmutableArray<(int Output, int Input)> InPlace(Request<ElementwiseProblem> request)
    {
        ElementwiseProblem p = request.Problem;
        bool folds = Function(p)!.Folds;
        var pairs = ImmutableArray.CreateBuilder<(int, int)>();
        for (int i = 0; i < p.Operands.Length && (i < 2 || !folds); i++)
            if (!p.Operands[i].IsAbsent && p.Operands[i].Shape == p.Output.Shape && p.Operands[i].Type.ByteSize() == p.Output.Type.ByteSize()
                && request.Formats.Input(i) == request.Formats.Output(0))
                pairs.Add((0, i));
        return pairs.ToImmutable();
    }

    private static ElementwiseKernel Kernel(Request<ElementwiseProblem> request, RowFunction function) =>
        new(ElementwisePlan.Of(request, Function(request.Problem)!, function));
}
