namespace Ai3.Ops;

/// <summary>What a pad is filled with.</summary>
internal enum PadMode
{
    /// <summary>One value.</summary>
    Constant,
    /// <summary>The elements mirrored about the edge element, which is not repeated.</summary>
    Reflect,
    /// <summary>The edge element.</summary>
    Edge,
    /// <summary>The elements from the other end.</summary>
    Wrap,
}
