namespace Ai3.Ops;

/// <summary>Whether an algorithm can compute a problem, and if not, why not.</summary>
public readonly record struct Applicability
{
    private Applicability(string? reason) => Reason = reason;

    /// <summary>The algorithm applies.</summary>
    public static Applicability Yes => default;

    /// <summary>The algorithm does not apply.</summary>
    /// <param name="reason">The fact at fault and what would be right, such as <c>kernel is 5x5, needs 3x3</c>.</param>
    public static Applicability No(string reason) => new(reason);

    /// <summary>Why not; null if the algorithm applies.</summary>
    public string? Reason { get; }

    /// <summary>True if the algorithm applies.</summary>
    public bool IsYes => Reason is null;

    /// <summary>The first refusal of the two.</summary>
    public Applicability And(Applicability other) => IsYes ? other : this;

    /// <summary>Yes if the condition holds, otherwise a refusal.</summary>
    public static Applicability If(bool condition, string reason) => condition ? Yes : No(reason);
}
