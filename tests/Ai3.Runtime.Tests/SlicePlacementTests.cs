using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Inputs of a Concat are written where its output has them, unless something would be overwritten.</summary>
public sealed class SlicePlacementTests
{
    private static readonly Attributes s_channels = Attributes.Empty.With("axis", 1L);

    [Fact]
    public void ProducersWriteIntoTheirSlices()
    {
        using Session session = new SpecBuilder().Input("x", 1, 16, 5, 5).Pattern("u", 1, 32, 16, 1, 1).Pattern("v", 2, 16, 16, 1, 1).Pattern("w", 3, 16, 48, 1, 1)
            .Node("Conv", "x u", "a").Node("Conv", "x v", "b").Node("Concat", "a b", "c", s_channels).Node("Conv", "c w", "y").Build("y").Compile(new() { Threads = 1 });
        Run(session);
        PlanStep concat = session.LastPlan!.Steps.Single(s => s.Op == "Concat");
        Assert.All(concat.InputSlots, input => Assert.Same(concat.OutputSlots[0]!.Root, input!.Root));
        Assert.Equal(0, concat.InputSlots[0]!.RootShift);
        Assert.Equal(concat.InputSlots[0]!.Bytes, concat.InputSlots[1]!.RootShift);
    }

    [Fact]
    public void EveryPrefixOfADenseBlockIsAView()
    {
        using Session session = Dense().Build("y").Compile(new() { Threads = 1 });
        Run(session);
        PlanStep[] concats = [.. session.LastPlan!.Steps.Where(s => s.Op == "Concat")];
        Assert.Equal(3, concats.Length);
        Assert.Single(concats.SelectMany(s => s.InputSlots.Concat(s.OutputSlots)).Select(s => s!.Root).Distinct());
    }

    [Fact]
    public void WhatIsOverwrittenInPlaceStaysApart()
    {
        // r may take the memory of c, whose part a is read once more.
        using Session session = new SpecBuilder().Input("x", 1, 4).Node("Abs", "x", "a").Node("Neg", "x", "b").Node("Concat", "a b", "c", Attributes.Empty.With("axis", 0L))
            .Node("Neg", "c", "r").Node("Add", "a a", "s").Node("Concat", "r s", "y", Attributes.Empty.With("axis", 0L)).Build("y").Swap("Concat", "copy_runs").Compile(new() { Threads = 1 });
        float[] x = [.. Networks.Input(0, 1, 4).AsSpan<float>()];
        Assert.Equal([.. x.Select(v => -Math.Abs(v)), .. x, .. x.Select(v => 2 * Math.Abs(v))], Run(session));
    }

    [Fact]
    public void AnyGraphGivesTheBitsOfCopies()
    {
        for (int seed = 0; seed < 120; seed++)
        {
            Model model = Draw(new Random(seed));
            using Session placed = model.Swap("Concat", "copy_runs").Compile(new() { Threads = 1 });
            using Session copied = model.Swap("Concat", "reference").Compile(new() { Threads = 1 });
            Assert.True(Run(copied).SequenceEqual(Run(placed)), $"seed {seed}");
        }
    }

    // Values of 1 to 4 rows that are negated, added, passed through and joined at random, some read again much later.
    private static Model Draw(Random random)
    {
        SpecBuilder graph = new SpecBuilder().Input("x", 1, 8).Node("Abs", "x", "v0").Node("Neg", "x", "v1");
        List<int> rows = [1, 1];
        for (int i = 2; i < 14; i++)
        {
            int a = random.Next(rows.Count), b = random.Next(rows.Count);
            if (random.Next(3) == 0 && rows[a] + rows[b] <= 12)
            {
                graph.Node("Concat", $"v{a} v{b} v{a}", $"v{i}", Attributes.Empty.With("axis", 0L));
                rows.Add(2 * rows[a] + rows[b]);
            }
            else if (random.Next(2) == 0 && rows[a] == rows[b])
            {
                graph.Node("Add", $"v{a} v{b}", $"v{i}");
                rows.Add(rows[a]);
            }
            else if (random.Next(2) == 0 && rows[a] + rows[b] <= 12)
            {
                graph.Node("Concat", $"v{a} v{b}", $"v{i}", Attributes.Empty.With("axis", 0L));
                rows.Add(rows[a] + rows[b]);
            }
            else
            {
                graph.Node(random.Next(2) == 0 ? "Neg" : "Relu", $"v{a}", $"v{i}");
                rows.Add(rows[a]);
            }
        }
        return graph.Node("Concat", string.Join(' ', Enumerable.Range(6, 8).Select(i => $"v{i}")), "j", Attributes.Empty.With("axis", 0L)).Node("Neg", "j", "y").Build("y");
    }

    private static SpecBuilder Dense()
    {
        SpecBuilder graph = new SpecBuilder().Input("x", 1, 16, 3, 3).Pattern("w0", 1, 16, 16, 1, 1).Node("Conv", "x w0", "a0");
        string all = "a0", last = "a0";
        for (int i = 1; i <= 3; i++)
        {
            graph.Pattern($"w{i}", i, 16, 16 * i, 1, 1).Node("Conv", $"{last} w{i}", $"a{i}");
            graph.Node("Concat", all += $" a{i}", last = $"c{i}", s_channels);
        }
        return graph.Pattern("w4", 4, 16, 64, 1, 1).Node("Conv", $"{last} w4", "y");
    }

    private static float[] Run(Session session)
    {
        (string Name, Value)[] inputs = [.. session.Inputs.Select((v, i) => (v.Name, (Value)Networks.Input(i, v.Tensor!.KnownShape.AsSpan())))];
        using Outputs outputs = session.Run(inputs);
        return [.. outputs[0].AsSpan<float>()];
    }
}
