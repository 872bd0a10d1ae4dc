using System.Globalization;
using System.Text;

namespace Ai3.Tensors;

/// <summary>
/// A sum of terms, each a coefficient times a product of atoms; an atom is a symbol or a floor division of two
/// expressions. Terms are kept sorted and merged, so equal sums have equal text.
/// </summary>
internal sealed class DimExpression : IEquatable<DimExpression>
{
    private readonly SortedDictionary<string, Term> _terms;
    private readonly string _text;

    private DimExpression(SortedDictionary<string, Term> terms)
    {
        _terms = terms;
        _text = Print(terms);
    }

    private sealed record Term(long Coefficient, Atom[] Atoms);

    private sealed record Atom(string Text, DimExpression? Dividend, DimExpression? Divisor);

    public static DimExpression Constant(long value) => Build([new Term(value, [])]);

    public static DimExpression Symbol(string name) => Build([new Term(1, [new Atom(name, null, null)])]);

    public static DimExpression Add(DimExpression a, DimExpression b) => Build(a._terms.Values.Concat(b._terms.Values));

    public static DimExpression Multiply(DimExpression a, DimExpression b) => Build(
        from x in a._terms.Values
        from y in b._terms.Values
        select new Term(ShapeMath.Multiply(x.Coefficient, y.Coefficient), [.. x.Atoms.Concat(y.Atoms).OrderBy(t => t.Text, StringComparer.Ordinal)]));

    public static DimExpression FloorDiv(DimExpression a, DimExpression b)
    {
        if (b.TryConstant(out long divisor) && a._terms.Values.All(t => t.Coefficient % divisor == 0))
            return Build(a._terms.Values.Select(t => t with { Coefficient = t.Coefficient / divisor }));
        return Build([new Term(1, [new Atom($"floor({a}/{Group(b)})", a, b)])]);
    }

    public bool TryConstant(out long value)
    {
        value = 0;
        if (_terms.Count == 0)
            return true;
        if (_terms.Count != 1 || !_terms.TryGetValue("", out Term? only))
            return false;
        value = only.Coefficient;
        return true;
    }

    public IEnumerable<string> Symbols => _terms.Values.SelectMany(t => t.Atoms).SelectMany(SymbolsOf).Distinct();

    public Dim Bind(IReadOnlyDictionary<string, long> values)
    {
        Dim sum = 0;
        foreach (Term term in _terms.Values)
        {
            Dim product = term.Coefficient;
            foreach (Atom atom in term.Atoms)
                product *= BindAtom(atom, values);
            sum += product;
        }
        return sum;
    }

    public bool Equals(DimExpression? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as DimExpression);

    public override int GetHashCode() => string.GetHashCode(_text, StringComparison.Ordinal);

    public override string ToString() => _text;

    private static Dim BindAtom(Atom atom, IReadOnlyDictionary<string, long> values)
    {
        if (atom.Dividend is not null)
            return Dim.FloorDiv(atom.Dividend.Bind(values), atom.Divisor!.Bind(values));
        return values.TryGetValue(atom.Text, out long value) ? value : Dim.Symbol(atom.Text);
    }

    private static IEnumerable<string> SymbolsOf(Atom atom) =>
        atom.Dividend is null ? [atom.Text] : atom.Dividend.Symbols.Concat(atom.Divisor!.Symbols);

    private static DimExpression Build(IEnumerable<Term> terms)
    {
        var merged = new SortedDictionary<string, Term>(StringComparer.Ordinal);
        foreach (Term term in terms)
        {
            string key = string.Join("*", term.Atoms.Select(a => a.Text));
            long coefficient = merged.TryGetValue(key, out Term? old) ? ShapeMath.Add(old.Coefficient, term.Coefficient) : term.Coefficient;
            merged[key] = term with { Coefficient = coefficient };
        }
        foreach (string key in merged.Where(t => t.Value.Coefficient == 0).Select(t => t.Key).ToArray())
            merged.Remove(key);
        return new DimExpression(merged);
    }

    private static string Print(SortedDictionary<string, Term> terms)
    {
        var text = new StringBuilder();
        foreach ((string key, Term term) in terms.Reverse())
        {
            long c = term.Coefficient;
            if (text.Length > 0 && c >= 0)
                text.Append('+');
            if (key.Length == 0)
                text.Append(c.ToString(CultureInfo.InvariantCulture));
            else if (c == 1)
                text.Append(key);
            else if (c == -1)
                text.Append('-').Append(key);
            else
                text.Append(c.ToString(CultureInfo.InvariantCulture)).Append('*').Append(key);
        }
        return text.Length == 0 ? "0" : text.ToString();
    }

    private static string Group(DimExpression e) => e._terms.Count > 1 ? $"({e})" : e.ToString();
}
