using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Turns names into edges: finds every value, sorts the nodes, and refuses graphs that contradict themselves.</summary>
public static class GraphLinker
{
    /// <summary>How deep subgraphs may nest.</summary>
    public const int MaxDepth = 64;

    /// <summary>Links a graph.</summary>
    /// <param name="spec">The graph by names.</param>
    /// <param name="opsets">The version of each domain that the model imports.</param>
    /// <exception cref="GraphException">A name is undefined or defined twice, nodes form a cycle, or subgraphs nest too deep.</exception>
    public static Graph Link(GraphSpec spec, IReadOnlyDictionary<string, int> opsets) => new Scope(spec, null, opsets, 0).Link();

    private sealed class Scope
    {
        private readonly GraphSpec _spec;
        private readonly Scope? _parent;
        private readonly IReadOnlyDictionary<string, int> _opsets;
        private readonly int _depth;
        private readonly Graph _graph;
        private readonly Dictionary<string, GraphValue> _values = new(StringComparer.Ordinal);
        private readonly HashSet<string> _nodeNames = new(StringComparer.Ordinal);

        public Scope(GraphSpec spec, Scope? parent, IReadOnlyDictionary<string, int> opsets, int depth)
        {
            if (depth > MaxDepth)
                throw new GraphException($"subgraphs are nested more than {MaxDepth} deep");
            _spec = spec;
            _parent = parent;
            _opsets = opsets;
            _depth = depth;
            _graph = new Graph(spec.Name);
        }

        public Graph Link()
        {
            DefineInputs();
            var declared = new Dictionary<string, ValueFact?>(StringComparer.Ordinal);
            foreach (ValueSpec value in _spec.Declared.Concat(_spec.Outputs))
                declared[value.Name] = value.Fact ?? declared.GetValueOrDefault(value.Name);
            var producers = new Dictionary<string, int>(StringComparer.Ordinal);
            for (int i = 0; i < _spec.Nodes.Length; i++)
                foreach (string output in _spec.Nodes[i].Outputs)
                    if (output.Length > 0 && (_values.ContainsKey(output) || !producers.TryAdd(output, i)))
                        throw new GraphException($"value '{output}' is defined twice; each name is defined once", NameOf(_spec.Nodes[i]), _spec.Nodes[i].OpType);
            foreach (int index in Sort(producers))
                AddNode(_spec.Nodes[index], declared);
            foreach (ValueSpec output in _spec.Outputs)
                _graph.OutputList.Add(Find(output.Name) ?? throw new GraphException($"output '{output.Name}' is made by no node"));
            return _graph;
        }

        private void DefineInputs()
        {
            var initializers = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            foreach ((string name, Tensor tensor) in _spec.Initializers)
                if (!initializers.TryAdd(name, tensor))
                    throw new GraphException($"initializer '{name}' is given twice");
            foreach (ValueSpec input in _spec.Inputs)
            {
                if (initializers.ContainsKey(input.Name))
                    continue;
                var value = new GraphValue(input.Name, input.Fact);
                if (!_values.TryAdd(input.Name, value))
                    throw new GraphException($"input '{input.Name}' is given twice");
                _graph.InputList.Add(value);
            }
            foreach ((string name, Tensor tensor) in initializers)
                _values.Add(name, new GraphValue(name, TensorFact.OfConstant(tensor)) { Constant = tensor });
        }

        // Kahn's algorithm with a queue ordered by position, so that sorted input keeps its order. Iterative: depth is not bounded by the stack.
        private List<int> Sort(Dictionary<string, int> producers)
        {
            int count = _spec.Nodes.Length;
            var waiting = new int[count];
            var readers = new List<int>?[count];
            for (int i = 0; i < count; i++)
            {
                foreach (string name in FreeNames(_spec.Nodes[i], _depth).Distinct(StringComparer.Ordinal))
                {
                    if (!producers.TryGetValue(name, out int producer))
                        continue;
                    waiting[i]++;
                    (readers[producer] ??= []).Add(i);
                }
            }
            var ready = new PriorityQueue<int, int>();
            for (int i = 0; i < count; i++)
                if (waiting[i] == 0)
                    ready.Enqueue(i, i);
            var order = new List<int>(count);
            while (ready.TryDequeue(out int node, out _))
            {
                order.Add(node);
                foreach (int reader in readers[node] ?? [])
                    if (--waiting[reader] == 0)
                        ready.Enqueue(reader, reader);
            }
            if (order.Count < count)
            {
                int stuck = Array.FindIndex(waiting, w => w > 0);
                throw new GraphException("the node reads its own output through a cycle; graphs are acyclic", NameOf(_spec.Nodes[stuck]), _spec.Nodes[stuck].OpType);
            }
            return order;
        }

