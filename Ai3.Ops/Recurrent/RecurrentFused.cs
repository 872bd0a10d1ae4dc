using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A layer of LSTM, GRU or RNN cells: products with W for a chunk of steps at once, then for each step the product with R and all the gates in one pass.
/// </summary>
/// <remarks>
/// float32 with the operators' own activations. An item is a direction and up to <see cref="RowsOfItem"/> sequences of the batch; items are independent. Workspace: W, R
/// and B in panels if they are no constants, then for each thread the pre-activations of a chunk, those of one step, update and reset gates,
/// reset * h, the states, and the peepholes. Rows of all of these end in a vector of slack or more.
/// Appleyard, Kocisky and Blunsom 2016, arXiv:1604.01946, for the order of products.
/// </remarks>
internal static unsafe class RecurrentFused
{
    /// <summary>Sequences that go through their steps side by side.</summary>
    private const int RowsOfItem = 4;

    // Pre-activations of a chunk of steps: a part of L2.
    private const long ChunkFloats = 1 << 16;

    public static Algorithm<RecurrentProblem> Row { get; } = new()
    {
        Name = "fused",
        Source = "Appleyard, Kocisky and Blunsom 2016, arXiv:1604.01946",
        Needs = "f32, the operator's own activations (RNN: Relu too)",
        Workspace = "pre-activations of a chunk of steps and the states for each thread; the weights in panels if they are no constants",
        Supports = Supports,
        WorkspaceBytes = static r => ShapeMath.Multiply(new Scratch(r.Problem, r.Target).Bytes, r.Target.Threads) + (IsPacked(r) ? 0 : ShapeMath.RoundUp(Weights(r).Bytes, 64)),
        PackedBytes = static r => IsPacked(r) ? Weights(r).Bytes : 0,
        CostHint = static r => 200 + r.Problem.Flops / (0.4 * r.Target.FlopsPerNanosecond) + r.Problem.Traffic / r.Target.BytesPerNanosecond / 2
            + r.Problem.Sequence * r.Problem.Batch * r.Problem.Directions * r.Problem.Columns() * 4.0 / r.Target.Lanes + (IsPacked(r) ? 0 : r.Problem.Traffic),
        Error = static (_, _) => ErrorBound.Relative(1),
        PackKey = static r => IsPacked(r) ? $"recurrent {r.Problem.Kind} w{Weights(r).Width} linearfirst{r.Problem.LinearBeforeReset}" : null,
        Pack = Pack,
        Bind = static (r, packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r, packed)),
    };

    private static Applicability Supports(RecurrentProblem p, Target target)
    {
        if (p.Type != DType.Float32)
            return Applicability.No($"element type is {p.Type.ShortName()}, needs f32");
        bool own = p.Activations.SequenceEqual(RecurrentProblem.DefaultActivations(p.Kind, p.Directions))
            || p.Kind == RecurrentKind.Rnn && p.Activations.All(a => a.Function is RecurrentFunction.Tanh or RecurrentFunction.Relu);
        return Applicability.If(own, "activations are not the operator's own")
            .And(Applicability.If(p.Hidden > 0 && p.InputSize > 0 && p.Batch > 0, "an operand is empty"))
            .And(Applicability.If(p.Sequence < int.MaxValue && p.Batch < int.MaxValue / 2 && p.InputSize < int.MaxValue / 4 && p.Hidden < int.MaxValue / 64, "a dimension is too large"));
    }

    private static long Columns(this RecurrentProblem p) => p.Gates * p.Hidden;

    private static bool IsPacked(Request<RecurrentProblem> r) => r.Problem.HasConstantWeights;

    private static RecurrentWeights Weights(Request<RecurrentProblem> r) => new(r.Problem, PanelProduct.Vectors * r.Target.Lanes);

    private static PackedConstants Pack(Request<RecurrentProblem> r, IReadOnlyList<Tensor?> constants)
    {
        RecurrentWeights weights = Weights(r);
        PackedConstants packed = PackedConstants.Allocate(weights.Bytes);
        weights.Pack((float*)constants[1]!.Address, (float*)constants[2]!.Address, (float*)(constants[3]?.Address ?? 0), (float*)packed.Address);
        return packed;
    }

    private readonly struct Binder(Request<RecurrentProblem> r, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r, packed);
    }

    /// <summary>Where a thread's arrays are, in floats.</summary>
    private readonly struct Scratch
    {
        public Scratch(RecurrentProblem p, Target target)
        {
            var weights = new RecurrentWeights(p, PanelProduct.Vectors * target.Lanes);
            Row = (nint)weights.RowFloats;
            State = (nint)ShapeMath.RoundUp(p.Hidden + 16, 16);
            Steps = Math.Clamp(ChunkFloats / (RowsOfItem * Row), 1, Math.Max(1, p.Sequence));
            Pre = (nint)(Steps * RowsOfItem * Row);
            Gates = Pre + RowsOfItem * Row;
            Bytes = (Gates + 5 * RowsOfItem * State + 3 * (nint)p.Hidden + 16) * sizeof(float);
            Bytes = ShapeMath.RoundUp(Bytes, 64);
        }

        /// <summary>A row of pre-activations.</summary>
        public nint Row { get; }

        /// <summary>A row of states or gates.</summary>
        public nint State { get; }

        /// <summary>Steps of a chunk.</summary>
        public long Steps { get; }

        public nint Pre { get; }

        public nint Gates { get; }

        public long Bytes { get; }
    }

    private sealed class Kernel<S, V>(Request<RecurrentProblem> r, PackedConstants? packed) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly RecurrentProblem _p = r.Problem;
        private readonly RecurrentWeights _weights = Weights(r);
        private readonly Scratch _scratch = new(r.Problem, r.Target);
        private readonly long _groups = ShapeMath.CeilDiv(r.Problem.Batch, RowsOfItem);
        private readonly int _threads = r.Target.Threads;

        public override void Run(in KernelArgs args)
        {
            var lengths = (int*)args.Inputs[4];
            for (long b = 0; lengths != null && b < _p.Batch; b++)
                if (lengths[b] < 0 || lengths[b] > _p.Sequence)
                    throw new OpException($"sequence_lens has {lengths[b]} in a batch of sequences of {_p.Sequence}, must be between 0 and that");
            var body = new Body
            {
                K = this,
                X = (float*)args.Inputs[0],
                Lengths = lengths,
                InitialH = (float*)args.Inputs[5],
                InitialC = _p.Kind == RecurrentKind.Lstm ? (float*)args.Inputs[6] : null,
                Peepholes = _p.Kind == RecurrentKind.Lstm ? (float*)args.Inputs[7] : null,
                Y = (float*)args.Outputs[0],
                LastH = (float*)args.Outputs[1],
                LastC = _p.Kind == RecurrentKind.Lstm ? (float*)args.Outputs[2] : null,
                Threads = (byte*)args.Workspace,
                Weights = packed is null ? (float*)(args.Workspace + (nint)(_scratch.Bytes * _threads)) : (float*)packed.Address,
            };
            if (packed is null)
                _weights.Pack((float*)args.Inputs[1], (float*)args.Inputs[2], (float*)args.Inputs[3], body.Weights);
            args.Workers.For((int)(_p.Directions * _groups), ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<S, V> K;
            public float* X, InitialH, InitialC, Peepholes, Y, LastH, LastC, Weights;
            public int* Lengths;
            public byte* Threads;

            public readonly void Run(int begin, int end, int worker)
            {
                for (int item = begin; item < end; item++)
                {
                    long first = item % K._groups * RowsOfItem;
                    new Sequences(this, (int)(item / K._groups), first, (int)Math.Min(RowsOfItem, K._p.Batch - first), (float*)(Threads + worker * (nint)K._scratch.Bytes)).Run();
                }
            }
        }

        /// <summary>A few sequences in one direction, all steps.</summary>
        private readonly ref struct Sequences
        {
            private readonly Body _body;
            private readonly RecurrentProblem _p;
            private readonly RecurrentWeights _w;
            private readonly int _direction;
            private readonly long _first;
            private readonly int _rows;
            private readonly nint _row, _state, _hidden;
            private readonly long _chunk;
            private readonly float* _weights, _chunkRows, _pre, _update, _reset, _scaled, _h, _c, _peepholes;

            public Sequences(Body body, int direction, long first, int rows, float* scratch)
            {
                Scratch layout = body.K._scratch;
                (_body, _p, _w, _direction, _first, _rows) = (body, body.K._p, body.K._weights, direction, first, rows);
                (_row, _state, _hidden, _chunk) = (layout.Row, layout.State, (nint)_p.Hidden, layout.Steps);
                _weights = body.Weights + direction * (nint)_w.DirectionFloats;
                _chunkRows = scratch;
                _pre = scratch + layout.Pre;
                _update = scratch + layout.Gates;
                _reset = _update + RowsOfItem * _state;
                _scaled = _reset + RowsOfItem * _state;
                _h = _scaled + RowsOfItem * _state;
                _c = _h + RowsOfItem * _state;
                _peepholes = body.Peepholes == null ? null : _c + RowsOfItem * _state;
            }

            public void Run()
            {
                if (_peepholes != null)
                    Copy(_body.Peepholes + _direction * 3 * _hidden, _peepholes, 3 * _hidden);
                long longest = 0;
                for (int i = 0; i < _rows; i++)
                {
                    Start(_body.InitialH, i, _h);
                    Start(_body.InitialC, i, _c);
                    longest = Math.Max(longest, Length(i));
                }
                for (long step = 0; step < longest; step += _chunk)
                {
                    long steps = Math.Min(_chunk, longest - step);
                    Project(step, steps);
                    for (long s = 0; s < steps; s++)
                        Step(step + s, _chunkRows + (nint)(s * _rows) * _row);
                }
                for (int i = 0; i < _rows; i++)
                {
                    if (_body.LastH != null)
                        Copy(_h + i * _state, _body.LastH + StateOffset(i), _hidden);
                    if (_body.LastC != null)
                        Copy(_c + i * _state, _body.LastC + StateOffset(i), _hidden);
                    for (long t = Length(i); _body.Y != null && t < _p.Sequence; t++)
                        new Span<float>(_body.Y + OutputOffset(i, t), (int)_hidden).Clear();
                }
            }

            private long Length(int i) => _body.Lengths == null ? _p.Sequence : _body.Lengths[_first + i];

            private long TimeOf(int i, long step) => _p.IsReverse(_direction) ? Length(i) - 1 - step : step;

            private nint StateOffset(int i) => (nint)(_p.BatchFirst ? (_first + i) * _p.Directions + _direction : _direction * _p.Batch + _first + i) * _hidden;

            private nint OutputOffset(int i, long t) => (nint)(_p.BatchFirst
                ? ((_first + i) * _p.Sequence + t) * _p.Directions + _direction
                : (t * _p.Directions + _direction) * _p.Batch + _first + i) * _hidden;

            private void Start(float* initial, int i, float* state)
            {
                if (initial == null)
                    new Span<float>(state + i * _state, (int)_hidden).Clear();
                else
                    Copy(initial + StateOffset(i), state + i * _state, _hidden);
            }

            // The product with W of some steps; a sequence that is over takes part with its first row, whose result nobody reads.
            private void Project(long step, long steps)
            {
                const int Most = 64;
                float** x = stackalloc float*[Most];
                long rows = steps * _rows;
                for (long done = 0; done < rows; done += Most)
                {
                    int count = (int)Math.Min(Most, rows - done);
                    for (int k = 0; k < count; k++)
                    {
                        (long s, long i) = Math.DivRem(done + k, _rows);
                        long t = step + s < Length((int)i) ? TimeOf((int)i, step + s) : 0;
                        x[k] = _body.X + (nint)((_p.BatchFirst ? (_first + i) * _p.Sequence + t : t * _p.Batch + _first + i) * _p.InputSize);
                    }
                    PanelProduct.Run<S, V>(count, x, (nint)_p.InputSize, _weights, (nint)_w.Panels, _weights + (nint)_w.BiasOffset, 0, _chunkRows + (nint)done * _row, _row);
                }
            }

            private void Step(long step, float* projected)
            {
                float** h = stackalloc float*[RowsOfItem];
                for (int i = 0; i < _rows; i++)
                    h[i] = _h + i * _state;
                PanelProduct.Run<S, V>(_rows, h, _hidden, _weights + (nint)_w.GateOffset, (nint)_w.GatePanels, projected, _row, _pre, _row);
                if (_p.Kind == RecurrentKind.Gru)
                    Gru(step, projected, h);
                else
                    for (int i = 0; i < _rows; i++)
                    {
                        if (step >= Length(i))
                            continue;
                        if (_p.Kind == RecurrentKind.Lstm)
                            RecurrentGates.Lstm<S, V>(_pre + i * _row, _hidden, _peepholes, _p.Clip, _p.Coupled, _c + i * _state, h[i]);
                        else
                            RecurrentGates.Rnn<S, V>(_pre + i * _row, _hidden, _p.Clip, _p.Activations[_direction].Function == RecurrentFunction.Relu, h[i]);
                    }
                for (int i = 0; i < _rows; i++)
                    if (_body.Y != null && step < Length(i))
                        Copy(h[i], _body.Y + OutputOffset(i, TimeOf(i, step)), _hidden);
            }

            private void Gru(long step, float* projected, float** h)
            {
                float** scaled = stackalloc float*[RowsOfItem];
                for (int i = 0; i < _rows; i++)
                {
                    scaled[i] = _scaled + i * _state;
                    RecurrentGates.GruReset<S, V>(_pre + i * _row, _hidden, _p.Clip, _update + i * _state, _reset + i * _state, h[i], scaled[i]);
                }
                bool linear = _p.LinearBeforeReset;
                PanelProduct.Run<S, V>(_rows, linear ? h : scaled, _hidden, _weights + (nint)_w.HiddenOffset, (nint)_w.HiddenPanels,
                    linear ? _weights + (nint)_w.HiddenBiasOffset : projected + 2 * _hidden, linear ? 0 : _row, _pre, _row);
                for (int i = 0; i < _rows; i++)
                    if (step < Length(i))
                        RecurrentGates.GruUpdate<S, V>(_pre + i * _row, _hidden, _p.Clip, _update + i * _state, linear ? _reset + i * _state : null,
                            projected + i * _row + 2 * _hidden, h[i]);
            }

            private static void Copy(float* from, float* to, nint count) => Buffer.MemoryCopy(from, to, count * sizeof(float), count * sizeof(float));
        }
    }
}
