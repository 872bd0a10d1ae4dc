using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// W, R and B of a layer in panels: for each direction W [InputSize, G*Hidden], R [Hidden, all gates but a GRU's hidden one], a GRU's R of the
/// hidden gate [Hidden, Hidden], the bias [G*Hidden] and a GRU's bias of R in the hidden gate [Hidden].
/// </summary>
/// <param name="Problem">The layer.</param>
/// <param name="Width">Columns of a panel.</param>
internal readonly unsafe record struct RecurrentWeights(RecurrentProblem Problem, int Width)
{
    /// <summary>Columns of the product with W.</summary>
    public long Columns => Problem.Gates * Problem.Hidden;

    /// <summary>Columns of the first product with R.</summary>
    public long GateColumns => Problem.Kind == RecurrentKind.Gru ? 2 * Problem.Hidden : Columns;

    public long Panels => ShapeMath.CeilDiv(Columns, Width);

    public long GatePanels => ShapeMath.CeilDiv(GateColumns, Width);

    /// <summary>Panels of a GRU's hidden gate.</summary>
    public long HiddenPanels => Problem.Kind == RecurrentKind.Gru ? ShapeMath.CeilDiv(Problem.Hidden, Width) : 0;

    /// <summary>A row of pre-activations, with room for a whole panel behind the last gate.</summary>
    public long RowFloats => (Panels + 1) * Width;

    public long GateOffset => ShapeMath.Multiply(Panels * Width, Problem.InputSize);

    public long HiddenOffset => GateOffset + ShapeMath.Multiply(GatePanels * Width, Problem.Hidden);

    public long BiasOffset => HiddenOffset + ShapeMath.Multiply(HiddenPanels * Width, Problem.Hidden);

    public long HiddenBiasOffset => BiasOffset + RowFloats;

    /// <summary>Floats of one direction.</summary>
    public long DirectionFloats => HiddenBiasOffset + HiddenPanels * Width;

    public long Bytes => ShapeMath.Multiply(DirectionFloats * sizeof(float), Problem.Directions);

    /// <summary>Packs both directions; b may be null.</summary>
    public void Pack(float* w, float* r, float* b, float* target)
    {
        nint n = (nint)Columns, hidden = (nint)Problem.Hidden, inputs = (nint)Problem.InputSize;
        for (int d = 0; d < Problem.Directions; d++, target += (nint)DirectionFloats, w += n * inputs, r += n * hidden)
        {
            PackMatrix(w, inputs, Columns, target);
            PackMatrix(r, hidden, GateColumns, target + (nint)GateOffset);
            PackMatrix(r + (nint)GateColumns * hidden, hidden, Columns - GateColumns, target + (nint)HiddenOffset);
            float* bias = target + (nint)BiasOffset, hiddenBias = target + (nint)HiddenBiasOffset;
            new Span<float>(bias, (int)(DirectionFloats - BiasOffset)).Clear();
            if (b == null)
                continue;
            float* ofW = b + 2 * d * n, ofR = ofW + n;
            bool apart = Problem.Kind == RecurrentKind.Gru && Problem.LinearBeforeReset;
            for (nint i = 0; i < n; i++)
                bias[i] = apart && i >= 2 * hidden ? ofW[i] : ofW[i] + ofR[i];
            if (apart)
                for (nint i = 0; i < hidden; i++)
                    hiddenBias[i] = ofR[2 * hidden + i];
        }
    }

    private void PackMatrix(float* matrix, nint depth, long columns, float* target)
    {
        for (long column = 0; column < columns; column += Width, target += depth * Width)
            PanelPacking.PackTransposed(matrix, depth, 0, depth, column, (int)Math.Min(Width, columns - column), Width, 1, target);
    }
}
