using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>The largest values along the last axis, with labels.</summary>
internal sealed class TopValues
{
    private readonly int _count;
    private readonly string[] _labels;

    private TopValues(int count, string[] labels)
    {
        _count = count;
        _labels = labels;
    }

    /// <summary>One of the largest values.</summary>
    /// <param name="Position">Its index.</param>
    /// <param name="Value">The value.</param>
    /// <param name="Text">The value in digits.</param>
    /// <param name="Label">The label of its place on the last axis; empty if there is none.</param>
    public readonly record struct Entry(string Position, double Value, string Text, string Label);

    /// <summary>What <c>--top</c> and <c>--labels</c> ask for; null if they ask for nothing.</summary>
    /// <exception cref="UsageException">The count is not positive, or the file of labels is not there.</exception>
    public static TopValues? Read(int? count, string? labels)
    {
        if (count is null && labels is null)
            return null;
        if (count < 1)
            throw new UsageException($"--top {count} is not a count of 1 or more");
        if (labels is not null && !File.Exists(labels))
            throw new UsageException($"--labels: there is no file '{labels}'");
        return new TopValues(count ?? 5, labels is null ? [] : File.ReadAllLines(labels));
    }

    /// <summary>True for tensors of real numbers or integers with at least one axis.</summary>
    public static bool Applies(Value value) =>
        value is Tensor { Shape.Rank: > 0, Count: > 0 and <= int.MaxValue } t && (Elements.IsReal(t.Type) || Elements.IsWhole(t.Type));

    /// <summary>The largest values of each row, largest first; equal ones in index order, NaN last.</summary>
    public IEnumerable<Entry> Of(Tensor tensor)
    {
        // [1,1000,1,1] is one row of 1000: axes of 1 at the end do not count.
        int axis = tensor.Shape.Rank - 1;
        while (axis > 0 && tensor.Shape[axis] == 1)
            axis--;
        int length = (int)tensor.Shape[axis], rows = (int)(tensor.Count / length);
        var elements = new Elements(tensor);
        for (int row = 0; row < rows; row++)
        {
            int offset = row * length;
            foreach (int i in Enumerable.Range(0, length).OrderByDescending(i => Number(elements, tensor.Type, offset + i)).Take(_count))
            {
                string position = rows == 1 ? $"[{i}]" : $"[{row}][{i}]";
                string label = i < _labels.Length ? ErrorLine.Clean(_labels[i]) : "";
                yield return new Entry(position, Number(elements, tensor.Type, offset + i), elements.Text(offset + i), label);
            }
        }
    }

    private static double Number(Elements elements, DType type, int i)
    {
        double value = Elements.IsReal(type) ? elements.Real(i) : (double)elements.Whole(i);
        return double.IsNaN(value) ? double.NegativeInfinity : value;
    }
}
