using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx.Tests;

/// <summary>Models written in code, saved and read back.</summary>
public sealed class BuiltModelTests
{
    [Fact]
    public void ABuiltModelIsWrittenAndReadBack()
    {
        var g = new GraphBuilder("built", opset: 17);
        Operand x = g.Input<float>("x", ["batch", 2, 4, 4]), flag = g.Input<bool>("flag", []);
        Operand h = g.MaxPool(g.Relu(g.Conv2D(x, g.Constant<float>([1, -1, 2, -2], [2, 2, 1, 1], "w"))), kernel: [2], strides: [2]);
        Operand y = g.If(flag, then => [then.Softmax(h, 1)], otherwise => [h * 0.5])[0];
        y = g.Loop(g.Scalar(2L), null, [y], (b, trip, _, state) => new LoopStep(b.Scalar(true), [state[0] + 1]))[0];
        using Model model = g.Output("y", y).Build(ModelMetadata.None with { Producer = "tests 1" });
        using var stream = new MemoryStream();
        OnnxModel.Save(model, stream);
        using Model again = OnnxModel.Load(stream.ToArray());
        Assert.Equal("f32[batch,2,4,4]", again.Inputs[0].Fact!.ToString());
        Assert.Equal("f32[batch,2,2,2]", again.Outputs[0].Fact!.ToString());
        foreach (bool value in new[] { true, false })
            Assert.Equal(Run(model, value), Run(again, value));
    }

    private static float[] Run(Model model, bool flag)
    {
        using Session session = model.Compile(new CompileOptions { Threads = 1 });
        using Outputs outputs = session.Run(("x", Tensor.From(Enumerable.Range(0, 32).Select(i => i / 8f).ToArray(), [1, 2, 4, 4])), ("flag", Tensor.Scalar(flag)));
        return outputs["y"].AsSpan<float>().ToArray();
    }
}
