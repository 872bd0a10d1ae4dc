using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the attention operators: facts of a node are drawn, and the operator makes the problem.</summary>
internal sealed class AttentionProblems : ProblemGenerator<AttentionProblem>
{
    private static readonly int[] s_edges = [4, 8, 16, 32, 64];

    private readonly record struct Draft(Attributes Attributes, ImmutableArray<ValueFact?> Inputs, int Outputs);

    /// <inheritdoc/>
    protected override AttentionProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool fast = request.RowName is "online_softmax" or "decode";
        DType type = fast || random.Chance(0.5) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16);
        bool scores = request.RowName != "online_softmax" && random.Chance(0.25);
        Draft draft = (request.Op.Domain, request.Op.Name) switch
        {
            ("", _) => Standard(type, request.Size, scores, random),
            (_, "MultiHeadAttention") => MultiHead(type, request.Size, scores, random),
            (_, "GroupQueryAttention") => GroupQuery(type, request.Size, scores, random),
            _ => Projected(type, request.Size, random),
        };
        uint constants = request.Op.Name == "Attention" && request.Op.Domain.Length > 0 && random.Chance(0.5) ? 0b110u : 0;
        var node = new NodeFacts(draft.Attributes, 24, draft.Inputs, draft.Outputs, static () => Dim.Symbol("?"));
        return (AttentionProblem)request.Op.CreateProblem(node) with { ConstantInputs = constants };
    }

    /// <inheritdoc/>
    protected override IEnumerable<AttentionProblem> Shrink(AttentionProblem problem)
    {
        if (problem.Softcap != 0)
            yield return problem with { Softcap = 0 };
        if (problem.Left >= 0 || problem.Right >= 0)
            yield return problem with { Left = -1, Right = -1 };
        if (problem.Causal)
            yield return problem with { Causal = false };
        if (problem.SmoothSoftmax)
            yield return problem with { SmoothSoftmax = false };
        if (problem.Rotary)
            yield return problem with { Rotary = false };
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, AttentionProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, AttentionProblem problem, int input, CheckMode mode, TestRandom random)
    {
        TensorType operand = problem.Inputs[input];
        var g = new AttentionGeometry(problem);
        AttentionRoles roles = AttentionRoles.Of(problem.Form);
        double[] values = base.Fill(op, problem, input, mode, random);
        if (problem.Form == AttentionForm.GroupQuery && input is 5 or 6)
            return input == 6 ? [problem.TotalLength] : Lengths(problem, g, random);
        if (problem.Form == AttentionForm.GroupQuery && input == 9)
            return InputFill.Indices(operand, problem.Operands[7].Shape[0], random, negative: false);
        if (input == roles.Lengths)
            return [.. values.Select(_ => (double)random.Between(0, (int)g.Capacity))];
        if (input == roles.Mask && operand.Type == DType.Int32)
            return operand.Shape.Rank == 1 ? [.. values.Select(_ => (double)random.Between(0, (int)g.Capacity))] : [.. values.Select(_ => random.Chance(0.7) ? 1.0 : 0)];
        if (input == roles.Mask && operand.Type == DType.Bool)
            return [.. values.Select(_ => random.Chance(0.7) ? 1.0 : 0)];
        if ((input == roles.Mask || input == roles.ScoreBias) && operand.Type.IsFloat() && random.Chance(0.5))
            for (int i = 0; i < values.Length; i++)
                if (random.Chance(0.3))
                    values[i] = double.NegativeInfinity;
        return values;
    }

    private static double[] Lengths(AttentionProblem problem, AttentionGeometry g, TestRandom random)
    {
        bool prompt = g.Queries == problem.TotalLength;
        long most = Math.Min(Math.Min(g.Capacity, problem.TotalLength), g.Past + g.Queries);
        return [.. Enumerable.Range(0, (int)g.Batch).Select(_ => random.Between(prompt ? 1 : (int)g.Queries, (int)most) - 1.0)];
    }

    private static int Size(int size, TestRandom random) => random.Pick(1, 4, 8, 16, random.Dim(Math.Min(size, 40), s_edges));

    private static int Rows(int size, TestRandom random) => random.Chance(0.1) && size > 8 ? random.Between(120, 150) : random.Dim(size, s_edges);

    private static TensorFact Fact(DType type, params ReadOnlySpan<long> dims) => new(type, Shape.Create(dims));

    private static Draft Standard(DType type, int size, bool scores, TestRandom random)
    {
        int batch = random.Between(1, 2), kvHeads = random.Between(1, 3), heads = kvHeads * random.Pick(1, 1, 2, 3);
        int d = Size(size, random), dv = random.Chance(0.7) ? d : Size(size, random);
        int queries = random.Pick(1, Rows(size, random)), keys = Rows(size, random), past = random.Chance(0.4) ? Rows(size, random) : 0;
        bool outside = random.Chance(0.5), lengths = past == 0 && random.Chance(0.3);
        int total = past + keys;
        Attributes attributes = Common(random).With("qk_matmul_output_mode", (long)random.Below(4));
        if (!outside)
            attributes = attributes.With("q_num_heads", (long)heads).With("kv_num_heads", (long)kvHeads);
        if (random.Chance(0.4))
            attributes = attributes.With("is_causal", 1L);
        if (random.Chance(0.2))
            attributes = attributes.With("left_window_size", (long)random.Below(total + 1));
        if (random.Chance(0.2))
            attributes = attributes.With("right_window_size", (long)random.Below(total + 1));
        TensorFact?[] inputs =
        [
            outside ? Fact(type, batch, heads, queries, d) : Fact(type, batch, queries, heads * d),
            outside ? Fact(type, batch, kvHeads, keys, d) : Fact(type, batch, keys, kvHeads * d),
            outside ? Fact(type, batch, kvHeads, keys, dv) : Fact(type, batch, keys, kvHeads * dv),
            random.Chance(0.5) ? Mask(random.Chance(0.5) ? DType.Bool : type, batch, heads, queries, total, random) : null,
            past > 0 ? Fact(type, batch, kvHeads, past, d) : null,
            past > 0 ? Fact(type, batch, kvHeads, past, dv) : null,
            lengths ? Fact(DType.Int64, batch) : null,
        ];
        return new Draft(attributes, [.. inputs], scores ? 4 : past > 0 || random.Chance(0.2) ? 3 : 1);
    }

    private static Attributes Common(TestRandom random)
    {
        Attributes attributes = Attributes.Empty;
        if (random.Chance(0.3))
            attributes = attributes.With("scale", random.Pick(0.5f, 0.1f));
        return random.Chance(0.25) ? attributes.With("softcap", random.Pick(1f, 20f)) : attributes;
    }

    private static TensorFact Mask(DType type, int batch, int heads, int queries, int total, TestRandom random)
    {
        int rank = random.Between(1, 4), keys = random.Chance(0.2) ? random.Between(1, total) : total;
        long[] dims = [random.Chance(0.5) ? batch : 1, random.Chance(0.5) ? heads : 1, random.Chance(0.7) ? queries : 1, keys];
        return Fact(type, dims.AsSpan(4 - rank));
    }

    private static Draft MultiHead(DType type, int size, bool scores, TestRandom random)
    {
        int batch = random.Between(1, 2), heads = random.Between(1, 3), d = Size(size, random), dv = random.Chance(0.7) ? d : Size(size, random);
        int queries = random.Pick(1, Rows(size, random)), keys = Rows(size, random), past = random.Chance(0.4) ? Rows(size, random) : 0;
        int packing = random.Below(4);
        if (packing == 0)
            (keys, dv) = (queries, d);
        if (packing == 1)
            dv = d;
        int total = past + keys, hidden = heads * d;
        TensorFact? key = packing switch
        {
            0 => null,
            1 => Fact(type, batch, keys, heads, 2, d),
            2 => Fact(type, batch, heads, keys, d),
            _ => Fact(type, batch, keys, hidden),
        };
        TensorFact? value = packing switch { 0 or 1 => null, 2 => Fact(type, batch, heads, keys, dv), _ => Fact(type, batch, keys, heads * dv) };
        TensorFact? mask = random.Below(6) switch
        {
            0 => Fact(DType.Int32, batch),
            1 => Fact(DType.Int32, batch, total),
            2 => Fact(DType.Int32, batch, queries, total),
            3 => Fact(DType.Int32, 3 * batch + 2),
            _ => null,
        };
        TensorFact?[] inputs =
        [
            packing == 0 ? Fact(type, batch, queries, heads, 3, d) : Fact(type, batch, queries, hidden), key, value,
            random.Chance(0.5) ? Fact(type, 2 * hidden + heads * dv) : null, mask,
            random.Chance(0.3) ? Fact(type, random.Chance(0.5) ? batch : 1, random.Chance(0.5) ? heads : 1, queries, total) : null,
            past > 0 ? Fact(type, batch, heads, past, d) : null, past > 0 ? Fact(type, batch, heads, past, dv) : null,
        ];
        Attributes attributes = Attributes.Empty.With("num_heads", (long)heads).With("mask_filter_value", random.Pick(-10000f, -20f));
        if (random.Chance(0.3))
            attributes = attributes.With("unidirectional", 1L);
        return new Draft(attributes, [.. inputs], scores ? 4 : past > 0 ? 3 : 1);
    }

    private static Draft GroupQuery(DType type, int size, bool scores, TestRandom random)
    {
        int batch = random.Between(1, 2), kvHeads = random.Between(1, 3), heads = kvHeads * random.Pick(1, 2, 3), d = 2 * Math.Max(1, Size(size, random) / 2);
        int queries = random.Pick(1, 1, Rows(size, random)), past = random.Chance(0.8) ? Rows(size, random) : 0;
        bool prompt = past == 0 || random.Chance(0.3);
        int total = prompt ? queries : queries + random.Between(0, past);
        bool packed = random.Chance(0.4), rotary = random.Chance(0.6);
        int half = random.Chance(0.8) ? d / 2 : Math.Max(1, d / 4), table = total + random.Between(1, 4);
        TensorFact?[] inputs =
        [
            Fact(type, batch, queries, packed ? (heads + 2 * kvHeads) * d : heads * d),
            packed ? null : Fact(type, batch, queries, kvHeads * d), packed ? null : Fact(type, batch, queries, kvHeads * d),
            past > 0 ? Fact(type, batch, kvHeads, past, d) : null, past > 0 ? Fact(type, batch, kvHeads, past, d) : null,
            Fact(DType.Int32, batch), Fact(DType.Int32) with { Elements = [total] },
            rotary ? Fact(type, table, half) : null, rotary ? Fact(type, table, half) : null,
            rotary && random.Chance(0.3) ? Fact(DType.Int64, batch, queries) : null,
            random.Chance(0.3) ? Fact(type, random.Chance(0.5) ? batch : 1, random.Chance(0.5) ? heads : 1, queries, total) : null,
            random.Chance(0.3) ? Fact(type, heads) : null,
        ];
        Attributes attributes = Common(random).With("num_heads", (long)heads).With("kv_num_heads", (long)kvHeads);
        if (rotary)
            attributes = attributes.With("do_rotary", 1L).With("rotary_interleaved", (long)random.Below(2));
        if (random.Chance(0.3))
            attributes = attributes.With("local_window_size", (long)random.Between(1, total + 1));
        if (random.Chance(0.3))
            attributes = attributes.With("smooth_softmax", 1L);
        return new Draft(attributes.With("qk_output", (long)random.Between(1, 2)), [.. inputs], scores ? 4 : 3);
    }

    private static Draft Projected(DType type, int size, TestRandom random)
    {
        int batch = random.Between(1, 2), heads = random.Between(1, 3), d = Size(size, random), length = random.Pick(1, Rows(size, random));
        int past = random.Chance(0.4) ? Rows(size, random) : 0, dv = past > 0 || random.Chance(0.7) ? d : Size(size, random), width = random.Dim(size, s_edges);
        int total = past + length, largest = total + random.Below(3);
        TensorFact? mask = random.Below(7) switch
        {
            0 => Fact(DType.Int32, batch),
            1 => Fact(DType.Int32, 2 * batch),
            2 => Fact(DType.Int32, batch, total),
            3 => Fact(DType.Int32, batch, length, total),
            4 => Fact(DType.Int32, batch, 1, largest, largest),
            _ => null,
        };
        TensorFact?[] inputs =
        [
            Fact(type, batch, length, width), Fact(type, width, heads * (2 * d + dv)), random.Chance(0.7) ? Fact(type, heads * (2 * d + dv)) : null, mask,
            past > 0 ? Fact(type, 2, batch, heads, past, d) : null,
            random.Chance(0.3) ? Fact(type, random.Chance(0.5) ? batch : 1, random.Chance(0.5) ? heads : 1, length, total) : null,
        ];
        Attributes attributes = Attributes.Empty.With("num_heads", (long)heads).With("mask_filter_value", random.Pick(-10000f, -20f));
        if (d != dv || random.Chance(0.3))
            attributes = attributes.With("qkv_hidden_sizes", ImmutableArray.Create<long>(heads * d, heads * d, heads * dv));
        if (random.Chance(0.4))
            attributes = attributes.With("unidirectional", 1L);
        return new Draft(attributes, [.. inputs], d == dv && (past > 0 || random.Chance(0.3)) ? 2 : 1);
    }
}
