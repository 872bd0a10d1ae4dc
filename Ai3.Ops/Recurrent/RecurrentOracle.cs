namespace Ai3.Ops;

/// <summary>
/// The equations of RNN, GRU and LSTM in double, step by step. Beside each value goes the error that a computation in float32 may have: S is that
/// error in units of u = 2^-24, so that a row's bound is Relative(1).
/// </summary>
/// <remarks>
/// A sum of products has the error gamma_L of its absolute terms, L = InputSize + Hidden + 8, and passes on the errors of h by |R|. An activation moves by
/// as much as it does at the ends of the interval that its argument may lie in, and rounds by 8u. Products and sums of gates add the usual terms.
/// </remarks>
internal static class RecurrentOracle
{
    private const double U = 1.0 / (1 << 24);

    public static OracleResult Evaluate(RecurrentProblem problem, IReadOnlyList<double[]?> inputs) => new Layer(problem, inputs).Run();

    /// <summary>A value that is known within an error.</summary>
    private readonly record struct Near(double Value, double Error)
    {
        public static implicit operator Near(double exact) => new(exact, 0);

        public static Near operator +(Near a, Near b) => new(a.Value + b.Value, a.Error + b.Error + U * (Math.Abs(a.Value) + Math.Abs(b.Value)));

        public static Near operator *(Near a, Near b) =>
            new(a.Value * b.Value, Math.Abs(a.Value) * b.Error + Math.Abs(b.Value) * a.Error + a.Error * b.Error + 2 * U * Math.Abs(a.Value * b.Value));

        public static Near OneMinus(Near a) => new(1 - a.Value, a.Error + U * (1 + Math.Abs(a.Value)));

        public Near Clamped(double bound) => bound == 0 || double.IsNaN(Value) ? this : this with { Value = Math.Max(-bound, Math.Min(bound, Value)) };

        public Near Through(RecurrentActivation f)
        {
            double y = f.Evaluate(Value);
            double moved = f.IsMonotone ? Math.Max(Math.Abs(f.Evaluate(Value + Error) - y), Math.Abs(y - f.Evaluate(Value - Error)))
                : Math.Max(1, Math.Max(Math.Abs(f.Alpha), Math.Abs(f.Alpha * f.Beta))) * Error;
            double rounded = f.Function is RecurrentFunction.Affine or RecurrentFunction.HardSigmoid ? Math.Abs(f.Alpha * Value) + Math.Abs(f.Beta) : Math.Abs(y);
            // Infinite arguments cancel in the differences above.
            return new Near(y, (double.IsNaN(moved) ? double.PositiveInfinity : moved) + 8 * U * rounded);
        }
    }

    private sealed class Layer(RecurrentProblem p, IReadOnlyList<double[]?> inputs)
    {
        private readonly long _n = p.Gates * p.Hidden;
        private readonly double[]?[] _out = [.. p.Outputs.Select(t => t.IsAbsent ? null : new double[t.Shape.Count])];
        private readonly double[]?[] _errors = [.. p.Outputs.Select(t => t.IsAbsent ? null : new double[t.Shape.Count])];

        public OracleResult Run()
        {
            for (int d = 0; d < p.Directions; d++)
                for (long b = 0; b < p.Batch; b++)
                    Sequence(d, b);
            return new OracleResult([.. _out.Select(v => v ?? [])], [.. _errors.Select(v => v ?? [])]);
        }

        private double[]? Input(int index) => index < inputs.Count ? inputs[index] : null;

        private void Sequence(int d, long b)
        {
            long length = Input(4) is { } lengths ? (long)lengths[b] : p.Sequence, state = (p.BatchFirst ? b * p.Directions + d : d * p.Batch + b) * p.Hidden;
            if (length < 0 || length > p.Sequence)
                throw new OpException($"sequence_lens has {length} in a batch of sequences of {p.Sequence}, must be between 0 and that");
            Near[] h = [.. Enumerable.Range(0, (int)p.Hidden).Select(j => (Near)(Input(5)?[state + j] ?? 0))];
            Near[] c = [.. Enumerable.Range(0, (int)p.Hidden).Select(j => (Near)(Input(6)?[state + j] ?? 0))];
            for (long step = 0; step < length; step++)
            {
                long t = p.IsReverse(d) ? length - 1 - step : step;
                (h, c) = Step(d, (p.BatchFirst ? b * p.Sequence + t : t * p.Batch + b) * p.InputSize, h, c);
                Keep(0, (p.BatchFirst ? (b * p.Sequence + t) * p.Directions + d : (t * p.Directions + d) * p.Batch + b) * p.Hidden, h);
            }
            Keep(1, state, h);
            Keep(2, state, c);
        }

