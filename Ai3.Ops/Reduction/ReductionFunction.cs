namespace Ai3.Ops;

/// <summary>What a reduction makes of the elements x it runs over, n of them.</summary>
public enum ReductionFunction
{
    /// <summary>sum x.</summary>
    Sum,
    /// <summary>sum x / n.</summary>
    Mean,
    /// <summary>The greatest; NaN if any is NaN.</summary>
    Max,
    /// <summary>The least; NaN if any is NaN.</summary>
    Min,
    /// <summary>The product.</summary>
    Prod,
    /// <summary>sum |x|.</summary>
    L1,
    /// <summary>sqrt(sum x^2).</summary>
    L2,
    /// <summary>sum x^2.</summary>
    SumSquare,
    /// <summary>log(sum x).</summary>
    LogSum,
    /// <summary>log(sum e^x).</summary>
    LogSumExp,
}
