using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Codes, scales and zero points of one column of a block-quantised matrix.</summary>
internal readonly unsafe struct NBitsColumns
{
    private readonly byte* _codes;
    private readonly float* _scales;
    private readonly void* _zeros;
    private readonly int _bits;
    private readonly long _block;
    private readonly nint _blocks;
    private readonly nint _columnBytes;
    private readonly nint _zeroBytes;
    private readonly bool _packedZeros;

    public NBitsColumns(NBitsProblem p, in KernelArgs args)
    {
        _codes = (byte*)args.Inputs[1];
        _scales = (float*)args.Inputs[2];
        _zeros = p.ZeroType == DType.Undefined ? null : (void*)args.Inputs[3];
        (_bits, _block, _blocks) = (p.Bits, p.Block, (nint)p.Blocks);
        (_columnBytes, _zeroBytes, _packedZeros) = ((nint)p.ColumnBytes, (nint)p.ZeroBytes, p.ZeroType == DType.UInt8);
    }

    /// <summary>The scale of a block.</summary>
    public float Scale(nint n, nint block) => _scales[n * _blocks + block];

    /// <summary>The zero point of a block.</summary>
    public float Zero(nint n, nint block)
    {
        if (_zeros == null)
            return 1 << _bits - 1;
        if (!_packedZeros)
            return ((float*)_zeros)[n * _blocks + block];
        int perByte = 8 / _bits;
        return ((byte*)_zeros)[n * _zeroBytes + block / perByte] >> (int)(block % perByte) * _bits & (1 << _bits) - 1;
    }

    /// <summary>Writes rows [k0, k0 + count) of column n as float32, a stride apart.</summary>
    public void Decode(nint n, long k0, long count, float* y, nint stride)
    {
        byte* codes = _codes + n * _columnBytes;
        int perByte = 8 / _bits, mask = (1 << _bits) - 1;
        for (long k = k0; k < k0 + count;)
        {
            nint block = (nint)(k / _block);
            float scale = Scale(n, block), zero = Zero(n, block);
            long end = Math.Min(k0 + count, (block + 1) * _block);
            for (; k < end; k++, y += stride)
                *y = ((codes[k / perByte] >> (int)(k % perByte) * _bits & mask) - zero) * scale;
        }
    }
}
