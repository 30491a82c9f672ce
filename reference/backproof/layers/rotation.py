"""Positions as angles: the table that sinusoidal positions are read from, and the rotation of rotary ones.

A vector of size E is E / 2 pairs, a clock hand each. At step t the hand i stands at t · base^(−2i / E): the first
turns fastest. A pair is two neighbours (`interleaved`), or an entry of the first half with one of the second
(`halves`).
"""

from typing import Literal

import numpy as np

from backproof.fields import Array

Pairs = Literal["interleaved", "halves"]


def angles(steps: int, size: int, base: float, like: Array) -> Array:
    """Return t · base^(−2i / size): (steps, size / 2), of the dtype and class of `like`."""
    zero = np.zeros_like(like, shape=())
    t = zero + np.arange(steps, dtype=like.dtype).reshape(-1, 1)
    i = zero + np.arange(size // 2, dtype=like.dtype)
    return t * base ** (-2.0 * i / size)


def apart(x: Array, pairs: Pairs) -> tuple[Array, Array]:
    """Return the first and the second of every pair of the last axis."""
    if pairs == "interleaved":
        return x[..., 0::2], x[..., 1::2]
    half = x.shape[-1] // 2
    return x[..., :half], x[..., half:]


def together(first: Array, second: Array, pairs: Pairs) -> Array:
    """Return the pairs as one axis again: the inverse of `apart`."""
    if pairs == "interleaved":
        return np.stack([first, second], axis=-1).reshape(*first.shape[:-1], -1)
    return np.concatenate([first, second], axis=-1)


def rotate(x: Array, base: float, pairs: Pairs) -> Array:
    """Turn every pair by the angle of its step; x is (..., T, d)."""
    angle = angles(x.shape[-2], x.shape[-1], base, x)
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = apart(x, pairs)
    return together(a * cos - b * sin, a * sin + b * cos, pairs)


def rotate_back(dy: Array, base: float, pairs: Pairs) -> Array:
    """Turn every pair the other way: what pulls a gradient back, since a rotation's transpose is its inverse."""
    angle = angles(dy.shape[-2], dy.shape[-1], base, dy)
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = apart(dy, pairs)
    return together(a * cos + b * sin, b * cos - a * sin, pairs)
