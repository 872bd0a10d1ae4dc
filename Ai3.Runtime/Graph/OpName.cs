namespace Ai3.Runtime;

/// <summary>Operator names with their domain in front: <c>com.example.Op</c>; without one it is ai.onnx.</summary>
internal static class OpName
{
    /// <summary>Domain and operator.</summary>
    /// <exception cref="ArgumentException">There is no name behind the domain.</exception>
    public static (string Domain, string Type) Split(string name)
    {
        int dot = name.LastIndexOf('.');
        if (name.Length == dot + 1)
            throw new ArgumentException($"'{name}' is no operator's name");
        string domain = dot < 0 ? "" : name[..dot];
        return (domain == "ai.onnx" ? "" : domain, name[(dot + 1)..]);
    }
}
