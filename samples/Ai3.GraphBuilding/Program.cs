using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

// Conway's Game of Life as a model written in code: a convolution counts neighbours, a loop makes generations.
// With a path as its argument it also saves the model as an ONNX file.
const int Size = 16;
using Model life = Build();
if (args.Length > 0)
    OnnxModel.Save(life, args[0]);
using Session session = life.Compile();
using Tensor glider = Place((1, 2), (2, 3), (3, 1), (3, 2), (3, 3));
foreach (long generations in new long[] { 0, 4, 24 })
{
    using Outputs outputs = session.Run(("cells", glider), ("generations", Tensor.Scalar(generations)));
    Console.WriteLine($"after {generations} generations:");
    Print(outputs["after"]);
}

static Model Build()
{
    var g = new GraphBuilder("life");
    Operand cells = g.Input<float>("cells", ["batch", 1, "height", "width"]);
    Operand generations = g.Input<long>("generations", []);
    Operand neighbours = g.Constant<float>([1, 1, 1, 1, 0, 1, 1, 1, 1], [1, 1, 3, 3], "neighbours");
    Operand after = g.Loop(generations, null, [cells], (body, _, _, state) =>
    {
        Operand count = body.Conv2D(state[0], neighbours, pads: [1]);
        // Three neighbours give life; two keep it: both are count + cell / 2 within (2.25, 3.75).
        Operand score = count + state[0] * 0.5;
        Operand alive = body.And(body.Greater(score, body.Scalar(2.25f)), body.Less(score, body.Scalar(3.75f)));
        return new LoopStep(body.Scalar(true), [body.Cast(alive, DType.Float32)]);
    })[0];
    return g.Output("after", after).Build();
}

static Tensor Place(params ReadOnlySpan<(int Row, int Column)> alive)
{
    Tensor cells = Tensor.Zeros(DType.Float32, [1, 1, Size, Size]);
    foreach ((int row, int column) in alive)
        cells.AsSpan<float>()[row * Size + column] = 1;
    return cells;
}

static void Print(Tensor cells)
{
    ReadOnlySpan<float> values = cells.AsSpan<float>();
    for (int row = 0; row < Size; row++)
        Console.WriteLine(string.Concat(values.Slice(row * Size, Size).ToArray().Select(v => v > 0 ? " #" : " .")));
}
