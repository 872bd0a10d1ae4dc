using System.Collections.Immutable;
using Ai3.Runtime;

namespace Ai3.ModelZoo;

/// <summary>A network of the zoo: its architecture as published, its weights made from a seed.</summary>
/// <param name="Name">The name it goes by.</param>
/// <param name="Title">What it is and who published it.</param>
/// <param name="PublishedParameters">How many trained parameters it has where it was published.</param>
/// <param name="Write">Writes the network.</param>
public sealed record ZooModel(string Name, string Title, long PublishedParameters, Action<Net> Write)
{
    /// <summary>The seed of weights unless another is given.</summary>
    public const ulong DefaultSeed = 1;

    /// <summary>Numbers for symbolic dimensions that a benchmark takes; those left out are 1.</summary>
    public ImmutableDictionary<string, long> BenchDimensions { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>The network with weights that depend on nothing but the seed.</summary>
    public Model Create(ulong seed = DefaultSeed)
    {
        var net = new Net(Name, seed);
        Write(net);
        return net.Graph.Build(ModelMetadata.None with { Producer = "Ai3.ModelZoo 1", Description = $"{Title}; weights from seed {seed}" });
    }

    /// <summary>Counts the trained parameters of what <see cref="Create"/> writes, without making any weights.</summary>
    public long CountParameters()
    {
        var net = new Net(Name, null);
        Write(net);
        net.Graph.Build().Dispose();
        return net.Parameters;
    }
}
