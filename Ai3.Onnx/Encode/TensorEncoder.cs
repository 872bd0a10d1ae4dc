using System.Buffers;
using System.Globalization;
using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;
using Google.Protobuf;

namespace Ai3.Onnx;

/// <summary>Tensor to TensorProto: raw bytes in the message, or in an external file where one is given.</summary>
/// <param name="external">The external file; null to keep everything in the message.</param>
internal sealed class TensorEncoder(ExternalWriter? external = null)
{
    public TensorProto Encode(Tensor tensor, string name)
    {
        var proto = new TensorProto { DataType = (int)tensor.Type };
        if (name.Length > 0)
            proto.Name = name;
        foreach (long dim in tensor.Shape)
            proto.Dims.Add(dim);
        if (tensor.Type == DType.String)
            foreach (string text in tensor.AsStrings())
                proto.StringData.Add(Text.Encode(text));
        else if (external is not null && tensor.ByteLength >= ExternalWriter.SmallestTensor)
            external.Write(tensor, proto);
        else
            proto.RawData = UnsafeByteOperations.UnsafeWrap(new TensorMemory(tensor).Memory);
        return proto;
    }

    // The tensor's own bytes, so that a message holds no copy of the weights; it keeps the tensor alive.
    private sealed class TensorMemory(Tensor tensor) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => tensor.AsBytes();

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("bytes to be written are not pinned");

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}

/// <summary>Writes weights one after the other into a file beside the model.</summary>
internal sealed class ExternalWriter(Stream stream, string location)
{
    /// <summary>Bytes from which a tensor goes into the file.</summary>
    public const long SmallestTensor = 1024;

    // A page, so that a tensor can be mapped on its own.
    private const long Alignment = 4096;
    private const long Chunk = 1 << 30;

    public void Write(Tensor tensor, TensorProto proto)
    {
        long offset = ShapeMath.RoundUp(stream.Position, Alignment);
        stream.Position = offset;
        for (long done = 0; done < tensor.ByteLength; done += Chunk)
        {
            int length = (int)Math.Min(Chunk, tensor.ByteLength - done);
            stream.Write(Tensor.Borrow(DType.UInt8, [length], tensor.Address + (nint)done, length, owner: tensor).AsBytes());
        }
        proto.DataLocation = TensorProto.Types.DataLocation.External;
        Add("location", location);
        Add("offset", offset.ToString(CultureInfo.InvariantCulture));
        Add("length", tensor.ByteLength.ToString(CultureInfo.InvariantCulture));

        void Add(string key, string value) => proto.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    /// <summary>Bytes that a graph's tensors take, those of subgraphs and attributes counted.</summary>
    public static long BytesOf(GraphSpec graph) =>
        graph.Initializers.Sum(i => i.Value.ByteLength)
        + graph.Nodes.Sum(n => n.Attributes.Values.Values.OfType<Tensor>().Sum(t => t.ByteLength) + n.Subgraphs.Values.Sum(BytesOf));
}