        private void Keep(int output, long at, Near[] values)
        {
            if (output >= _out.Length || _out[output] is not { } target)
                return;
            for (int j = 0; j < values.Length; j++)
                (target[at + j], _errors[output]![at + j]) = (values[j].Value, values[j].Error / U);
        }

        private (Near[] H, Near[] C) Step(int d, long x, Near[] h, Near[] c)
        {
            int count = RecurrentProblem.ActivationsOf(p.Kind);
            ReadOnlySpan<RecurrentActivation> f = p.Activations.AsSpan().Slice(d * count, count);
            var nextH = new Near[h.Length];
            Near[] nextC = [.. c];
            if (p.Kind == RecurrentKind.Gru)
            {
                Near[] z = new Near[h.Length], reset = new Near[h.Length], scaled = new Near[h.Length];
                for (int j = 0; j < h.Length; j++)
                {
                    z[j] = Sum(d, 0, j, x, h).Clamped(p.Clip).Through(f[0]);
                    reset[j] = Sum(d, 1, j, x, h).Clamped(p.Clip).Through(f[0]);
                    scaled[j] = reset[j] * h[j];
                }
                for (int j = 0; j < h.Length; j++)
                {
                    Near hidden = p.LinearBeforeReset ? FromInput(d, 2, j, x) + reset[j] * FromState(d, 2, j, h) : Sum(d, 2, j, x, scaled);
                    nextH[j] = Near.OneMinus(z[j]) * hidden.Clamped(p.Clip).Through(f[1]) + z[j] * h[j];
                }
                return (nextH, nextC);
            }
            for (int j = 0; j < h.Length; j++)
            {
                if (p.Kind == RecurrentKind.Rnn)
                {
                    nextH[j] = Sum(d, 0, j, x, h).Clamped(p.Clip).Through(f[0]);
                    continue;
                }
                Near input = Peeping(Sum(d, 0, j, x, h), d, 0, j, c[j]).Clamped(p.Clip).Through(f[0]);
                Near forget = p.Coupled ? Near.OneMinus(input) : Peeping(Sum(d, 2, j, x, h), d, 2, j, c[j]).Clamped(p.Clip).Through(f[0]);
                nextC[j] = forget * c[j] + input * Sum(d, 3, j, x, h).Clamped(p.Clip).Through(f[1]);
                Near output = Peeping(Sum(d, 1, j, x, h), d, 1, j, nextC[j]).Clamped(p.Clip).Through(f[0]);
                nextH[j] = output * nextC[j].Clamped(p.Clip).Through(f[2]);
            }
            return (nextH, nextC);
        }

        private Near Peeping(Near sum, int d, int gate, int j, Near cell) => Input(7) is { } weights ? sum + weights[(d * 3 + gate) * p.Hidden + j] * cell : sum;

        private Near Sum(int d, int gate, int j, long x, Near[] h) => FromInput(d, gate, j, x) + FromState(d, gate, j, h);

        private Near FromInput(int d, int gate, int j, long x)
        {
            double sum = Input(3)?[2 * d * _n + gate * p.Hidden + j] ?? 0, size = Math.Abs(sum);
            long row = (d * _n + gate * p.Hidden + j) * p.InputSize;
            for (long k = 0; k < p.InputSize; k++)
            {
                double term = inputs[1]![row + k] * inputs[0]![x + k];
                sum += term;
                size += Math.Abs(term);
            }
            return new Near(sum, Rounded(size));
        }

        private Near FromState(int d, int gate, int j, Near[] h)
        {
            double sum = Input(3)?[(2 * d + 1) * _n + gate * p.Hidden + j] ?? 0, size = Math.Abs(sum), error = 0;
            long row = (d * _n + gate * p.Hidden + j) * p.Hidden;
            for (long k = 0; k < p.Hidden; k++)
            {
                double weight = inputs[2]![row + k], term = weight * h[k].Value;
                sum += term;
                size += Math.Abs(term);
                error += Math.Abs(weight) * h[k].Error;
            }
            return new Near(sum, Rounded(size) + error * (1 + Gamma));
        }

        // Where float32 may overflow on the way, nothing is known.
        private double Rounded(double size) => size < float.MaxValue / 8 ? Gamma * size : double.PositiveInfinity;

        private double Gamma => (p.InputSize + p.Hidden + 8) * U / (1 - Math.Min(0.5, (p.InputSize + p.Hidden + 8) * U));
    }
}
