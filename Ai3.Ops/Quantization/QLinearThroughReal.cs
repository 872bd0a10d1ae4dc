using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Dequantises the operands into workspace, computes the real operator by its cheapest row, and quantises the result.</summary>
/// <remarks>Workspace: each quantised operand and the result as reals, then the real row's own.</remarks>
internal static unsafe class QLinearThroughReal
{
    private const int MostInputs = 1024;

    private const nint Absent = -1;

    public static Algorithm<QLinearProblem> Row { get; } = new()
    {
        Name = "through_real",
        Source = "the real operator between dequantising and quantising",
        Workspace = "operands and result as reals, and what the real row takes",
        Supports = static (p, t) => Applicability.If(p.Operands.Length <= MostInputs, $"{p.Operands.Length} inputs, takes up to {MostInputs}").And(Applicability.If(Cheapest(p.Op, p.Inner, t) is not null, $"{p.Inner.Key} has no row of its own")),
        WorkspaceBytes = static r => new Layout(r, Cheapest(r.Problem.Op, r.Problem.Inner, r.Target)!).Bytes,
        CostHint = static r => Cheapest(r.Problem.Op, r.Problem.Inner, r.Target)!.CostNanoseconds + 1000 + 0.5 * r.Problem.Inner.Traffic / 4 / r.Target.Threads,
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => new Kernel(new Layout(r, Cheapest(r.Problem.Op, r.Problem.Inner, r.Target)!)),
    };

    public static Algorithm<QLinearProblem> Reference { get; } = new()
    {
        Name = "reference",
        Source = "the real operator's reference between dequantising and quantising",
        IsReference = true,
        Workspace = "operands and result as reals",
        Supports = static (_, _) => Applicability.Yes,
        WorkspaceBytes = static r => new Layout(r, ReferenceOf(r)).Bytes,
        CostHint = static r => 1e7 + 100 * r.Problem.Traffic,
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => new ReferenceKernel(new Layout(r, ReferenceOf(r))),
    };

    /// <summary>The cheapest row of a real operator over row-major operands, its reference left out; null if there is none.</summary>
    public static Candidate? Cheapest(string op, Problem problem, Target target) => OpCatalog.Default.Find("", op, 13)!.Candidates(problem, target).Accepted
        .Where(c => c.Formats == FormatChoice.Plain && !c.Algorithm.IsReference && c.PackKey is null).MinBy(c => c.CostNanoseconds);

    private static Candidate ReferenceOf(Request<QLinearProblem> r) => OpCatalog.Default.Find("", r.Problem.Op, 13)!.Candidates(r.Problem.Inner, r.Target).Accepted
        .Last(c => c.Formats == FormatChoice.Plain && c.PackKey is null);

    private sealed class Layout
    {
        public Layout(Request<QLinearProblem> r, Candidate inner)
        {
            (Problem, Target, Inner) = (r.Problem, r.Target, inner);
            Problem problem = r.Problem.Inner;
            Passed = 0;
            while (Passed < problem.Inputs.Length && problem.Inputs[Passed].Type != problem.Outputs[0].Type)
                Passed++;
            At = new nint[problem.Inputs.Length + 1];
            for (int i = Passed; i < problem.Inputs.Length; i++)
                At[i] = problem.Inputs[i].IsAbsent ? Absent : Place(problem.Inputs[i].ByteLength);
            At[^1] = Place(problem.Outputs[0].ByteLength);
            InnerAt = Place(0);
            OutputCount = problem.Outputs.Length;
            Count = problem.Outputs[0].Shape.Count;
            IsWide = problem.Outputs[0].Type == DType.Float64;
            Bytes = ShapeMath.Add(Bytes, inner.WorkspaceBytes);
        }

        public QLinearProblem Problem { get; }

        public Target Target { get; }

        public Candidate Inner { get; }

        /// <summary>Inputs in front that are no quantised operands.</summary>
        public int Passed { get; }

        /// <summary>Where the real inputs and, last, the real output are; <see cref="Absent"/> for an absent input.</summary>
        public nint[] At { get; }

        public nint InnerAt { get; }

        public long Bytes { get; private set; }

        /// <summary>Outputs of the real operator; only the first is wanted.</summary>
        public int OutputCount { get; }

        /// <summary>Elements of the result.</summary>
        public long Count { get; }

        /// <summary>True for float64, false for float32.</summary>
        public bool IsWide { get; }

        private nint Place(long bytes)
        {
            long at = Bytes;
            Bytes = ShapeMath.RoundUp(ShapeMath.Add(at, bytes), NativeBuffer.Alignment);
            return (nint)at;
        }
    }

    // float32 goes through the rows of QuantizeLinear and DequantizeLinear.
    private sealed class Kernel : PreparedKernel
    {
        private readonly Layout _layout;
        private readonly PreparedKernel _inner;
        private readonly PreparedKernel[] _toReal;
        private readonly PreparedKernel? _toCodes;

