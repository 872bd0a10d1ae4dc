namespace Ai3.Ops;

/// <summary>How Resize finds a value between samples.</summary>
internal enum ResizeMode
{
    Nearest,
    Linear,
    Cubic,
}

/// <summary>Where an output position lies on the input axis: the values of ONNX's coordinate_transformation_mode.</summary>
internal enum ResizeCoordinates
{
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
    TfHalfPixelForNn,
    TfCropAndResize,
}

/// <summary>Which neighbour is nearest.</summary>
internal enum NearestRounding
{
    PreferFloor,
    PreferCeil,
    Floor,
    Ceil,
    /// <summary>Floor, but Ceil along an axis that shrinks: what Resize 10 meant.</summary>
    FloorOrCeil,
}
