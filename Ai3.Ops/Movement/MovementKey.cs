using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Ai3.Ops;

/// <summary>Writes the keys of movement problems: <c>name/in in -> out word[1,2] word3</c>, an absent operand as <c>-</c>.</summary>
internal static class MovementKey
{
    public static string Write(string name, IEnumerable<TensorType> inputs, IEnumerable<TensorType> outputs, params ReadOnlySpan<string> words)
    {
        var text = new StringBuilder(name).Append('/');
        text.AppendJoin(' ', inputs.Select(Operand)).Append(" -> ").AppendJoin(' ', outputs.Select(Operand));
        foreach (string word in words)
            if (word.Length > 0)
                text.Append(' ').Append(word);
        return text.ToString();
    }

    public static string Word(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"{name}{value}");

    public static string Word(string name, ImmutableArray<long> values) => $"{name}[{string.Join(",", values)}]";

    private static string Operand(TensorType operand) => operand.IsAbsent ? "-" : operand.ToString();
}
