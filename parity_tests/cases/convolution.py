"""Convolutions and transposed convolutions: every padding, stride, dilation and grouping."""

from functools import partial

from backproof.initializers import Normal
from backproof.layers.convolution import Conv1D, Conv2D
from backproof.layers.moves import Flatten
from backproof.layers.relu import ReLU
from backproof.layers.tanh import Tanh
from backproof.layers.transposed_convolution import Conv1DTranspose, Conv2DTranspose
from backproof.losses import SquaredError
from backproof.spec import Shared
from cases.base import Case, case, dense

_MEAN = SquaredError(reduction="mean")  # the sum over all pixels would drive tanh into saturation
_BIAS = Normal(std=0.3)
conv1d = partial(Conv1D, bias_initializer=_BIAS)
conv2d = partial(Conv2D, bias_initializer=_BIAS)
_transpose1d = partial(Conv1DTranspose, bias_initializer=_BIAS)
_transpose2d = partial(Conv2DTranspose, bias_initializer=_BIAS)


def _on_series(name: str, layer: Conv1D | Conv1DTranspose) -> Case:
    """One layer over 7 times of 4 channels, between others."""
    return case(name, [dense(4), layer, Tanh(), dense(2)], _MEAN, input_shape=(7, 3))


def _on_images(name: str, layer: Conv2D | Conv2DTranspose) -> Case:
    """One layer over 6 × 5 pixels of 4 channels, between others."""
    return case(name, [dense(4), layer, Tanh(), dense(2)], _MEAN, input_shape=(6, 5, 3))


CASES = (
    _on_images("conv2d", conv2d(filters=3, kernel_size=(3, 2))),
    _on_images("conv2d without bias", Conv2D(filters=3, kernel_size=2, bias=False)),
    _on_images("conv2d of one entry", conv2d(filters=3, kernel_size=1, stride=2)),
    _on_images("conv2d same", conv2d(filters=3, kernel_size=(3, 2), padding="same")),
    _on_images("conv2d same with stride", conv2d(filters=3, kernel_size=3, padding="same", stride=2)),
    _on_images("conv2d even padding", conv2d(filters=3, kernel_size=3, padding=((1, 1), (1, 1)), stride=2)),
    _on_images("conv2d uneven padding", conv2d(filters=3, kernel_size=3, padding=((1, 0), (0, 2)), stride=(2, 1))),
    case(
        "conv2d whose padding XLA cannot stand",
        [conv2d(filters=3, kernel_size=(4, 2), stride=(3, 2), padding=((2, 0), (1, 1)))],
        input_shape=(6, 6, 2),
    ),
    _on_images("conv2d with dilation", conv2d(filters=3, kernel_size=2, dilation=(2, 3))),
    _on_images("conv2d with stride and dilation", conv2d(filters=3, kernel_size=2, stride=2, dilation=2)),
    _on_images("conv2d in groups", conv2d(filters=6, kernel_size=2, groups=2)),
    _on_images("conv2d depthwise", conv2d(filters=8, kernel_size=(2, 3), groups=4, padding="same", stride=(1, 2))),
    case("conv2d of one channel", [conv2d(filters=2, kernel_size=3, stride=(1, 2))], input_shape=(7, 3, 1)),
    case("conv2d square", [conv2d(filters=2, kernel_size=2)], input_shape=(4, 3, 2)),
    case(
        "conv2d twice, then dense",
        [
            conv2d(filters=3, kernel_size=3),
            ReLU(),
            conv2d(filters=4, kernel_size=2, stride=2),
            Flatten(),
            dense(3),
        ],
        input_shape=(7, 6, 2),
    ),
    case(
        "conv2d and its transpose with one kernel",
        [Conv2D(filters=3, kernel_size=2, stride=2), Tanh(), Conv2DTranspose(filters=2, kernel_size=2, stride=2)],
        _MEAN,
        input_shape=(4, 6, 2),
        shared=[Shared(parameter="conv2d_transpose1.weight", of="conv2d1.weight")],
    ),
    _on_series("conv1d", conv1d(filters=3, kernel_size=2, stride=2)),
    _on_series("conv1d without bias", Conv1D(filters=3, kernel_size=3, padding=((2, 1),), bias=False)),
    _on_series("conv1d causal", conv1d(filters=3, kernel_size=3, padding="causal", dilation=2)),
    _on_series("conv1d same in groups", conv1d(filters=4, kernel_size=2, padding="same", stride=2, groups=2)),
    _on_images("conv2d_transpose", _transpose2d(filters=3, kernel_size=(3, 2))),
    _on_images("conv2d_transpose same", _transpose2d(filters=3, kernel_size=(4, 1), stride=2, padding="same")),
    _on_images(
        "conv2d_transpose as in torch",
        _transpose2d(filters=3, kernel_size=3, stride=2, padding=((1, 1), (1, 1)), output_padding=(1, 0)),
    ),
    _on_images(
        "conv2d_transpose uneven",
        _transpose2d(
            filters=3, kernel_size=(2, 3), stride=(3, 1), padding=((0, 1), (2, 1)), output_padding=(2, 0)
        ),
    ),
    _on_images("conv2d_transpose without bias", Conv2DTranspose(filters=3, kernel_size=2, dilation=2, bias=False)),
    _on_images("conv2d_transpose of one entry", _transpose2d(filters=3, kernel_size=1, stride=2)),
    _on_series("conv1d_transpose", _transpose1d(filters=3, kernel_size=3, stride=2, padding="same")),
    _on_series(
        "conv1d_transpose without bias",
        Conv1DTranspose(
            filters=4, kernel_size=3, stride=2, padding=((1, 2),), output_padding=1, dilation=2, bias=False
        ),
    ),
)
