using System.Collections.Immutable;

namespace Ai3.ModelZoo;

/// <summary>The networks of the zoo by name.</summary>
public static class Zoo
{
    /// <summary>Every network, by name.</summary>
    public static ImmutableArray<ZooModel> All { get; } =
    [
        new("alexnet", "AlexNet (Krizhevsky 2014, one tower)", 61_100_840, AlexNet.Write),
        new("bert_base", "BERT base encoder with pooler (Devlin et al. 2018)", 109_482_240, Bert.WriteBase) { BenchDimensions = Dimensions(("sequence", 128)) },
        new("densenet121", "DenseNet-121 (Huang et al. 2016)", 7_978_856, DenseNet.Write121),
        new("efficientnet_b0", "EfficientNet-B0 (Tan and Le 2019)", 5_288_548, EfficientNet.WriteB0),
        new("googlenet", "GoogLeNet with batch normalization (Szegedy et al. 2014)", 6_624_904, GoogLeNet.Write),
        new("gpt2", "GPT-2 small decoder with key and value cache (Radford et al. 2019)", 124_439_808, Gpt2.WriteSmall) { BenchDimensions = Dimensions(("past", 128)) },
        new("inception_v3", "Inception v3 without its training head (Szegedy et al. 2015)", 23_834_568, InceptionV3.Write),
        new("mobilenet_v2", "MobileNet v2 (Sandler et al. 2018)", 3_504_872, MobileNetV2.Write),
        new("mobilenet_v3_large", "MobileNet v3 large (Howard et al. 2019)", 5_483_032, MobileNetV3.WriteLarge),
        new("resnet50", "ResNet-50 (He et al. 2015)", 25_557_032, ResNet.Write50),
        new("resnet152", "ResNet-152 (He et al. 2015)", 60_192_808, ResNet.Write152),
        new("squeezenet1_1", "SqueezeNet 1.1 (Iandola et al. 2016)", 1_235_496, SqueezeNet.Write),
        new("swin_b", "Swin-B (Liu et al. 2021)", 87_768_224, Swin.WriteBase),
        new("unet", "U-Net with batch normalization (Ronneberger et al. 2015)", 31_037_698, UNet.Write),
        new("vgg16", "VGG16 (Simonyan and Zisserman 2014)", 138_357_544, Vgg.Write16),
        new("vit_b_16", "ViT-B/16 (Dosovitskiy et al. 2020)", 86_567_656, VisionTransformer.WriteB16),
        new("yolov5s", "YOLOv5 small detector, 80 classes, 640 x 640", 7_235_389, Yolo.WriteSmall),
    ];

    /// <summary>The network of a name, or null.</summary>
    public static ZooModel? Find(string name) => All.FirstOrDefault(m => m.Name == name);

    private static ImmutableDictionary<string, long> Dimensions(params ReadOnlySpan<(string Name, long Value)> dimensions) =>
        dimensions.ToArray().ToImmutableDictionary(d => d.Name, d => d.Value);
}
