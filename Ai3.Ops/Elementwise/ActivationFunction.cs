using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>Makes something for the vector form of an activation.</summary>
internal interface IActivationFunc<TResult>
{
    TResult Create<F>() where F : struct, IFloatUnary;
}

/// <summary>The vector form of each activation: naming the instantiations here is what lets a native build compile them.</summary>
internal static class ActivationFunction
{
    public static TResult Of<TFunc, TResult>(ActivationKind kind, TFunc f) where TFunc : struct, IActivationFunc<TResult> => kind switch
    {
        ActivationKind.None => f.Create<Identity>(),
        ActivationKind.Relu => f.Create<Rectifiers.Relu>(),
        ActivationKind.Clip => f.Create<Rectifiers.Clip>(),
        ActivationKind.LeakyRelu => f.Create<Rectifiers.LeakyRelu>(),
        ActivationKind.Sigmoid => f.Create<Exponentials.Sigmoid>(),
        ActivationKind.Tanh => f.Create<Exponentials.Tanh>(),
        ActivationKind.HardSigmoid => f.Create<Rectifiers.HardSigmoid>(),
        ActivationKind.HardSwish => f.Create<Rectifiers.HardSwish>(),
        ActivationKind.Swish => f.Create<Exponentials.Swish>(),
        ActivationKind.Gelu => f.Create<Exponentials.Gelu>(),
        ActivationKind.GeluTanh => f.Create<Exponentials.GeluTanh>(),
        ActivationKind.Mish => f.Create<Exponentials.Mish>(),
        ActivationKind.Elu => f.Create<Exponentials.Elu>(),
        ActivationKind.Softplus => f.Create<Exponentials.Softplus>(),
        _ => throw new InvalidOperationException($"activation {kind} has no vector form"),
    };

    private readonly struct Identity : IFloatUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => x;
    }
}
