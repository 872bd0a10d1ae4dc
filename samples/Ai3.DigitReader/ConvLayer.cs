namespace Ai3.DigitReader;

/// <summary>y[o] = relu(b[o] + sum over i in o's group of w[o,i] * x[i]), zero padding that keeps height and width.</summary>
internal sealed class ConvLayer
{
    private readonly int _inputs, _outputs, _kernel, _groups, _size;

    public ConvLayer(int inputs, int outputs, int kernel, int groups, int size, SplitMix random)
    {
        (_inputs, _outputs, _kernel, _groups, _size) = (inputs, outputs, kernel, groups, size);
        int perGroup = inputs / groups;
        Weight = new Parameter(outputs, perGroup, kernel, kernel).Initialize(perGroup * kernel * kernel, random);
        Bias = new Parameter(outputs);
    }

    public Parameter Weight { get; }

    public Parameter Bias { get; }

    private int Pixels => _size * _size;

    /// <summary>Fills y [outputs, size, size] from x [inputs, size, size].</summary>
    public void Forward(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int o = 0; o < _outputs; o++)
            y.Slice(o * Pixels, Pixels).Fill(Bias.Values[o]);
        var walk = new Walk(this);
        while (walk.Next())
            for (int row = walk.FirstRow; row < walk.EndRow; row++)
                Rows.AddScaled(Weight.Values[walk.Weight], walk.InputRow(x, row), walk.OutputRow(y, row));
        for (int i = 0; i < y.Length; i++)
            y[i] = Math.Max(y[i], 0);
    }

    /// <summary>
    /// From dy, the gradient of y, adds to the gradients of weight and bias, and fills dx unless it is empty; dy is masked by
    /// the ReLU first.
    /// </summary>
    public void Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> dy, Span<float> dx, Span<float> dWeight, Span<float> dBias)
    {
        for (int i = 0; i < dy.Length; i++)
            if (y[i] <= 0)
                dy[i] = 0;
        for (int o = 0; o < _outputs; o++)
            foreach (float d in dy.Slice(o * Pixels, Pixels))
                dBias[o] += d;
        dx.Clear();
        var walk = new Walk(this);
        while (walk.Next())
        {
            float sum = 0;
            for (int row = walk.FirstRow; row < walk.EndRow; row++)
            {
                ReadOnlySpan<float> gradient = walk.OutputRow(dy, row);
                sum += Rows.Dot(gradient, walk.InputRow(x, row));
                if (!dx.IsEmpty)
                    Rows.AddScaled(Weight.Values[walk.Weight], gradient, walk.InputRow(dx, row));
            }
            dWeight[walk.Weight] += sum;
        }
    }

    /// <summary>Visits every weight, and for each the rows of input and output that it joins, cut where the kernel hangs over the edge.</summary>
    private struct Walk(ConvLayer layer)
    {
        private int _output, _input, _dy, _dx;

        public int Weight { get; private set; } = -1;

        public readonly int FirstRow => Math.Max(0, -_dy);

        public readonly int EndRow => layer._size - Math.Max(0, _dy);

        private readonly int FirstColumn => Math.Max(0, -_dx);

        private readonly int Columns => layer._size - Math.Abs(_dx);

        public bool Next()
        {
            if (++Weight == layer.Weight.Values.Length)
                return false;
            int k = layer._kernel, perGroup = layer._inputs / layer._groups;
            _dx = Weight % k - k / 2;
            _dy = Weight / k % k - k / 2;
            _output = Weight / (k * k * perGroup);
            _input = _output / (layer._outputs / layer._groups) * perGroup + Weight / (k * k) % perGroup;
            return true;
        }

        public readonly ReadOnlySpan<float> InputRow(ReadOnlySpan<float> x, int row) =>
            x.Slice((_input * layer._size + row + _dy) * layer._size + FirstColumn + _dx, Columns);

        public readonly Span<float> InputRow(Span<float> x, int row) =>
            x.Slice((_input * layer._size + row + _dy) * layer._size + FirstColumn + _dx, Columns);

        public readonly Span<float> OutputRow(Span<float> y, int row) =>
            y.Slice((_output * layer._size + row) * layer._size + FirstColumn, Columns);
    }
}
