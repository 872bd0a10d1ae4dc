using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Einsum: random terms over few labels, repeated ones and ellipses included.</summary>
internal sealed class EinsumProblems : ProblemGenerator<EinsumProblem>
{
    private static readonly DType[] s_types = [.. Enum.GetValues<DType>().Where(t => TypeSet.Numeric.Has(t))];

    private static readonly string[] s_usual =
        ["ij,jk->ik", "bij,bjk->bik", "bhid,bhjd->bhij", "ij,kj->ki", "bij,bjk->bki", "i,i->", "i,j->ij", "...ij,...jk->...ik", "ij,j->i", "bi,bi->b", "ijk,jil->kl", "ab,bc,cd->da"];

    protected override EinsumProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool two = request.RowName == "gemm";
        string equation = random.Chance(0.4) ? random.Pick(s_usual) : Equation(random, two ? random.Between(2, 3) : random.Between(1, 3));
        string[] terms = equation[..equation.IndexOf("->", StringComparison.Ordinal)].Split(',');
        var extents = new Dictionary<char, long>();
        foreach (char c in equation)
            if (char.IsAsciiLetter(c))
                extents[c] = two ? random.Dim(Math.Min(request.Size, 9)) : random.DimOrZero(Math.Min(request.Size, 9));
        long[] hidden = [.. Enumerable.Range(0, random.Below(3)).Select(_ => (long)random.Between(1, 3))];
        DType type = two || random.Chance(0.5) ? random.Pick(DType.Float32, DType.Float32, DType.Float32, DType.Float64, DType.Int32, DType.Int64) : random.Pick(s_types);
        TensorType[] operands = Array.ConvertAll(terms, term => new TensorType(type, Shape.Create([.. Dims(term, extents, hidden, random)])));
        return EinsumProblem.Create(EinsumEquation.Parse(equation, terms.Length), [.. operands]);
    }

    private static IEnumerable<long> Dims(string term, Dictionary<char, long> extents, long[] hidden, TestRandom random)
    {
        for (int i = 0; i < term.Length; i++)
            if (term[i] == '.')
            {
                foreach (long extent in hidden)
                    yield return random.Chance(0.2) ? 1 : extent;
                i += 2;
            }
            else
                yield return random.Chance(0.05) ? 1 : extents[term[i]];
    }

    private static string Equation(TestRandom random, int operands)
    {
        bool ellipsis = random.Chance(0.25);
        var terms = new string[operands];
        for (int i = 0; i < operands; i++)
        {
            string letters = new([.. Enumerable.Range(0, random.Below(4)).Select(_ => random.Pick('a', 'b', 'c', 'd', 'E'))]);
            terms[i] = ellipsis && random.Chance(0.8) ? letters.Insert(random.Below(letters.Length + 1), "...") : letters;
        }
        string all = string.Concat(terms);
        List<char> output = [.. all.Where(char.IsAsciiLetter).Distinct().Where(_ => random.Chance(0.5))];
        for (int i = output.Count - 1; i > 0; i--)
        {
            int other = random.Below(i + 1);
            (output[i], output[other]) = (output[other], output[i]);
        }
        string right = new([.. output]);
        return $"{string.Join(',', terms)}->{(all.Contains('.') ? right.Insert(random.Below(right.Length + 1), "...") : right)}";
    }

    protected override IEnumerable<EinsumProblem> Shrink(EinsumProblem p)
    {
        EinsumEquation equation = EinsumEquation.Parse(p.Equation, p.Operands.Length);
        for (int label = 0; label < p.Extents.Length; label++)
            foreach (long extent in new[] { p.Extents[label] / 2, p.Extents[label] - 1 })
                if (extent > 0)
                    yield return EinsumProblem.Create(equation, [.. p.Operands.Select((o, i) => o with { Shape = Shape.Create([.. p.Labels[i].Select((l, axis) => l == label && o.Shape[axis] > 1 ? extent : o.Shape[axis])]) })]);
    }
}
