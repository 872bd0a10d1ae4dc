using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A matrix of zeros with ones where column = row + K.</summary>
internal sealed record EyeProblem : Problem
{
    public const string Name = "eye_like";

    /// <summary>Only its shape counts.</summary>
    public required TensorType Like { get; init; }

    public required DType Type { get; init; }

    public required long K { get; init; }

    public override ImmutableArray<TensorType> Inputs => [Like];

    public override ImmutableArray<TensorType> Outputs => [new(Type, Like.Shape)];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("diagonal", K));

    public static EyeProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Input(0), r.Output(0).Type, r.Int("diagonal")));

    /// <exception cref="OpException">Not a matrix, or no type that has a one.</exception>
    public static EyeProblem Create(TensorType like, DType type, long k)
    {
        if (like.Shape.Rank != 2)
            throw new OpException($"input is {like}, must have rank 2");
        if (!ElementAccess.CanReadAsDouble(type))
            throw new OpException($"the output's type is {type.ShortName()}, must be a number or bool");
        MovementFacts.Operand(type, like.Shape);
        return new EyeProblem { Like = like, Type = type, K = k };
    }
}

/// <summary>EyeLike: an identity matrix of the input's shape, with the input's type unless dtype is given.</summary>
internal sealed unsafe class EyeLikeOp() : OpDefinition<EyeProblem>(s_rows)
{
    private static readonly ImmutableArray<Algorithm<EyeProblem>> s_rows =
    [
        new()
        {
            Name = "reference",
            Source = "zeros, then the diagonal",
            IsReference = true,
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + r.Problem.Outputs[0].ByteLength / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Kernel(r.Problem),
        },
    ];

    public static EyeLikeOp V9 { get; } = new() { Name = "EyeLike", Since = 9, MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact like = node.Tensor(0);
        if (like.Shape is { Rank: not 2 })
            throw new OpException($"input is {like}, must have rank 2");
        return [MovementFacts.Output(Type(node, like.Type), like.Shape ?? MovementFacts.FreshShape(node, 2))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType like = node.Operand(0);
        return EyeProblem.Create(like, Type(node, like.Type), node.Attributes.Int("k", 0)) with { ConstantInputs = node.ConstantInputs };
    }

    public override Problem? ParseProblem(string key) => EyeProblem.Parse(key);

    private static DType Type(NodeFacts node, DType input)
    {
        if (!node.Attributes.Has("dtype"))
            return input;
        long value = node.Attributes.Int("dtype");
        return value is > 0 and <= (long)DType.Int2 ? (DType)value : throw new OpException($"dtype is {value}, which is no element type");
    }

    private sealed class Kernel(EyeProblem p) : PreparedKernel
    {
        private readonly DType _type = p.Type;
        private readonly long _rows = p.Like.Shape[0];
        private readonly long _columns = p.Like.Shape[1];
        private readonly long _bytes = p.Outputs[0].ByteLength;
        private readonly long _k = Math.Clamp(p.K, -p.Like.Shape[0], p.Like.Shape[1]);

        public override void Run(in KernelArgs args)
        {
            var output = (void*)args.Outputs[0];
            NativeMemory.Clear(output, (nuint)_bytes);
            for (long row = Math.Max(0, -_k); row < _rows && row + _k < _columns; row++)
                ElementAccess.Write(output, _type, row * _columns + row + _k, 1);
        }
    }
}
