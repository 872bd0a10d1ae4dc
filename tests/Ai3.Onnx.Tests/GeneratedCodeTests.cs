using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ai3.Onnx.Tests;

public class GeneratedCodeTests
{
    [SkippableFact]
    public void OnnxProtoGeneratesTheCommittedCode()
    {
        string system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macosx" : "linux";
        string machine = RuntimeInformation.OSArchitecture switch { Architecture.Arm64 => "arm64", Architecture.X86 => "x86", _ => "x64" };
        string folder = Path.Combine(Repository.Metadata("GrpcTools"), "tools", OperatingSystem.IsMacOS() ? "macosx_universal" : $"{system}_{machine}");
        string protoc = Path.Combine(folder, OperatingSystem.IsWindows() ? "protoc.exe" : "protoc");
        Skip.If(!File.Exists(protoc), $"SKIPPED: Grpc.Tools has no protoc here ({protoc})");
        string output = Directory.CreateTempSubdirectory("ai3-protoc-").FullName;
        string protos = Path.Combine(Repository.Root, "Ai3.Onnx", "Protos");
        using (Process run = Process.Start(protoc, [$"--proto_path={protos}", $"--csharp_out={output}", "--csharp_opt=internal_access,file_extension=.g.cs", "onnx.proto"]))
        {
            run.WaitForExit();
            Assert.Equal(0, run.ExitCode);
        }
        Assert.Equal(File.ReadAllText(Path.Combine(protos, "Onnx.g.cs")), File.ReadAllText(Path.Combine(output, "Onnx.g.cs")), ignoreLineEndingDifferences: true);
        Directory.Delete(output, recursive: true);
    }
}
