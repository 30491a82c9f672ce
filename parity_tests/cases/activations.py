"""Activations, between layers and as output."""

from backproof.layers import Layer
from backproof.layers.exponential import CELU, ELU, SELU
from backproof.layers.gelu import GELU
from backproof.layers.relu import LeakyReLU, ReLU
from backproof.layers.sigmoid import HardSigmoid, Sigmoid
from backproof.layers.silu import SiLU
from backproof.layers.softmax import LogSoftmax, Softmax
from backproof.layers.softplus import Softplus
from backproof.layers.tanh import Tanh
from cases.base import case, dense, title

ACTIVATIONS: tuple[Layer, ...] = (
    Sigmoid(),
    HardSigmoid(),
    Tanh(),
    ReLU(),
    LeakyReLU(),
    LeakyReLU(negative_slope=0.2),
    ELU(),
    ELU(alpha=1.7),
    SELU(),
    CELU(),
    CELU(alpha=0.3),
    Softplus(),
    SiLU(),
    GELU(),
    GELU(approximate="tanh"),
    Softmax(),
    LogSoftmax(),
)

CASES = (
    *(case(title(f), [dense(5), f, dense(3)]) for f in ACTIVATIONS),
    *(case(f"{title(f)} as output", [dense(5), Tanh(), dense(3), f]) for f in ACTIVATIONS[:3] + ACTIVATIONS[-2:]),
)
