namespace Ai3.Ops.Tests;

/// <summary>Functions of a double that the library lacks, in the loops and in the oracle, against values known to 20 digits.</summary>
public class ElementwiseFloat64Tests
{
    private const double U = 1.0 / (1L << 53);

    [Theory]
    [InlineData(0.25, 0.27632639016823693299)]
    [InlineData(0.5, 0.52049987781304653768)]
    [InlineData(1.0, 0.84270079294971486934)]
    [InlineData(1.25, 0.92290012825645822989)]
    [InlineData(2.0, 0.99532226501895273416)]
    [InlineData(3.0, 0.99997790950300141456)]
    [InlineData(7.0, 1)]
    public void Erf(double x, double expected)
    {
        AssertNear(expected, RealMath.Erf(x), 6);
        AssertNear(-expected, RealMath.Erf(-x), 6);
        AssertNear(expected, ReferenceMath.Erf(x), 6);
    }

    [Theory]
    [InlineData(1e-10, 1.00000000005e-10)]
    [InlineData(0.3, 0.34985880757600310398)]
    [InlineData(-0.5, -0.39346934028736657640)]
    [InlineData(1, 1.71828182845904523536)]
    public void ExpM1(double x, double expected)
    {
        AssertNear(expected, RealMath.ExpM1(x), 6);
        AssertNear(expected, ReferenceMath.ExpM1(x), 5);
    }

    [Theory]
    [InlineData(1e-10, 9.9999999995e-11)]
    [InlineData(0.1, 0.095310179804324860044)]
    [InlineData(0.5, 0.40546510810816438198)]
    [InlineData(1, 0.69314718055994530942)]
    public void LogP1(double x, double expected)
    {
        AssertNear(expected, RealMath.LogP1(x), 5);
        AssertNear(expected, ReferenceMath.LogP1(x), 5);
    }

    private static void AssertNear(double expected, double actual, double units) =>
        Assert.True(Math.Abs(expected - actual) <= units * U * Math.Abs(expected), $"{actual:R} is {Math.Abs(expected - actual) / U / Math.Abs(expected):G3} u from {expected:R}");
}
