using Ai3.Tensors;

namespace Ai3.NativeAot;

/// <summary>AI3_KIND_ of ai3.h.</summary>
internal enum AbiKind
{
    Unknown = 0,
    Tensor = 1,
    Sequence = 2,
    Map = 3,
    Optional = 4,
}

/// <summary>Kinds of values.</summary>
internal static class AbiKinds
{
    public static AbiKind Of(ValueFact? fact) => fact switch
    {
        TensorFact => AbiKind.Tensor,
        SequenceFact => AbiKind.Sequence,
        MapFact => AbiKind.Map,
        OptionalFact => AbiKind.Optional,
        _ => AbiKind.Unknown,
    };
}
