using System.Diagnostics;

namespace Ai3.Onnx.Fuzz;

/// <summary>What a run of the fuzzer found.</summary>
/// <param name="Executions">Inputs tried.</param>
/// <param name="Accepted">How often one was read as a model or a value.</param>
/// <param name="Failures">What went wrong, with the input in hexadecimal; empty if nothing.</param>
public sealed record FuzzResult(long Executions, long Accepted, IReadOnlyList<string> Failures);

/// <summary>Changes inputs at random, by bytes and by fields, and runs the target on each.</summary>
public static class Mutator
{
    // What the target may take of the stack, far below what a thread has: nesting must be refused before it gets there.
    private const int StackBytes = 512 << 10;
    private const int MaxInput = 1 << 16;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 3, 7, 8, 15, 16, 17, 22, 24, 26, 27, 127, 128, 255, 256, 65535, 65536, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32,
        1UL << 40, 1UL << 62, long.MaxValue, 1UL << 63, ulong.MaxValue, ulong.MaxValue - 1,
    ];

    /// <summary>Runs every file of a folder as it is.</summary>
    public static FuzzResult Replay(string folder) => OnSmallStack(run =>
    {
        foreach (string file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
            run(File.ReadAllBytes(file), Path.GetFileName(file));
    });

    /// <summary>Runs changed inputs until the time is over or something goes wrong.</summary>
    public static FuzzResult Run(string folder, TimeSpan time, ulong seed) => OnSmallStack(run =>
    {
        List<byte[]> corpus = [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        var clock = Stopwatch.StartNew();
        for (ulong i = 0; clock.Elapsed < time; i++)
        {
            var random = new FuzzRandom(seed + i);
            byte[] input = random.Pick(corpus);
            for (int steps = 1 + random.Below(4); steps > 0; steps--)
                input = random.Below(4) == 0 ? ChangeBytes(input, random) : ChangeFields(input, corpus, random);
            if (input.Length <= MaxInput && !run(input, $"seed {seed + i}"))
                return;
        }
    });

    private static FuzzResult OnSmallStack(Action<Func<byte[], string, bool>> loop)
    {
        long executions = 0, accepted = 0;
        var failures = new List<string>();
        var thread = new Thread(() => loop(Try), StackBytes);
        thread.Start();
        thread.Join();
        return new FuzzResult(executions, accepted, failures);

        bool Try(byte[] input, string name)
        {
            executions++;
            var clock = Stopwatch.StartNew();
            try
            {
                accepted += FuzzTarget.Run(input);
                if (clock.Elapsed <= Slow)
                    return true;
                failures.Add($"{name}: {Convert.ToHexString(input)}\ntook {clock.Elapsed.TotalSeconds:F1} s");
            }
            catch (Exception e)
            {
                failures.Add($"{name}: {Convert.ToHexString(input)}\n{e}");
            }
            return false;
        }
    }

    private static byte[] ChangeBytes(byte[] input, FuzzRandom random)
    {
        var bytes = new List<byte>(input);
        int at = random.Below(bytes.Count + 1);
        switch (random.Below(5))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Below(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next();
                break;
            case 2:
                bytes.Insert(at, (byte)random.Next());
                break;
            case 3:
                bytes.RemoveRange(at, Math.Min(1 + random.Below(16), bytes.Count - at));
                break;
            default:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
        return [.. bytes];
    }

    private static byte[] ChangeFields(byte[] input, List<byte[]> corpus, FuzzRandom random)
    {
        if (WireTree.Parse(input) is not { Count: > 0 } fields)
            return ChangeBytes(input, random);
        // A walk down the tree, so that every level gets its share.
        List<WireTree> level = fields;
        WireTree field = random.Pick(level);
        while (field.Children is { Count: > 0 } children && random.Below(6) != 0)
        {
            level = children;
            field = random.Pick(level);
        }
        int at = level.IndexOf(field);
        switch (random.Below(8))
        {
            case 0:
                level.RemoveAt(at);
                break;
            case 1:
                level.Insert(random.Below(level.Count + 1), field);
                break;
            case 2:
                field.Field = (uint)(1 + random.Below(30));
                break;
            case 3 when WireTree.Parse(random.Pick(corpus)) is { Count: > 0 } others:
                WireTree graft = random.Pick(others);
                while (graft.Children is { Count: > 0 } deeper && random.Below(6) != 0)
                    graft = random.Pick(deeper);
                level.Insert(random.Below(level.Count + 1), graft);
                break;
            case 4 when level.Count > 1:
                int other = random.Below(level.Count);
                (level[at], level[other]) = (level[other], level[at]);
                break;
            default:
                if (field.WireType == 0)
                    field.Number = random.Below(2) == 0 ? random.Pick(Numbers) : field.Number + (ulong)random.Below(5) - 2;
                else if (field.Children is null)
                    field.Bytes = field.WireType == 2 ? ChangeBytes(field.Bytes, random) : [.. field.Bytes.Select(_ => (byte)random.Next())];
                break;
        }
        using var output = new MemoryStream();
        WireTree.Write(fields, output);
        return output.ToArray();
    }
}
