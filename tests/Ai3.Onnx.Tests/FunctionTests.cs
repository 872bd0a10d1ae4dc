using Ai3.Onnx.Protos;
using Ai3.Runtime;
using static Ai3.Onnx.Protos.AttributeProto.Types;

namespace Ai3.Onnx.Tests;

public class FunctionTests
{
    [Fact]
    public void CallsBecomeNodes()
    {
        Model model = Make.Load(With([Function("F", ["a"], ["b"], Make.Node("Neg", ["a"], ["m"]), Make.Node("Abs", ["m"], ["b"]))],
            Call("F", ["x"], ["t"], "first"), Call("F", ["t"], ["y"], "second")));
        Assert.Equal(
            ["first/Neg_node: first/m = Neg(x)", "first/Abs_node: t = Abs(first/m)", "second/Neg_node: second/m = Neg(t)", "second/Abs_node: y = Abs(second/m)"],
            model.Graph.Nodes.Select(n => n.ToString()));
    }

    [Fact]
    public void LocalNamesCollideWithNone()
    {
        Model model = Make.Load(With([Function("F", ["a"], ["b"], Make.Node("Neg", ["a"], ["m"]), Make.Node("Abs", ["m"], ["b"]))],
            Make.Node("Exp", ["x"], ["c/m"]), Call("F", ["c/m"], ["y"], "c")));
        Assert.Equal(["c/m", "c/m#2", "y"], model.Graph.Nodes.Select(n => n.Outputs[0]!.Name));
    }

    [Fact]
    public void AttributesComeFromTheCallOrTheDefault()
    {
        FunctionProto inner = Function("Inner", ["a"], ["b"], Make.Node("Op", ["a"], ["b"],
            Make.Ref("given", AttributeType.Int, "p"), Make.Ref("fallen", AttributeType.Int, "q"), Make.Ref("absent", AttributeType.Int, "r"), Make.Int("own", 9)));
        inner.Attribute.Add(["p", "r"]);
        inner.AttributeProto.Add([Make.Int("q", 5)]);
        FunctionProto outer = Function("Outer", ["a"], ["b"], Call("Inner", ["a"], ["b"], "in", Make.Ref("p", AttributeType.Int, "s"), Make.Ref("r", AttributeType.Int, "absent")));
        Model model = Make.Load(With([outer, inner], Call("Outer", ["x"], ["y"], "out", Make.Int("s", 7))));
        Node node = model.Graph.Nodes.Single();
        Assert.Equal("out/in/Op_node", node.Name);
        Assert.Equal((7, 5, 9), (node.Attributes.Int("given"), node.Attributes.Int("fallen"), node.Attributes.Int("own")));
        Assert.False(node.Attributes.Has("absent"));
    }

    [Fact]
    public void AttributesOfAnotherTypeAreRefused()
    {
        FunctionProto function = Function("F", ["a"], ["b"], Make.Node("Op", ["a"], ["b"], Make.Ref("v", AttributeType.Float, "p")));
        function.Attribute.Add("p");
        Make.Refuses<OnnxFormatException>(() => Make.Load(With([function], Call("F", ["x"], ["y"], "c", Make.Int("p", 1)))), "of another type");
        FunctionProto looped = Function("F", ["a"], ["b"], Make.Node("Op", ["a"], ["b"]));
        looped.AttributeProto.Add(Make.Ref("p", AttributeType.Int, "p"));
        Make.Refuses<OnnxFormatException>(() => Make.Load(With([looped], Call("F", ["x"], ["y"], "c"))), "is a reference");
    }

