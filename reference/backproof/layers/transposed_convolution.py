"""Transposed convolution: a convolution's way back, taken forward.

Its output is what a convolution with this kernel would have had as input, so that the two change places:

    y = windows.scatter(x @ Wᵀ)        dx = columns(dy) @ W        dW = columns(dy)ᵀ @ x

Source: Zeiler et al. 2010; Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning".
"""

from typing import ClassVar, Literal

from backproof.fields import Array
from backproof.layers.base import Cache, Own, Shape
from backproof.layers.convolution import Kernel, convolve, kernel_gradient, scattered
from backproof.layers.windows import AmountPerAxis, Pairs, Windows, pairs, per_axis


class ConvolutionTranspose(Kernel):
    """Transposed convolutions over any number of axes.

    Every input entry adds its multiple of the kernel to the output, `stride` further on than its neighbour's;
    then `padding` is cut off both ends. Along an axis of length n, with reach = dilation · (k − 1) + 1:

        outputs = (n − 1) · stride + reach − before − after + output_padding

    `same` makes this n · stride, as Keras does. PyTorch's number p is the pair (p, p), and its `output_padding`
    lets so much more of the end be seen, less than a stride. x is (B, *spatial, F), W is (*kernel_size, G, F) as
    in Keras, b is (G,), y is (B, *outputs, G).
    """

    padding: Literal["valid", "same"] | Pairs = "valid"
    output_padding: AmountPerAxis = 0

    def windows(self, shape: Shape) -> Windows:
        """Return the windows of the convolution that this is the way back of: they lie over the output."""
        size, stride, dilation = self.sizes(shape)
        extra = per_axis("output_padding", self.output_padding, self.axes)
        if self.padding == "same":
            if any(extra):
                raise ValueError(f"output_padding: expected 0 with padding same, found {extra}")
            spatial = tuple(n * s for n, s in zip(shape[:-1], stride, strict=True))
        else:
            if any(e >= s for e, s in zip(extra, stride, strict=True)):
                raise ValueError(f"output_padding: expected less than the stride {stride}, found {extra}")
            cut = pairs(self.padding, shape[:-1], size, stride)
            every = zip(shape[:-1], stride, dilation, size, cut, extra, strict=True)
            spatial = tuple((n - 1) * s + d * (k - 1) + 1 - sum(c) + e for n, s, d, k, c, e in every)
            if min(spatial) < 1:
                raise ValueError(f"padding: expected less than there is to cut off, found {cut}")
        return Windows.over(spatial, size, stride, dilation, self.padding)

    def kernel_channels(self, channels: int) -> tuple[int, int]:
        return self.filters, channels

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.windows(shape).spatial, self.filters)

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y = scattered(self.windows(x.shape[1:]), x, own["weight"])
        return y + own["bias"] if self.bias else y, x

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        x = cache
        windows = self.windows(x.shape[1:])
        gradients = {"weight": kernel_gradient(windows, dy, x)}
        if self.bias:
            gradients["bias"] = dy.reshape(-1, dy.shape[-1]).sum(axis=0)
        return convolve(windows, dy, own["weight"]), gradients


class Conv1DTranspose(ConvolutionTranspose):
    """A transposed convolution over time: x is (B, T, F), W is (k, G, F), y is (B, T′, G)."""

    type: Literal["conv1d_transpose"] = "conv1d_transpose"
    axes: ClassVar[int] = 1


class Conv2DTranspose(ConvolutionTranspose):
    """A transposed convolution over an image: x is (B, H, W, F), W is (kh, kw, G, F), y is (B, H′, W′, G)."""

    type: Literal["conv2d_transpose"] = "conv2d_transpose"
    axes: ClassVar[int] = 2
