using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft FusedGemm: Gemm with an activation at the end, given by name and constants.</summary>
internal sealed class FusedGemmOp() : OpDefinition<GemmProblem>(GemmAlgorithms.All)
{
    public static FusedGemmOp Instance { get; } = new() { Domain = "com.microsoft", Name = "FusedGemm", MinInputs = 2, MaxInputs = 3 };

    // The contrib operator follows the latest Gemm.
    private const int GemmOpset = 13;

    public override Oracle<GemmProblem> Oracle => GemmOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        ActivationOf(node.Attributes);
        return GemmOp.Instance.Infer(AsGemm(node));
    }

    public override Problem CreateProblem(NodeFacts node) =>
        (GemmProblem)GemmOp.Instance.CreateProblem(AsGemm(node)) with { Fusion = node.Fusion with { Activation = ActivationOf(node.Attributes) } };

    public override Problem? ParseProblem(string key) => GemmProblem.Parse(key);

    private static NodeFacts AsGemm(NodeFacts node) => new(node.Attributes, GemmOpset, node.Inputs, node.OutputCount, node.Fresh) { Fusion = node.Fusion };

    private static Activation ActivationOf(Attributes attributes)
    {
        string name = attributes.String("activation", "");
        float alpha = attributes.Float("activation_alpha", 0), beta = attributes.Float("activation_beta", 0);
        return name switch
        {
            "" => Activation.None,
            "Relu" => Activation.Relu,
            "LeakyRelu" => new Activation(ActivationKind.LeakyRelu, attributes.Float("activation_alpha", 0.01f)),
            "Sigmoid" => new Activation(ActivationKind.Sigmoid),
            "Tanh" => new Activation(ActivationKind.Tanh),
            "HardSigmoid" => new Activation(ActivationKind.HardSigmoid, attributes.Float("activation_alpha", 0.2f), attributes.Float("activation_beta", 0.5f)),
            "Clip" when alpha <= beta => new Activation(ActivationKind.Clip, alpha, beta),
            _ => throw new OpUnsupportedException($"activation {name} is not supported; Relu, LeakyRelu, Sigmoid, Tanh, HardSigmoid and Clip are"),
        };
    }
}
