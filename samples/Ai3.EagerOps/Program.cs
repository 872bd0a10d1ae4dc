using System.Diagnostics;
using Ai3.Runtime;
using Ai3.Tensors;

// Finds edges in a drawn picture by one convolution, computed by several algorithms, then shrinks and prints it.
const int Size = 64;
using Tensor picture = Draw();
using Tensor filters = Tensor.From(new float[] { -1, 0, 1, -2, 0, 2, -1, 0, 1, -1, -2, -1, 0, 0, 0, 1, 2, 1 }, [2, 1, 3, 3]);
using Tensor reference = Eager.Conv2D(picture, filters, null, new() { Pads = [1], Algorithm = "reference" });
Console.WriteLine("algorithm        best time     difference to the reference");
foreach (string algorithm in new[] { "direct", "gemm", "implicit_gemm", "winograd_f2x2_3x3", "auto" })
{
    var options = new Conv2DOptions { Pads = [1], Algorithm = algorithm };
    using Tensor edges = Eager.Conv2D(picture, filters, null, options);
    TimeSpan time = TimeSpan.MaxValue;
    for (int run = 0; run < 50; run++)
    {
        long start = Stopwatch.GetTimestamp();
        Eager.Conv2D(picture, filters, null, options).Dispose();
        time = TimeSpan.FromTicks(Math.Min(time.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
    }
    Console.WriteLine(FormattableString.Invariant($"{algorithm,-18} {time.TotalMicroseconds,6:0} us     {Difference(edges, reference):0.0e0}"));
}

// The length of the gradient: the two filters' squares, summed over the channels.
using Tensor squares = Eager.Mul(reference, reference);
using Tensor sum = Eager.Run("ReduceSum", [squares, Tensor.From(new long[] { 1 }, [1])]);
using Tensor length = Eager.Run("Sqrt", [sum]);
using Tensor small = Eager.MaxPool2D(length, [4, 2], new() { Strides = [4, 2] });
ReadOnlySpan<float> values = small.AsSpan<float>();
int width = (int)small.Shape[3];
for (int row = 0; row < small.Shape[2]; row++)
    Console.WriteLine(string.Concat(values.Slice(row * width, width).ToArray().Select(v => v > 2 ? '#' : v > 0.5 ? '+' : '.')));

static Tensor Draw()
{
    var pixels = new float[Size * Size];
    for (int y = 0; y < Size; y++)
        for (int x = 0; x < Size; x++)
            pixels[y * Size + x] = Math.Pow(x - 22, 2) + Math.Pow(y - 24, 2) < 300 ? 1 : x > 36 && x < 58 && y > 34 && y < 56 ? 0.5f : 0;
    return Tensor.From(pixels, [1, 1, Size, Size]);
}

static double Difference(Tensor a, Tensor b)
{
    double largest = 0;
    ReadOnlySpan<float> x = a.AsSpan<float>(), y = b.AsSpan<float>();
    for (int i = 0; i < x.Length; i++)
        largest = Math.Max(largest, Math.Abs(x[i] - y[i]));
    return largest;
}