    [Fact]
    public void SubgraphsOfFunctionsAreRenamedToo()
    {
        var branch = new GraphProto { Name = "branch" };
        branch.Node.Add(Make.Node("Add", ["a", "m"], ["r"], Make.Ref("v", AttributeType.Int, "p")));
        branch.Output.Add(new ValueInfoProto { Name = "r" });
        FunctionProto function = Function("F", ["a"], ["b"], Make.Node("Neg", ["a"], ["m"]), Make.Node("If", ["a"], ["b"], Make.Graph("then_branch", branch), Make.Graph("else_branch", branch)));
        function.Attribute.Add("p");
        Model model = Make.Load(With([function], Call("F", ["x"], ["y"], "c", Make.Int("p", 3))));
        Graph then = model.Graph.Nodes[1].Subgraphs["then_branch"];
        Assert.Equal("c/Add_node: c/r = Add(x, c/m)", then.Nodes.Single().ToString());
        Assert.Equal(3, then.Nodes[0].Attributes.Int("v"));
    }

    [Fact]
    public void SubgraphsGivenToFunctionsSeeTheCaller()
    {
        var branch = new GraphProto { Name = "branch" };
        branch.Node.Add(Make.Node("Exp", ["x"], ["r"]));
        branch.Output.Add(new ValueInfoProto { Name = "r" });
        FunctionProto function = Function("F", ["a"], ["b"], Make.Node("Op", ["a"], ["b"], Make.Ref("body", AttributeType.Graph, "g")));
        function.Attribute.Add("g");
        Model model = Make.Load(With([function], Make.Node("Neg", ["x"], ["z"]), Call("F", ["z"], ["y"], "c", Make.Graph("g", branch))));
        Assert.Equal("Exp_node: r = Exp(x)", model.Graph.Nodes[1].Subgraphs["body"].Nodes[0].ToString());
    }

    [Fact]
    public void NodesKeepTheVersionsThatTheFunctionImports()
    {
        NodeProto foreign = Make.Node("G", ["m"], ["b"]);
        foreign.Domain = "other";
        FunctionProto function = Function("F", ["a"], ["b"], Make.Node("Neg", ["a"], ["m"]), foreign);
        function.OpsetImport.Add([Make.Import("", 13), Make.Import("other", 3)]);
        Model model = Make.Load(With([function], Make.Node("Abs", ["x"], ["t"]), Call("F", ["t"], ["y"], "c")));
        Assert.Equal([17, 13, 3], model.Graph.Nodes.Select(n => n.Opset));
        function.OpsetImport[0].Version = 17;
        Assert.Equal([null, null, 3], Make.Load(With([function], Make.Node("Abs", ["x"], ["t"]), Call("F", ["t"], ["y"], "c"))).Spec.Nodes.Select(n => n.Opset));
        function.OpsetImport.RemoveAt(1);
        Make.Refuses<GraphException>(() => Make.Load(With([function], Call("F", ["x"], ["y"], "c"))), "the domain 'other' is in no opset_import");
    }

    [Fact]
    public void OverloadsAreApart()
    {
        FunctionProto first = Function("F", ["a"], ["b"], Make.Node("Neg", ["a"], ["b"]));
        FunctionProto second = Function("F", ["a"], ["b"], Make.Node("Abs", ["a"], ["b"]));
        second.Overload = "second";
        NodeProto call = Call("F", ["x"], ["y"], "c");
        Assert.Equal("Neg", Make.Load(With([first, second], call)).Graph.Nodes.Single().OpType);
        call.Overload = "second";
        Assert.Equal("Abs", Make.Load(With([first, second], call)).Graph.Nodes.Single().OpType);
        call.Overload = "third";
        Make.Refuses<GraphException>(() => Make.Load(With([first, second], call)), "overload 'third'");
        Make.Refuses<GraphException>(() => Make.Load(With([first, first], call)), "defined twice");
    }

