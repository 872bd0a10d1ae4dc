using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Names a model by what decides its plan: operators, attributes, edges, opsets, types and shapes. Of constants, only int64 ones
/// (shapes, axes, indices) count with their values, so that a plan outlives retraining.
/// </summary>
internal sealed class ModelHash : IDisposable
{
    private const int MostValues = 4096;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private ModelHash() { }

    /// <summary>The hash as <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public static string Of(Model model)
    {
        using var hash = new ModelHash();
        foreach ((string domain, int version) in model.Opsets)
            hash.Add(domain, Number(version));
        hash.Add(model.Spec);
        return "sha256:" + Convert.ToHexStringLower(hash._hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void Add(GraphSpec graph)
    {
        Add("graph", Number(graph.Inputs.Length), Number(graph.Outputs.Length), Number(graph.Initializers.Length), Number(graph.Nodes.Length));
        foreach (ValueSpec value in graph.Inputs.Concat(graph.Outputs))
            Add(value.Name, value.Fact?.ToString() ?? "?");
        foreach ((string name, Tensor tensor) in graph.Initializers)
        {
            Add(name);
            Add(tensor);
        }
        foreach (NodeSpec node in graph.Nodes)
            Add(node);
    }

    private void Add(NodeSpec node)
    {
        Add(node.Name, node.Domain, node.OpType, Number(node.Opset ?? -1), Number(node.Inputs.Length), Number(node.Outputs.Length), Number(node.Attributes.Values.Count));
        foreach (string value in node.Inputs.Concat(node.Outputs))
            Add(value);
        foreach ((string name, object value) in node.Attributes.Values)
        {
            Add(name);
            AddAttribute(value);
        }
        foreach ((string name, GraphSpec body) in node.Subgraphs)
        {
            Add(name);
            Add(body);
        }
    }

    private void AddAttribute(object value)
    {
        switch (value)
        {
            case Tensor tensor: Add(tensor); break;
            case ImmutableArray<long> integers: Add("ints", string.Join(' ', integers.Select(i => Number(i)))); break;
            case ImmutableArray<float> floats: Add("floats", string.Join(' ', floats.Select(f => f.ToString("R", CultureInfo.InvariantCulture)))); break;
            case ImmutableArray<string> texts: Add(["texts", Number(texts.Length), .. texts]); break;
            case IFormattable number: Add(number.GetType().Name, number.ToString("R", CultureInfo.InvariantCulture)); break;
            default: Add("text", value.ToString() ?? ""); break;
        }
    }

    private void Add(Tensor tensor)
    {
        Add(tensor.Type.ShortName(), tensor.Shape.ToString());
        if (tensor.Type == DType.Int64 && tensor.Count <= MostValues)
            _hash.AppendData(tensor.AsBytes());
    }

    // Each text with its length, so that no two lists of texts give the same bytes.
    private void Add(params ReadOnlySpan<string> texts)
    {
        foreach (string text in texts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            _hash.AppendData(BitConverter.GetBytes(bytes.Length));
            _hash.AppendData(bytes);
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
