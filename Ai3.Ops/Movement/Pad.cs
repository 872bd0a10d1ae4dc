namespace Ai3.Ops;

/// <summary>
/// Row by row of the output's innermost axis: the kept run is copied, its sides are filled with the constant or taken element by
/// element; a row that lies in an outer pad is the constant, or a row of the input as the mode says. Tasks are ranges of rows.
/// </summary>
internal static unsafe class Pad
{
    public static Applicability Supports(PadProblem p, Target target) => ElementSize.RequireWholeBytes(p.Data.Type).And(
        Applicability.If(PadLayout.Of(p).Axes.Length <= PadLayout.MaxRank, $"more than {PadLayout.MaxRank} axes after merging"));

    public static PreparedKernel Bind(Request<PadProblem> request, PackedConstants? packed) =>
        ElementSize.Select<Maker, PreparedKernel>(request.Problem.Data.Type, new Maker(request.Problem));

    private readonly struct Maker(PadProblem problem) : IElementSizeFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(problem);
    }

    private sealed class Kernel<T> : PreparedKernel where T : unmanaged
    {
        private readonly PadAxis[] _axes;
        private readonly long[] _strides;
        private readonly PadMode _mode;
        private readonly long _rows;
        private readonly bool _hasInput;
        private readonly T _value;

        public Kernel(PadProblem p)
        {
            PadLayout layout = PadLayout.Of(p);
            (_axes, _strides, _mode, _hasInput) = (layout.Axes, layout.InputStrides, p.Mode, p.HasValueInput);
            long row = _axes[^1].Output;
            _rows = row == 0 ? 0 : p.Output.Shape.Count / row;
            UInt128 bits = p.ValueBits;
            _value = *(T*)&bits;
        }

        public override void Run(in KernelArgs args)
        {
            int tasks = WorkSplit.Tasks(_rows, 2.0 * _rows * _axes[^1].Output * sizeof(T), args.Workers);
            var body = new Body<T>(this, (T*)args.Inputs[0], (T*)args.Outputs[0], _hasInput ? *(T*)args.Inputs[2] : _value, tasks);
            args.Workers.For(tasks, ref body);
        }

        public void Range(T* input, T* output, T value, int begin, int end, int tasks)
        {
            long first = WorkSplit.Begin(_rows, begin, tasks), last = WorkSplit.Begin(_rows, end, tasks);
            if (first >= last)
                return;
            long* index = stackalloc long[PadLayout.MaxRank];
            long rest = first;
            for (int axis = _axes.Length - 2; axis >= 0; axis--)
            {
                index[axis] = rest % _axes[axis].Output;
                rest /= _axes[axis].Output;
            }
            PadAxis inner = _axes[^1];
            T* to = output + first * inner.Output, stop = output + last * inner.Output;
            int middle = _axes.Length - 2;
            while (to < stop)
            {
                // All rows along the axis before the innermost share what the outer axes say.
                long outer = OuterPlace(index);
                long rows = middle < 0 ? 1 : Math.Min(_axes[middle].Output - index[middle], (stop - to) / inner.Output);
                for (long row = 0; row < rows; row++, to += inner.Output)
                {
                    long source = middle < 0 ? 0 : _axes[middle].Source(index[middle] + row, _mode);
                    if (outer < 0 || source < 0)
                        Fill(to, inner.Output, value);
                    else
                        Row(input + outer + (middle < 0 ? 0 : source * _strides[middle]), to, inner, value);
                }
                if (middle < 0)
                    return;
                index[middle] += rows - 1;
                for (int axis = middle; axis >= 0 && ++index[axis] == _axes[axis].Output; axis--)
                    index[axis] = 0;
            }
        }

        // Where the data of all axes but the last two begins, or -1 if it lies in a constant pad.
        private long OuterPlace(long* index)
        {
            long place = 0;
            for (int axis = 0; axis < _axes.Length - 2; axis++)
            {
                long source = _axes[axis].Source(index[axis], _mode);
                if (source < 0)
                    return -1;
                place += source * _strides[axis];
            }
            return place;
        }

        private void Row(T* from, T* to, PadAxis axis, T value)
        {
            long after = axis.Before + axis.Kept;
            Buffer.MemoryCopy(from + axis.First, to + axis.Before, axis.Kept * sizeof(T), axis.Kept * sizeof(T));
            if (_mode == PadMode.Constant)
            {
                Fill(to, axis.Before, value);
                Fill(to + after, axis.Output - after, value);
                return;
            }
            for (long i = 0; i < axis.Before; i++)
                to[i] = from[axis.Source(i, _mode)];
            for (long i = after; i < axis.Output; i++)
                to[i] = from[axis.Source(i, _mode)];
        }

        private static void Fill(T* to, long n, T value)
        {
            if (n <= 8)
            {
                for (; n > 0; n--)
                    *to++ = value;
                return;
            }
            for (; n > int.MaxValue; n -= int.MaxValue, to += int.MaxValue)
                new Span<T>(to, int.MaxValue).Fill(value);
            new Span<T>(to, (int)n).Fill(value);
        }
    }

    private readonly struct Body<T>(Kernel<T> kernel, T* input, T* output, T value, int tasks) : IParallelBody where T : unmanaged
    {
        public void Run(int begin, int end, int worker) => kernel.Range(input, output, value, begin, end, tasks);
    }
}