    [Fact]
    public void OutputsThatAreInputsAndAbsentOnes()
    {
        FunctionProto function = Function("F", ["a", "unused"], ["b", "a", "b"], Make.Node("Op", ["a", "unused"], ["b"]));
        NodeProto call = Call("F", ["x"], ["p", "q", "y"], "c");
        Assert.Equal(["c/a: q = Identity(x)", "c/Op_node: p = Op(x, _)", "c/b: y = Identity(p)"], Make.Load(With([function], call)).Graph.Nodes.Select(n => n.ToString()));
        NodeProto partly = Call("F", ["x"], ["", "", "y"], "c");
        Assert.Equal(["c/Op_node: y = Op(x, _)"], Make.Load(With([function], partly)).Graph.Nodes.Select(n => n.ToString()));
        FunctionProto through = Function("F", ["a", "m"], ["b", "m"], Make.Node("Neg", ["a"], ["b"]));
        Make.Refuses<GraphException>(() => Make.Load(With([through], Call("F", ["x"], ["z", "y"], "c"))), "an input that the call leaves out");
    }

    [Fact]
    public void CallsMustFit()
    {
        FunctionProto function = Function("F", ["a"], ["b"], Make.Node("Neg", ["a"], ["b"]));
        Make.Refuses<GraphException>(() => Make.Load(With([function], Call("F", ["x", "x"], ["y"], "c"))), "the call has 2 inputs and 1 outputs, the function takes 1 and gives 1");
        Make.Refuses<GraphException>(() => Make.Load(With([Function("F", ["a", "a"], ["b"], Make.Node("Neg", ["a"], ["b"]))], Call("F", ["x"], ["y"], "c"))), "given twice");
        Make.Refuses<GraphException>(() => Make.Load(With([Function("F", ["a"], ["b"], Make.Node("Neg", ["nowhere"], ["b"]))], Call("F", ["x"], ["y"], "c"))), "'c/nowhere' is defined nowhere");
        Make.Refuses<GraphException>(() => Make.Load(With([Function("", ["a"], ["b"])])), "a function has no name");
    }

    [Fact]
    public void RecursionIsRefused()
    {
        Make.Refuses<GraphException>(() => Make.Load(With([Function("F", ["a"], ["b"], Call("F", ["a"], ["b"], "again"))], Call("F", ["x"], ["y"], "c"))), "'c/again'", "calls itself");
        Make.Refuses<GraphException>(() => Make.Load(With(
            [Function("F", ["a"], ["b"], Call("G", ["a"], ["b"], "g")), Function("G", ["a"], ["b"], Call("F", ["a"], ["b"], "f"))], Call("F", ["x"], ["y"], "c"))), "calls itself");
    }

    [Fact]
    public void CallsThatMultiplyAreCounted()
    {
        // Each function calls the next twice: 2^40 nodes in 2 kB.
        var functions = new List<FunctionProto>();
        for (int i = 0; i < 40; i++)
            functions.Add(Function($"F{i}", ["a"], ["b"], Call($"F{i + 1}", ["a"], ["m"], "p"), Call($"F{i + 1}", ["m"], ["b"], "q")));
        functions.Add(Function("F40", ["a"], ["b"], Make.Node("Neg", ["a"], ["b"])));
        Make.Refuses<LimitExceededException>(() => Make.Load(With([.. functions], Call("F0", ["x"], ["y"], "c")), ImportLimits.Default with { Nodes = 1000 }), "more than 1000 nodes");
        Make.Refuses<LimitExceededException>(() => Make.Load(With([.. functions], Call("F0", ["x"], ["y"], "c")), ImportLimits.Untrusted), "called more than 32 deep");
    }

    private static FunctionProto Function(string name, string[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        var function = new FunctionProto { Name = name, Domain = "own" };
        function.Input.Add(inputs);
        function.Output.Add(outputs);
        function.Node.Add(nodes);
        return function;
    }

    private static NodeProto Call(string function, string[] inputs, string[] outputs, string name, params AttributeProto[] attributes)
    {
        NodeProto node = Make.Node(function, inputs, outputs, attributes);
        node.Domain = "own";
        node.Name = name;
        return node;
    }

    private static ModelProto With(FunctionProto[] functions, params NodeProto[] nodes)
    {
        ModelProto model = Make.Model(nodes);
        model.OpsetImport.Add(Make.Import("own", 1));
        model.Functions.Add(functions);
        return model;
    }
}
