using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>What a generator is asked for: any problem of an operator, or one that a row supports.</summary>
public sealed record ProblemRequest
{
    /// <summary>The operator.</summary>
    public required OpDefinition Op { get; init; }

    /// <summary>The machine the problem is to be computed for; block sizes follow from it.</summary>
    public required Target Target { get; init; }

    /// <summary>How large dimensions may get: small first, about 4 to 40. Keep problems under some 2 million Flops.</summary>
    public required int Size { get; init; }

    /// <summary>The row that must support the problem; null if any problem will do, also one that only the reference takes.</summary>
    public Algorithm? Row { get; init; }

    /// <summary>How many proposals for this request the row has refused so far.</summary>
    public int Attempt { get; init; }

    /// <summary>Why the row refused the last one; empty at first.</summary>
    public string Refusal { get; init; } = "";

    /// <summary>The name of <see cref="Row"/>, or an empty string.</summary>
    public string RowName => Row?.Name ?? "";
}
