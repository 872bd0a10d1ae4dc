using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>A compiled subgraph; or one that contradicts itself, which is an error only for a run that takes it.</summary>
internal sealed class Body : IDisposable
{
    private readonly GraphExecutor? _executor;
    private readonly GraphException? _contradiction;

    /// <summary>A subgraph that runs.</summary>
    public Body(GraphExecutor executor)
    {
        _executor = executor;
        Graph = executor.Graph;
    }

    /// <summary>A subgraph that cannot run.</summary>
    public Body(Graph graph, GraphException contradiction)
    {
        _contradiction = contradiction;
        Graph = graph;
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>Runs the subgraph; outputs are new values.</summary>
    public Value[] Run(Value?[] inputs, RunScope scope) =>
        _executor is not null ? _executor.Run(inputs, scope) : throw new GraphException(_contradiction!.Message, inner: _contradiction);

    public void Dispose() => _executor?.Dispose();
}
