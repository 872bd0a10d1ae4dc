namespace Ai3.Conformance.Tests;

/// <summary>ONNX's light models: ImageNet graphs with constant weights.</summary>
public class LightModelTests
{
    [SkippableFact]
    public void PassesWithTheAutomaticChoice() => CaseAssert.Passes(SharedData.PathOf("onnx-backend", "light.zip"));

    [SkippableTheory, MemberData(nameof(ConvolutionalModelTests.FastConvRows), MemberType = typeof(ConvolutionalModelTests))]
    public void PassesWithEveryFastConvRow(string row) => CaseAssert.Passes(SharedData.PathOf("onnx-backend", "light.zip"), row);
}
