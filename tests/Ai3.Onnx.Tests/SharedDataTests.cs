using System.IO.Compression;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx.Tests;

public class SharedDataTests
{
    private static readonly string[] Archives = ["node", "simple", "pytorch-converted", "pytorch-operator", "light"];

    public static TheoryData<string> ArchiveNames => new(Archives);

    [SkippableFact]
    public void EveryModelLoadsAndItsDataFits()
    {
        string folder = SharedData.Require("models");
        var failures = new List<string>();
        int count = 0;
        foreach (string file in Directory.GetFiles(folder, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            count++;
            Attempt(failures, Path.GetRelativePath(folder, file), () =>
            {
                using Model model = OnnxModel.Load(file);
                foreach (string set in Directory.GetDirectories(Path.GetDirectoryName(file)!, "test_data_set_*"))
                    CheckDataSet(model, name => Path.Combine(set, name) is string path && File.Exists(path) ? File.ReadAllBytes(path) : null);
                using Model copied = OnnxModel.Load(file, ImportLimits.Untrusted);
                Assert.Equal(model.Graph.Nodes.Count, copied.Graph.Nodes.Count);
            });
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.True(count >= 51, $"{count} models, 51 expected");
    }

    [SkippableTheory, MemberData(nameof(ArchiveNames))]
    public void EveryBackendTestLoadsAndItsDataFits(string archive)
    {
        using ZipArchive zip = ZipFile.OpenRead(SharedData.Require($"onnx-backend/{archive}.zip"));
        var failures = new List<string>();
        int count = 0;
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.FullName.EndsWith("/model.onnx", StringComparison.Ordinal)))
        {
            count++;
            Attempt(failures, entry.FullName, () =>
            {
                using Model model = OnnxModel.Load(Read(entry), ImportLimits.Untrusted);
                string set = $"{Path.GetDirectoryName(entry.FullName)}/test_data_set_0/";
                CheckDataSet(model, name => zip.GetEntry(set + name) is ZipArchiveEntry e ? Read(e) : null);
            });
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.True(count > 0);
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static void Attempt(List<string> failures, string name, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            failures.Add($"{name}: {e.GetType().Name}: {e.Message}");
        }
    }

    private static void CheckDataSet(Model model, Func<string, byte[]?> file)
    {
        for (int i = 0; i < model.Inputs.Count; i++)
            Check(model.Inputs[i], file($"input_{i}.pb"));
        for (int i = 0; i < model.Outputs.Count; i++)
            Check(model.Outputs[i], file($"output_{i}.pb"));
    }

    private static void Check(GraphValue declared, byte[]? bytes)
    {
        if (bytes is null)
            return;
        using Value value = OnnxValue.Read(bytes, declared.Fact);
        if (declared.Fact is not TensorFact fact || value is not Tensor tensor)
            return;
        Assert.Equal(fact.Type, tensor.Type);
        if (fact.Shape is null)
            return;
        bool fits = fact.Shape.Rank == tensor.Shape.Rank && fact.Shape.Zip(tensor.Shape).All(p => !p.First.IsKnown || p.First.Is(p.Second));
        Assert.True(fits, $"'{declared.Name}' is declared {fact}, the data is {tensor}");
    }
}
