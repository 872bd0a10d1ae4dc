using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The attributes of ConvTranspose, checked: a number for each spatial axis.</summary>
internal sealed class ConvTransposeAttributes
{
    private readonly WindowAttributes _window;
    private readonly ImmutableArray<long> _outputPadding;

    // The default array unless output_shape is given.
    private readonly ImmutableArray<long> _outputShape;

    /// <param name="attributes">The node's attributes.</param>
    /// <param name="kernel">The kernel, from the weights.</param>
    public ConvTransposeAttributes(Attributes attributes, ImmutableArray<long> kernel)
    {
        int rank = kernel.Length;
        _window = WindowAttributes.Read(attributes, rank, kernel);
        _outputPadding = WindowAttributes.List(attributes, "output_padding", rank, 0, 0);
        ImmutableArray<long> shape = attributes.Ints("output_shape");
        if (shape.IsDefaultOrEmpty)
            return;
        // Some exporters give n and m as well.
        _outputShape = shape.Length == rank + 2 ? shape[2..] : shape;
        if (_outputShape.Length != rank || _outputShape.Any(d => d is < 1 or > WindowAttributes.Limit))
            throw new OpException($"attribute output_shape is [{string.Join(",", shape)}], must be {rank} positive numbers");
    }

    /// <summary>The output dimension along an axis.</summary>
    public Dim Output(int axis, Dim input)
    {
        if (!_outputShape.IsDefault)
            return _outputShape[axis];
        if (_window.AutoPad is AutoPad.SameUpper or AutoPad.SameLower)
            return input * _window.Strides[axis];
        Dim output = Full(axis, input) - _window.Pads[axis] - _window.Pads[axis + _window.Kernel.Length];
        if (output.TryGetValue(out long known) && known < 1 && !input.Is(0))
            throw new OpException($"axis {axis} of the output would have {known} elements: the pads take more than there is");
        return output.TryGetValue(out known) ? Math.Max(known, 0) : output;
    }

    /// <summary>The geometry along an axis of known length.</summary>
    public WindowAxis Resolve(int axis, long input)
    {
        long output = Output(axis, input).Value;
        long begin = _window.Pads[axis], end = _window.Pads[axis + _window.Kernel.Length];
        if (!_outputShape.IsDefault || _window.AutoPad is AutoPad.SameUpper or AutoPad.SameLower)
        {
            // Where the output is larger than what the input reaches, the rest is bias.
            long total = Math.Max(0, Full(axis, input).Value - output);
            begin = _window.AutoPad == AutoPad.SameUpper ? total / 2 : total - total / 2;
            end = total - begin;
        }
        return new WindowAxis(input, output, _window.Kernel[axis], _window.Strides[axis], begin, end, _window.Dilations[axis]);
    }

    // The output without padding.
    private Dim Full(int axis, Dim input) => (input - 1) * _window.Strides[axis] + (_outputPadding[axis] + _window.Extent(axis));
}