        public Kernel(Layout layout)
        {
            _layout = layout;
            _inner = layout.Inner.Bind(null);
            QLinearProblem p = layout.Problem;
            _toReal = layout.IsWide ? [] : [.. p.Quantized.Select(q => Bound(p.Operand(q.Data), p.Operand(q.Zero), DType.Float32, dequantize: true))];
            _toCodes = layout.IsWide ? null : Bound(p.Inner.Outputs[0], p.Operand(p.Result.Zero), p.OutputType, dequantize: false);
        }

        public override void Run(in KernelArgs args)
        {
            QLinearProblem p = _layout.Problem;
            var workspace = (byte*)args.Workspace;
            for (int i = 0; i < p.Quantized.Length; i++)
            {
                QLinearOperand q = p.Quantized[i];
                nint to = (nint)workspace + _layout.At[_layout.Passed + i];
                if (_layout.IsWide)
                {
                    (float scale, int zero) = QLinearCodes.Parameters(p, q, args);
                    QLinearCodes.ToReal((byte*)args.Inputs[q.Data], p.Operand(q.Data).Type == DType.Int8, scale, zero, (double*)to, (nint)p.Operand(q.Data).Shape.Count);
                }
                else
                    Pass(_toReal[i], args.Inputs[q.Data], args.Inputs[q.Scale], ZeroOf(p, q, args), to, args.Workers);
            }
            RunInner(_layout, _inner, args);
            nint result = (nint)workspace + _layout.At[^1];
            if (_layout.IsWide)
            {
                (float scale, int zero) = QLinearCodes.Parameters(p, p.Result, args);
                QLinearCodes.ToCodes((double*)result, p.OutputType == DType.Int8, scale, zero, (byte*)args.Outputs[0], (nint)_layout.Count);
            }
            else
                Pass(_toCodes!, result, args.Inputs[p.Result.Scale], ZeroOf(p, p.Result, args), args.Outputs[0], args.Workers);
        }

        private static void Pass(PreparedKernel kernel, nint x, nint scale, nint zero, nint y, WorkerPool workers)
        {
            Span<nint> inputs = stackalloc nint[3];
            (inputs[0], inputs[1], inputs[2]) = (x, scale, zero);
            kernel.Run(new KernelArgs { Inputs = inputs, Outputs = new ReadOnlySpan<nint>(ref y), Workers = workers });
        }

        private PreparedKernel Bound(TensorType input, TensorType zero, DType output, bool dequantize) => QuantizeSimd.Bind(new Request<QuantizeProblem>(
            new QuantizeProblem { Dequantize = dequantize, Input = input, Scale = new TensorType(DType.Float32, Shape.Scalar), ZeroPoint = zero, OutputType = output },
            FormatChoice.Plain, _layout.Target), null);

        private static nint ZeroOf(QLinearProblem p, QLinearOperand q, in KernelArgs args) => p.Operand(q.Zero).IsAbsent ? 0 : args.Inputs[q.Zero];
    }

    // One element at a time.
    private sealed class ReferenceKernel(Layout layout) : PreparedKernel
    {
        private readonly PreparedKernel _inner = layout.Inner.Bind(null);

        public override void Run(in KernelArgs args)
        {
            QLinearProblem p = layout.Problem;
            DType real = p.Inner.Outputs[0].Type;
            for (int o = 0; o < p.Quantized.Length; o++)
            {
                TensorType operand = p.Operand(p.Quantized[o].Data);
                (float scale, int zero) = QLinearCodes.Parameters(p, p.Quantized[o], args);
                void* to = (byte*)args.Workspace + layout.At[layout.Passed + o];
                for (long i = 0; i < operand.Shape.Count; i++)
                {
                    double offset = ElementAccess.Read((void*)args.Inputs[p.Quantized[o].Data], operand.Type, i) - zero;
                    ElementAccess.Write(to, real, i, real == DType.Float32 ? (float)offset * scale : offset * scale);
                }
            }
            RunInner(layout, _inner, args);
            (float outScale, int outZero) = QLinearCodes.Parameters(p, p.Result, args);
            (int low, int high) = QuantizedElement.Range(p.OutputType);
            void* y = (byte*)args.Workspace + layout.At[^1];
            for (long i = 0; i < p.Outputs[0].Shape.Count; i++)
            {
                double value = ElementAccess.Read(y, real, i), q = real == DType.Float32 ? (float)value / outScale : value / outScale;
                ((byte*)args.Outputs[0])[i] = (byte)(double.IsNaN(q) ? low : (int)Math.Clamp(Math.Round(q, MidpointRounding.ToEven) + outZero, low, high));
            }
        }
    }

    private static void RunInner(Layout layout, PreparedKernel inner, in KernelArgs args)
    {
        int count = layout.At.Length - 1;
        Span<nint> inputs = count <= MostInputs ? stackalloc nint[count] : new nint[count];
        for (int i = 0; i < inputs.Length; i++)
            inputs[i] = i < layout.Passed ? args.Inputs[i] : layout.At[i] == Absent ? 0 : args.Workspace + layout.At[i];
        Span<nint> outputs = stackalloc nint[layout.OutputCount];
        outputs.Clear();
        outputs[0] = args.Workspace + layout.At[^1];
        inner.Run(new KernelArgs { Inputs = inputs, Outputs = outputs, Workspace = args.Workspace + layout.InnerAt, Workers = args.Workers });
    }
}
