using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The definition: one output element at a time, sums in int64 cut to 32 bits.</summary>
internal sealed unsafe class QuantizedMatMulReference(QuantizedMatMulProblem p) : PreparedKernel
{
    public override void Run(in KernelArgs args)
    {
        QuantizedMatMulRoles roles = p.Roles;
        GemmProblem g = p.Product;
        void* a = (void*)args.Inputs[roles.A], y = (void*)args.Outputs[0];
        DType typeA = p.Operand(roles.A).Type;
        double scaleOfA = 1, zeroOfA = 0;
        if (p.Kind == QuantizedMatMulKind.DynamicQuantizeMatMul)
        {
            (scaleOfA, zeroOfA) = Quantize((float*)a, (byte*)args.Workspace);
            a = (void*)args.Workspace;
            typeA = DType.UInt8;
        }
        long m = g.M, n = g.N, k = g.K;
        long[] batch = g.Batch;
        long batches = ShapeMath.Product(batch);
        for (long i = 0; i < batches; i++)
        {
            long matrixA = Matrix(i, batch, g.BatchA), matrixB = Matrix(i, batch, g.BatchB);
            for (long row = 0; row < m; row++)
                for (long column = 0; column < n; column++)
                {
                    double az = roles.AZero < 0 ? zeroOfA : Parameter(args, roles.AZero, 0, row, m, matrixA);
                    double bz = Parameter(args, roles.BZero, 0, column, n, matrixB);
                    long sum = 0;
                    for (long j = 0; j < k; j++)
                    {
                        long ia = matrixA * m * k + (g.TransA ? j * m + row : row * k + j), ib = matrixB * k * n + (g.TransB ? column * k + j : j * n + column);
                        sum += (long)(ElementAccess.Read(a, typeA, ia) - az) * (long)(ElementAccess.Read((void*)args.Inputs[roles.B], p.Operand(roles.B).Type, ib) - bz);
                    }
                    if (!p.Operand(roles.C).IsAbsent)
                        sum += ((int*)args.Inputs[roles.C])[Stretch(p.Operand(roles.C).Shape, row, column)];
                    float factor = p.Alpha * (float)(roles.AScale < 0 ? scaleOfA : Parameter(args, roles.AScale, 1, row, m, matrixA))
                        * (float)Parameter(args, roles.BScale, 1, column, n, matrixB);
                    Store(args, y, (i * m + row) * n + column, unchecked((int)sum), factor, column);
                }
        }
    }

    private void Store(in KernelArgs args, void* y, long index, int sum, float factor, long column)
    {
        QuantizedMatMulRoles roles = p.Roles;
        if (p.OutputType == DType.Int32)
            ((int*)y)[index] = sum;
        else if (p.OutputType == DType.Float32)
            ((float*)y)[index] = p.Operand(roles.Bias).IsAbsent ? sum * factor : sum * factor + ((float*)args.Inputs[roles.Bias])[column];
        else
        {
            float scaled = sum * (factor / (float)QuantizedElement.Read((void*)args.Inputs[roles.YScale], p.Operand(roles.YScale).Type, 0));
            double zero = p.Operand(roles.YZero).IsAbsent ? 0 : QuantizedElement.Read((void*)args.Inputs[roles.YZero], p.OutputType, 0);
            (int low, int high) = QuantizedElement.Range(p.OutputType);
            ((byte*)y)[index] = (byte)(float.IsNaN(scaled) ? low : (int)Math.Clamp(Math.Round((double)scaled, MidpointRounding.ToEven) + zero, low, high));
        }
    }

    // One for all, one a line, or one a line of each matrix.
    private double Parameter(in KernelArgs args, int index, double fallback, long line, long lines, long matrix)
    {
        TensorType operand = p.Operand(index);
        if (operand.IsAbsent)
            return fallback;
        long at = operand.Shape.Count == 1 ? 0 : operand.Shape.Rank == 1 ? line : matrix * lines + line;
        return QuantizedElement.Read((void*)args.Inputs[index], operand.Type, at);
    }

    private (float, byte) Quantize(float* x, byte* y)
    {
        long count = p.Product.ShapeA.Count;
        float low = 0, high = 0;
        for (long i = 0; i < count; i++)
            (low, high) = (x[i] < low ? x[i] : low, x[i] > high ? x[i] : high);
        float scale = (low == high ? 1 : high - low) / 255, offset = 0f - low / scale;
        double zero = float.IsNaN(offset) ? 0 : Math.Round(Math.Clamp((double)offset, 0, 255), MidpointRounding.ToEven);
        for (long i = 0; i < count; i++)
        {
            float q = x[i] / scale;
            y[i] = float.IsNaN(q) ? (byte)0 : (byte)Math.Clamp(Math.Round((double)q, MidpointRounding.ToEven) + zero, 0, 255);
        }
        return (scale, (byte)zero);
    }

    private static long Matrix(long index, long[] batch, ReadOnlySpan<long> own)
    {
        long matrix = 0, step = 1;
        for (int i = 1; i <= batch.Length; i++)
        {
            (index, long at) = Math.DivRem(index, batch[^i]);
            if (i > own.Length)
                continue;
            matrix += own[^i] == 1 ? 0 : at * step;
            step *= own[^i];
        }
        return matrix;
    }

    private static long Stretch(Shape c, long row, long column)
    {
        long at = c.Rank == 0 || c[^1] == 1 ? 0 : column;
        return c.Rank < 2 || c[0] == 1 ? at : row * c[1] + at;
    }
}
