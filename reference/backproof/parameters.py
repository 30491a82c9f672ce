"""Canonical parameters: their names and shapes, the conventions people write them in, and their files.

Canonical is the row convention: an observation is a row, z = a @ W + b, a column of W is a neuron. The column
convention keeps observations as columns, z = W @ a + b with a neuron a *row* of W and b a column vector. The
augmented convention joins bias and weights into one matrix whose *first row* is the bias, with a leading 1 in
every activation. All three hold the same numbers; the functions here only move them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproof.errors import WeightsError
from backproof.fields import Array
from backproof.spec import ModelSpec


def check_parameters(spec: ModelSpec, parameters: Mapping[str, Any]) -> dict[str, Array]:
    """Return the parameters as float64 arrays in canonical order.

    Raises
    ------
    WeightsError
        If a parameter is missing, unknown, misshapen, not a real number or not finite. All at once.
    """
    problems = []
    for name in parameters.keys() - spec.parameters.keys():
        problems.append(f"{name}: not in the spec")
    checked: dict[str, Array] = {}
    for name, parameter in spec.parameters.items():
        if name not in parameters:
            problems.append(f"{name}: missing, expected shape {parameter.shape}")
            continue
        array = np.asarray(parameters[name])
        if array.dtype.kind not in "fiu":
            problems.append(f"{name}: expected real numbers, found dtype {array.dtype}")
        elif array.shape != parameter.shape:
            hint = (
                " (transposed? see backproof.parameters.from_columns)" if _turned(array, parameter.shape) else ""
            )
            problems.append(f"{name}: expected shape {parameter.shape}, found {array.shape}{hint}")
        elif not np.all(np.isfinite(array)):
            problems.append(f"{name}: expected finite numbers, found {int((~np.isfinite(array)).sum())} others")
        else:
            checked[name] = array.astype(np.float64)
    if problems:
        names = ", ".join(list(spec.parameters)[:12]) + (", ..." if len(spec.parameters) > 12 else "")
        raise WeightsError("weights: " + "\n  ".join([*sorted(problems)[:12], f"the spec has {names}"]))
    return checked


def _turned(array: Array, shape: tuple[int, ...]) -> bool:
    return array.ndim == 2 and (array.shape == shape[::-1] or (array.shape[0],) == shape)


def to_columns(parameters: Mapping[str, Array]) -> dict[str, Array]:
    """Return the parameters in the column convention: weights transposed, biases as column vectors."""
    return {name: w.T if w.ndim == 2 else w[:, None] for name, w in parameters.items()}


def from_columns(parameters: Mapping[str, Array]) -> dict[str, Array]:
    """Return canonical parameters from the column convention; a bias may be a column vector or flat."""
    return {
        name: w.reshape(-1) if name.endswith(".bias") else np.ascontiguousarray(np.asarray(w).T)
        for name, w in parameters.items()
    }


def to_augmented(parameters: Mapping[str, Array]) -> dict[str, Array]:
    """Return one matrix per layer, [b; W] with the bias as first row, by layer name; W alone without bias."""
    layers = dict.fromkeys(name.rpartition(".")[0] for name in parameters)
    return {
        layer: np.vstack([parameters[f"{layer}.bias"], parameters[f"{layer}.weight"]])
        if f"{layer}.bias" in parameters
        else parameters[f"{layer}.weight"]
        for layer in layers
    }


def from_augmented(spec: ModelSpec, matrices: Mapping[str, Array]) -> dict[str, Array]:
    """Return canonical parameters from one matrix per layer; the spec says which layers have a bias."""
    parameters: dict[str, Array] = {}
    for layer, matrix in matrices.items():
        if f"{layer}.bias" in spec.parameters:
            parameters[f"{layer}.weight"], parameters[f"{layer}.bias"] = matrix[1:], matrix[0]
        else:
            parameters[f"{layer}.weight"] = matrix
    return parameters
