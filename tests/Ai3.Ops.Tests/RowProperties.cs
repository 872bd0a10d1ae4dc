using System.Globalization;
using Ai3.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Ai3.Ops.Tests;

/// <summary>
/// Every row of every operator at every level that can run here, found by enumeration: a new row or level is covered with
/// nothing else touched. <c>AI3_TEST_SCALE</c> multiplies the number of problems, <c>AI3_TEST_SEED</c> chooses other ones
/// (a number, or <c>random</c>); every failure says how to replay it with the self-test.
/// </summary>
public abstract class RowProperties
{
    private const int Problems = 12;

    private static readonly Lazy<ulong> s_seed = new(ReadSeed);

    private static readonly double s_scale =
        double.Parse(Environment.GetEnvironmentVariable("AI3_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    private static readonly Dictionary<string, RowCase> s_cases = RowTable.Of(OpCatalog.Default).ToDictionary(c => c.ToString());

    /// <summary>Names and enums only, so that each row is a test of its own. Operators without a generator fail in AlgorithmTableTests.</summary>
    private protected static IEnumerable<object[]> CasesOf(params IsaLevel[] levels) =>
        s_cases.Values.Where(c => levels.Contains(c.Isa) && ProblemGenerators.For(c.Op) is not null).Select(c => new object[] { c.OpName, c.Row.Name, c.Isa });

    private protected static void Prove(string op, string row, IsaLevel isa)
    {
        RowCase target = s_cases[$"{op} {row} {isa}"];
        IProblemGenerator generator = ProblemGenerators.For(target.Op)!;
        string failure = "";
        var checks =
            from index in Gen.Choose(0, 1 << 20)
            from low in Gen.Choose(0, int.MaxValue)
            select (Seed: TestRandom.Derive((ulong)low, index), Size: RowTable.Size(index));
        try
        {
            Prop.ForAll(Arb.From(checks), check =>
            {
                CheckResult result = RowCheck.Run(target.Op, target.Row, isa, generator, check.Seed, check.Size);
                if (result.IsFailure && failure.Length == 0)
                    failure = result.Message;
                return !result.IsFailure;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(Math.Max(1, (int)(Problems * s_scale))).WithQuietOnSuccess(true)
                .WithReplay(TestRandom.Derive(s_seed.Value, target.ToString()), 0x9E3779B97F4A7C15));
        }
        catch (Exception) when (failure.Length > 0)
        {
            Assert.Fail($"{failure} (AI3_TEST_SEED={s_seed.Value})");
        }
    }

    private static ulong ReadSeed()
    {
        string text = Environment.GetEnvironmentVariable("AI3_TEST_SEED") ?? "1";
        ulong seed = text == "random" ? (ulong)Random.Shared.NextInt64() : ulong.Parse(text, CultureInfo.InvariantCulture);
        Console.WriteLine($"AI3_TEST_SEED={seed}");
        return seed;
    }
}

/// <summary>The levels below 256 bit. Two classes, so that two run at a time.</summary>
public sealed class NarrowRowProperties : RowProperties
{
    public static IEnumerable<object[]> Cases => CasesOf(IsaLevel.Scalar, IsaLevel.V128);

    [Theory, MemberData(nameof(Cases))]
    public void AgreesWithOracle(string op, string row, IsaLevel isa) => Prove(op, row, isa);
}

/// <summary>The levels from 256 bit on.</summary>
public sealed class WideRowProperties : RowProperties
{
    public static IEnumerable<object[]> Cases => CasesOf([.. Enum.GetValues<IsaLevel>().Where(l => l >= IsaLevel.Avx2)]);

    [Theory, MemberData(nameof(Cases))]
    public void AgreesWithOracle(string op, string row, IsaLevel isa) => Prove(op, row, isa);
}