        // What a node reads from the graph it stands in: its inputs, and what its subgraphs read and do not define themselves.
        private static IEnumerable<string> FreeNames(NodeSpec node, int depth) =>
            node.Inputs.Where(n => n.Length > 0).Concat(node.Subgraphs.Values.SelectMany(g => FreeNames(g, depth + 1)));

        private static HashSet<string> FreeNames(GraphSpec graph, int depth)
        {
            if (depth > MaxDepth)
                throw new GraphException($"subgraphs are nested more than {MaxDepth} deep");
            var names = new HashSet<string>(graph.Nodes.SelectMany(n => FreeNames(n, depth)).Concat(graph.Outputs.Select(o => o.Name)), StringComparer.Ordinal);
            names.ExceptWith(graph.Inputs.Select(i => i.Name));
            names.ExceptWith(graph.Initializers.Select(i => i.Key));
            names.ExceptWith(graph.Nodes.SelectMany(n => n.Outputs));
            return names;
        }

        private void AddNode(NodeSpec spec, Dictionary<string, ValueFact?> declared)
        {
            var node = new Node(UniqueName(spec), spec.Domain, spec.OpType, spec.Attributes) { Opset = spec.Opset ?? _opsets.GetValueOrDefault(spec.Domain, 0) };
            foreach (string input in spec.Inputs)
            {
                GraphValue? value = null;
                if (input.Length > 0)
                {
                    value = Find(input) ?? throw new GraphException($"input '{input}' is defined nowhere", node.Name, spec.OpType);
                    value.ReaderList.Add(node);
                }
                node.InputList.Add(value);
            }
            if (spec.Subgraphs.Count > 0)
                LinkSubgraphs(spec, node);
            foreach (string output in spec.Outputs)
            {
                GraphValue? value = null;
                if (output.Length > 0)
                {
                    value = new GraphValue(output, declared.GetValueOrDefault(output)) { Producer = node };
                    _values.Add(output, value);
                }
                node.OutputList.Add(value);
            }
            node.Origins = [node.Name];
            _graph.NodeList.Add(node);
        }

        private void LinkSubgraphs(NodeSpec spec, Node node)
        {
            var subgraphs = ImmutableSortedDictionary.CreateBuilder<string, Graph>(StringComparer.Ordinal);
            foreach ((string name, GraphSpec body) in spec.Subgraphs)
                subgraphs[name] = new Scope(body, this, _opsets, _depth + 1).Link();
            node.Subgraphs = subgraphs.ToImmutable();
            foreach (GraphValue captured in node.Subgraphs.Values.SelectMany(g => g.Captures).Distinct())
                captured.ReaderList.Add(node);
        }

        // A name found in an enclosing graph is a capture of every graph on the way.
        private GraphValue? Find(string name)
        {
            if (_values.TryGetValue(name, out GraphValue? value))
                return value;
            value = _parent?.Find(name);
            if (value is not null)
                _graph.CaptureSet.Add(value);
            return value;
        }

        // What users see of a node without a name.
        private static string NameOf(NodeSpec spec) =>
            spec.Name.Length > 0 ? spec.Name : $"{spec.OpType}:{spec.Outputs.FirstOrDefault(o => o.Length > 0) ?? ""}";

        private string UniqueName(NodeSpec spec)
        {
            string stem = NameOf(spec);
            string name = stem;
            for (int i = 2; !_nodeNames.Add(name); i++)
                name = $"{stem}#{i}";
            return name;
        }
    }
}
