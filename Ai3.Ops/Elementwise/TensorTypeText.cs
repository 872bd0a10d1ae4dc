using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reads what <see cref="TensorType.ToString"/> writes, such as <c>f32[1,3,224,224]</c>.</summary>
internal static class TensorTypeText
{
    public static bool TryParse(string text, out TensorType operand)
    {
        operand = TensorType.Absent;
        if (text == "absent")
            return true;
        int open = text.IndexOf('[');
        if (open < 0 || !text.EndsWith(']'))
            return false;
        DType type = DTypes.Parse(text[..open]);
        string inside = text[(open + 1)..^1];
        string[] parts = inside.Length == 0 ? [] : inside.Split(',');
        var dims = new long[parts.Length];
        for (int i = 0; i < dims.Length; i++)
            if (!long.TryParse(parts[i], CultureInfo.InvariantCulture, out dims[i]) || dims[i] < 0)
                return false;
        operand = new TensorType(type, Shape.Create(dims));
        return type != DType.Undefined;
    }
}
