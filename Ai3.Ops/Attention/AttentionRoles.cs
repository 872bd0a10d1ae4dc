namespace Ai3.Ops;

/// <summary>Which input or output of an attention operator plays which part; -1 where it has none.</summary>
internal sealed record AttentionRoles
{
    public int Query { get; private init; }

    public int Key { get; private init; } = 1;

    public int Value { get; private init; } = 2;

    /// <summary>The bias of Q, K and V, one after the other.</summary>
    public int ProjectionBias { get; private init; } = -1;

    /// <summary>What leaves keys out, or is added to scores.</summary>
    public int Mask { get; private init; } = -1;

    /// <summary>What is added to scores besides.</summary>
    public int ScoreBias { get; private init; } = -1;

    public int PastKey { get; private init; } = -1;

    public int PastValue { get; private init; } = -1;

    /// <summary>Keys that count, for each batch.</summary>
    public int Lengths { get; private init; } = -1;

    public int Cos { get; private init; } = -1;

    public int Sin { get; private init; } = -1;

    public int Positions { get; private init; } = -1;

    /// <summary>A score for each head that joins the softmax's sum without a value.</summary>
    public int Sink { get; private init; } = -1;

    public int Scores { get; private init; } = 3;

    /// <summary>True if past and present hold keys, then values, in one tensor.</summary>
    public bool JoinsCaches { get; private init; }

    public static AttentionRoles Of(AttentionForm form) => form switch
    {
        AttentionForm.Standard => s_standard,
        AttentionForm.MultiHead => s_multiHead,
        AttentionForm.GroupQuery => s_groupQuery,
        _ => s_projected,
    };

    private static readonly AttentionRoles s_standard = new() { Mask = 3, PastKey = 4, PastValue = 5, Lengths = 6 };

    private static readonly AttentionRoles s_multiHead = new() { ProjectionBias = 3, Mask = 4, ScoreBias = 5, PastKey = 6, PastValue = 7 };

    private static readonly AttentionRoles s_groupQuery =
        new() { PastKey = 3, PastValue = 4, Lengths = 5, Cos = 7, Sin = 8, Positions = 9, ScoreBias = 10, Sink = 11 };

    private static readonly AttentionRoles s_projected =
        new() { Key = -1, Value = -1, Mask = 3, PastKey = 4, ScoreBias = 5, Scores = -1, JoinsCaches = true };
}
