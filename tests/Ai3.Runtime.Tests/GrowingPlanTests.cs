using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>A dimension that grows with each run is planned for once, and the answers are those of a plan of its own.</summary>
public sealed class GrowingPlanTests
{
    // A cache of keys that grows by the new rows; the positions come from a Range over the whole length.
    private static Model Decoder() => new SpecBuilder()
        .Input("past", 1, Dim.Symbol("past"), 8).Input("x", 1, Dim.Symbol("seq"), 8).Pattern("w", 3, 8, 8)
        .Constant("from", [1L]).Constant("to", [2L]).Constant("axis", [0L])
        .Node("MatMul", "x w", "k").Node("Concat", "past k", "present", Attributes.Empty.With("axis", 1L))
        .Node("Shape", "present", "shape").Node("Slice", "shape from to", "length").Node("Squeeze", "length axis", "count")
        .Node("Constant", "", "zero", Attributes.Empty.With("value_int", 0L)).Node("Constant", "", "one", Attributes.Empty.With("value_int", 1L))
        .Node("Range", "zero count one", "positions").Node("Cast", "positions", "bias", Attributes.Empty.With("to", (long)DType.Float32))
        .Node("Transpose", "present", "kt", SpecBuilder.Ints("perm", 0, 2, 1)).Node("MatMul", "x kt", "scores")
        .Node("Add", "scores bias", "biased").Node("Softmax", "biased", "weights").Node("MatMul", "weights present", "y")
        .Build("y", "present");

    [Fact]
    public void OnePlanServesEverySizeUpToItsCapacity()
    {
        using Session session = Decoder().Compile(new() { Threads = 1 });
        var memories = new List<RunContextPool>();
        Tensor past = Tensor.Zeros(DType.Float32, [1, 0, 8]);
        for (int token = 0; token < 70; token++)
        {
            Tensor x = Networks.Input(token, 1, 1, 8);
            Outputs outputs = session.Run(("past", past), ("x", x));
            using Session own = Decoder().Compile(new() { Threads = 1 });
            using Outputs expected = own.Run(("past", past), ("x", x));
            Assert.Equal(expected["present"].AsSpan<float>().ToArray(), outputs["present"].AsSpan<float>().ToArray());
            Assert.Equal(expected["y"].AsSpan<float>().ToArray(), outputs["y"].AsSpan<float>().ToArray(), (a, b) => Math.Abs(a - b) <= 1e-5f);
            past = outputs["present"];
            if (!memories.Contains(session.LastPlan!.Contexts))
                memories.Add(session.LastPlan.Contexts);
        }
        // Sizes 0 and 1 have plans of their own; then growth is seen, and plans for 32, 64 and 128 follow.
        Assert.InRange(memories.Count, 4, 6);
    }

    [Fact]
    public void BindingsFollowTheGrowth()
    {
        using Session session = Decoder().Compile(new() { Threads = 1 });
        using Binding binding = session.CreateBinding();
        for (int length = 0; length < 40; length++)
        {
            Tensor past = Networks.Input(length, 1, length, 8), x = Networks.Input(100 + length, 1, 1, 8);
            binding.SetInput("past", past);
            binding.SetInput("x", x);
            session.Run(binding);
            using Session own = Decoder().Compile(new() { Threads = 1 });
            using Outputs expected = own.Run(("past", past), ("x", x));
            Assert.Equal(expected["present"].AsSpan<float>().ToArray(), binding.Output("present").AsSpan<float>().ToArray());
        }
    }
}
