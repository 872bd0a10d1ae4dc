using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to cast.</summary>
internal static class CastAlgorithms
{
    public static ImmutableArray<Algorithm<CastProblem>> All { get; } =
    [
        new()
        {
            Name = "view",
            Source = "the input's memory under another name",
            Needs = "equal element types",
            IsView = true,
            Supports = static (p, _) => Applicability.If(p.Input.Type == p.Output.Type, $"{p.Input.Type.ShortName()} and {p.Output.Type.ShortName()} differ"),
            CostHint = static _ => 0,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => new CopyKernel(r.Problem.Input.Type == DType.String ? 0 : r.Problem.Input.ByteLength),
        },
        new()
        {
            Name = "convert",
            Source = "one loop for each pair of types; float8 and packed types through float32 and int64",
            Layouts = "plain or blocked",
            Supports = CastKernel.Supports,
            Formats = Formats,
            CostHint = static r => 100 + Math.Max(r.Problem.Output.Shape.Count * 0.7 / r.Target.Threads, r.Problem.Traffic / r.Target.BytesPerNanosecond),
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static r => r.Problem.Input.Type.BitsPerElement() == r.Problem.Output.Type.BitsPerElement() ? [(0, 0)] : [],
            Bind = CastKernel.Bind,
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time, the nearest of all codes",
            IsReference = true,
            Supports = CastReference.Supports,
            CostHint = static r => 100.0 * r.Problem.Output.Shape.Count + 1e6,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = CastReference.Bind,
        },
    ];

    // Blocks of packed elements would not begin at bytes, and the zero of powers of two is none.
    private static ImmutableArray<FormatChoice> Formats(CastProblem p, Target target)
    {
        bool blocks = p.Output.Shape.Rank >= 3 && !p.Input.Type.IsPacked() && !p.Output.Type.IsPacked()
            && p.Input.Type != DType.Float8E8M0 && p.Output.Type != DType.Float8E8M0;
        return blocks ? [FormatChoice.Plain, FormatChoice.Uniform(Format.Blocked(target.ChannelBlock), 1)] : FormatChoice.PlainOnly;
    }
}
