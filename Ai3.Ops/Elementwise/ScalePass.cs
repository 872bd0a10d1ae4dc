namespace Ai3.Ops;

/// <summary>y = F(x * scale[c] + shift[c]) over a tensor in storage order; block padding becomes zero.</summary>
internal sealed unsafe class ScalePass(ChannelLayout layout, Activation activation, IsaLevel isa)
{
    // Elements of a blocked piece: scale and shift repeated that far stay in L1.
    private const int Piece = 512;

    private readonly RowFunction _rows = ActivationRows.Scale(activation, isa);
    private readonly BlockPadding _padding = BlockPadding.Of(layout);

    public void Run(nint x, nint scale, nint shift, nint y, WorkerPool workers)
    {
        if (layout.StorageCount == 0)
            return;
        var body = new Body { Pass = this, X = (float*)x, Scale = (float*)scale, Shift = (float*)shift, Y = (float*)y };
        workers.For((int)(layout.StorageCount / (layout.Inner * layout.Block)), ref body);
    }

    private struct Body : IParallelBody
    {
        public ScalePass Pass;
        public float* X;
        public float* Scale;
        public float* Shift;
        public float* Y;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int image = begin; image < end; image++)
                Pass.Image(this, image);
        }
    }

    // All pixels of one block of channels: of one channel where channels are apart, of all where they are innermost.
    private void Image(in Body body, long image)
    {
        long count = layout.Inner * layout.Block, first = image * count;
        long channel = image % layout.Blocks * layout.Block;
        RowArgs r = default;
        r.StepA = 1;
        r.Alpha = activation.Alpha;
        r.Beta = activation.Beta;
        if (layout.Block == 1)
            Row(ref r, body, first, (nint)count, body.Scale + channel, body.Shift + channel, step: 0);
        else if (layout.Block > Piece / 4)
            for (long pixel = 0; pixel < layout.Inner; pixel++)
                Row(ref r, body, first + pixel * layout.Block, (nint)layout.Block, body.Scale + channel, body.Shift + channel, step: 1);
        else
        {
            float* scale = stackalloc float[Piece];
            float* shift = stackalloc float[Piece];
            int block = (int)layout.Block, channels = (int)Math.Min(block, layout.Channels - channel), piece = Piece / block * block;
            for (int i = 0; i < piece; i++)
            {
                int lane = i % block;
                scale[i] = lane < channels ? body.Scale[channel + lane] : 0;
                shift[i] = lane < channels ? body.Shift[channel + lane] : 0;
            }
            for (long done = 0; done < count; done += piece)
                Row(ref r, body, first + done, (nint)Math.Min(piece, count - done), scale, shift, step: 1);
            _padding.Clear((byte*)body.Y, sizeof(float), first, first + count);
        }
    }

    private void Row(ref RowArgs r, in Body body, long position, nint count, float* scale, float* shift, nint step)
    {
        r.Count = count;
        r.A = body.X + position;
        r.Y = body.Y + position;
        r.B = scale;
        r.C = shift;
        r.StepB = r.StepC = step;
        fixed (RowArgs* p = &r)
            _rows.Run(p);
    }
}
