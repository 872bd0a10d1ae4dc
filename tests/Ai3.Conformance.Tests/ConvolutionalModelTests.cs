using Ai3.Ops;

namespace Ai3.Conformance.Tests;

/// <summary>Convolutional networks with trained or varied weights, with the automatic choice and with every way to compute Conv.</summary>
public class ConvolutionalModelTests
{
    private const string Reference = "reference";

    private static readonly string[] Models =
    [
        "varied_bvlc_alexnet", "varied_inception_v1", "varied_resnet50", "varied_squeezenet", "varied_vgg19", "varied_zfnet512",
        "mnist_cntk8", "mnist_torch_dynamo18", "mnist_external_data", "cifar_imageclassifier", "super_resolution_espcn", "style_mosaic",
        "ultraface_rfb320", "blazeface_front", "squeezenet_fp16", "keypoint_mlp",
    ];

    // Plain loops in double take minutes on these.
    private static readonly string[] TooLargeForReference = ["varied_vgg19", "varied_resnet50", "varied_zfnet512", "varied_bvlc_alexnet", "varied_inception_v1", "style_mosaic"];

    private static IEnumerable<string> ConvRows => OpCatalog.Default.Named("Conv").SelectMany(o => o.Algorithms).Select(a => a.Name).Distinct();

    public static TheoryData<string> Names => [.. Models];

    public static IEnumerable<object[]> NamesAndRows =>
        from model in Models
        from row in ConvRows
        where row != Reference || !TooLargeForReference.Contains(model)
        select new object[] { model, row };

    public static TheoryData<string> FastConvRows => [.. ConvRows.Where(r => r != Reference)];

    [SkippableTheory, MemberData(nameof(Names))]
    public void PassesWithTheAutomaticChoice(string model) => CaseAssert.Passes(SharedData.PathOf("models", model));

    [SkippableTheory, MemberData(nameof(NamesAndRows))]
    public void PassesWithEveryConvRow(string model, string row) => CaseAssert.Passes(SharedData.PathOf("models", model), row);
}
