"""Attention in its variants, and the transformer's block."""

from typing import Any

from backproof.initializers import Normal
from backproof.layers.attention import Attention
from backproof.layers.combinators import Residual
from backproof.layers.embedding import Embedding
from backproof.layers.glu import GLU
from backproof.layers.positions import SinusoidalPositions
from backproof.layers.silu import SiLU
from backproof.layers.tanh import Tanh
from backproof.losses import CrossEntropy
from cases.base import Case, case, dense


def _attention(heads: int, bias: Any = "no_key", **fields: Any) -> Attention:
    """Without a bias of the keys, whose gradient is nothing but rounding; the other biases are not zero."""
    return Attention(heads=heads, bias=bias, bias_initializer=Normal(std=0.3), **fields)


def _case(name: str, *layers: Attention, steps: int = 4, width: int = 6) -> Case:
    return case(name, [dense(width), *layers, dense(3)], input_shape=(steps, 5))


CASES = (
    _case("attention", _attention(2)),
    _case("attention twice", _attention(3), _attention(2)),
    _case("attention of one head, without biases", _attention(1, bias="none"), width=4),
    _case("attention with heads of their own size", _attention(2, head_size=4), width=3),
    _case("grouped attention", _attention(6, key_value_heads=2, head_size=3), width=4),
    _case("attention of many queries to one key", _attention(3, key_value_heads=1)),
    _case("causal attention", _attention(2, causal=True)),
    _case("attention with lengths", _attention(2, lengths=True)),
    _case("attention with a mask", _attention(2, mask=True), steps=3),
    _case(
        "causal attention with lengths and a mask",
        _attention(4, key_value_heads=2, causal=True, lengths=True, mask=True),
        width=8,
    ),
    _case("attention to a memory", _attention(2, memory=3), steps=5),
    _case("attention to a memory with lengths and a mask", _attention(3, memory=2, lengths=True, mask=True)),
    _case("rotary attention", _attention(3, bias="all", rotary="halves", head_size=4)),
    _case(
        "rotary causal attention",
        _attention(4, rotary="interleaved", rotary_base=30.0, key_value_heads=2, head_size=4, causal=True),
    ),
    case(
        "transformer",
        [
            Embedding(vocabulary=5, units=4),
            SinusoidalPositions(),
            Residual(layers=(_attention(2, causal=True),)),
            Residual(layers=(dense(6), GLU(activation=SiLU()), dense(4))),
            Tanh(),
            dense(5),
        ],
        loss=CrossEntropy(),
        input_shape=(3,),
    ),
)
