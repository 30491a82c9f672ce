"""The conventions: how symbols, formulas and arrays of the reference are turned into the reader's.

The reference keeps observations as rows: Z = A W + b. Matrices with one row per observation, and the parameters of
dense layers, are turned into the reader's convention; arrays of more axes, and parameters of other layers, are
left as they are. Nothing is calculated here: entries are only moved.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar, NamedTuple

import numpy as np

from backproof.fields import Array
from backproof.layers import Layer, Own
from backproof.layers.dense import Dense
from backproof.layers.softmax import Softmax
from backproof.trace.lines import Line
from backproof.trace.plan import Leaf, Stream, raised


class Arranged(NamedTuple):
    """A parameter, or bias and weight in one: its symbol, its values, its label, and the names it stands for."""

    symbol: str
    values: Array
    label: str
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        """What it is in words."""
        path, _, own = self.label.rpartition(".")
        return f"{path} (bias, weight)" if own == "augmented" else self.label


class Row:
    """Observations are rows: Z = A W + b."""

    convention: ClassVar[str] = "row"
    times: ClassVar[str] = " ⊙ "
    entry: ClassVar[str] = ""
    sum: ClassVar[str] = "Σ"
    legend: ClassVar[tuple[str, ...]] = (
        "Observations are rows: X, Y, Z, A and δ have one row for each. W is inputs × outputs: a column is a "
        "neuron. b is added to every row.",
    )

    def __init__(self, denses: Mapping[str, Leaf]) -> None:
        self.denses = denses

    def on(self, stream: Stream) -> "Row":
        """Return the notation for a value: that of the reference unless it has one row per observation."""
        return self if stream.matrix else Row(self.denses)

    # Symbols

    def at(self, stream: Stream, index: str = "j") -> str:
        """Return the symbol of a value."""
        return stream.symbol

    def whole(self, stream: Stream) -> str:
        """Return the symbol of all that an observation has of a value."""
        return stream.symbol

    def gradient(self, stream: Stream, index: str = "j") -> str:
        """Return the symbol of the gradient of a value."""
        return f"δ{raised(stream.number)}" if stream.letter == "Z" else f"∂C/∂{self.at(stream, index)}"

    def target(self, several: bool = True) -> str:
        """Return the symbol of the targets, of which an observation has several or one."""
        return "Y" if several else "y"

    def term(self, several: bool = True) -> str:
        """Return the symbol of the loss terms, of which an observation has several or one."""
        return "ℓ"

    def total(self, several: bool = True) -> str:
        """Return the sum of all loss terms, of which an observation has several or one."""
        return "Σ "

    def weight_symbol(self, leaf: Leaf) -> str:
        """Return the symbol of a dense layer's weight."""
        return f"W{raised(leaf.output.number)}"

    def bias_symbol(self, leaf: Leaf) -> str:
        """Return the symbol of a dense layer's bias."""
        return f"b{raised(leaf.output.number)}"

    # Arrays

    def weight(self, array: Array) -> Array:
        """Return a weight, (inputs, outputs) in the reference, as the reader writes it."""
        return array

    def bias(self, array: Array) -> Array:
        """Return a bias, (outputs,) in the reference, as the reader writes it."""
        return array

    def rows(
        self, symbol: str, rest: str, values: Array, name: str, tensor: str = "", note: str = ""
    ) -> Iterator[Line]:
        """Yield what has an entry or a row per observation; `rest` is the formula's right-hand side."""
        yield Line(symbol, f"{symbol} = {rest}" if rest else symbol, values, name, tensor, note)

    def arranged(self, arrays: Mapping[str, Array]) -> Iterator[Arranged]:
        """Yield parameters, or what has their shapes, in the reader's layout; arrays by canonical name."""
        for name, array in arrays.items():
            path, _, own = name.rpartition(".")
            leaf = self.denses.get(path)
            if leaf is None:
                yield Arranged(f"`{name}`", array, name, (name,))
            elif own == "weight":
                style = self.on(leaf.input)
                yield Arranged(style.weight_symbol(leaf), style.weight(array), name, (name,))
            else:
                style = self.on(leaf.input)
                yield Arranged(style.bias_symbol(leaf), style.bias(array), name, (name,))

    # Formulas of a dense layer

    def dense(self, leaf: Leaf, own: Own, x: Array, z: Array) -> Iterator[Line]:
        """Yield Z and what leads to it."""
        bias = f" + {self.bias_symbol(leaf)}" if has_bias(leaf.layer) else ""
        rest = f"{self.at(leaf.input)} {self.weight_symbol(leaf)}{bias}"
        note = "" if leaf.input.matrix else "over the last axis"
        yield from self.rows(self.at(leaf.output), rest, z, f"output of {leaf.path}", leaf.path, note)

    def dense_gradients(
        self, leaf: Leaf, x: Array, dz: Array, gradients: Mapping[str, Array], share: str
    ) -> Iterator[Line]:
        """Yield the gradients of weight and bias; `share` says that they are not all of it."""
        rest = f"{transposed(self.at(leaf.input))} {self.gradient(leaf.output)}"
        note = "" if leaf.input.matrix else "with all axes but the last as one: a row each"
        yield self.gradient_of(leaf, "weight", rest, gradients, share, note)
        if has_bias(leaf.layer):
            note = "" if leaf.input.matrix else "and over all further axes but the last"
            rest = f"Σ {self.gradient(leaf.output)} over the observations"
            yield self.gradient_of(leaf, "bias", rest, gradients, share, note)

    def dense_input(self, leaf: Leaf, own: Own, dz: Array, dx: Array, symbol: str, tensor: str) -> Iterator[Line]:
        """Yield the gradient of the input, which is called `symbol`."""
        rest = f"{self.gradient(leaf.output)} {transposed(self.weight_symbol(leaf))}"
        yield from self.rows(symbol, rest, dx, f"gradient of the input of {leaf.path}", tensor)

    def gradient_of(
        self, leaf: Leaf, own: str, rest: str, gradients: Mapping[str, Array], share: str, note: str = ""
    ) -> Line:
        """Return the gradient of one parameter of a dense layer."""
        of = self.weight_symbol(leaf) if own == "weight" else self.bias_symbol(leaf)
        values = self.weight(gradients[own]) if own == "weight" else self.bias(gradients[own])
        symbol, name = f"∂C/∂{of}{share}", f"{leaf.path}.{own}"
        tensor = "" if share else f"d {name}"
        return Line(symbol, f"{symbol} = {rest}", values, f"gradient of {name}", tensor, note)

    # Activations

    def activation(self, leaf: Leaf, called: str, z: Array, a: Array, note: str) -> Iterator[Line]:
        """Yield A = f(Z)."""
        rest = f"{called}({self.at(leaf.input)})"
        yield from self.rows(self.at(leaf.output), rest, a, f"output of {leaf.path}", leaf.path, note)

    def activation_input(
        self, leaf: Leaf, called: str, dy: Array, slope: Array, dx: Array, symbol: str, tensor: str
    ) -> Iterator[Line]:
        """Yield the gradient of the input, which is called `symbol`, from that of the output and the slope."""
        rest = f"{self.gradient(leaf.output)}{self.times}{called}′({self.at(leaf.input)})"
        yield from self.rows(symbol, rest, dx, f"gradient of the input of {leaf.path}", tensor)

    def softmax(self, leaf: Leaf) -> str:
        """Return the right-hand side of softmax, or of its logarithm."""
        z = self.at(leaf.input)
        if isinstance(leaf.layer, Softmax):
            return f"exp({z}) / Σ exp({z}){self.along()}"
        return f"{z} − log Σ exp({z}){self.along()}"

    def softmax_back(self, leaf: Leaf) -> str:
        """Return the right-hand side of the gradient of softmax's input."""
        a, da = self.at(leaf.output), self.gradient(leaf.output)
        if isinstance(leaf.layer, Softmax):
            return f"{a} ⊙ ({da} − Σ ({da} ⊙ {a})){self.along()}"
        return f"{da} − exp({a}) Σ {da}{self.along()}"

    def along(self) -> str:
        """Return over what a softmax sums."""
        return ", Σ along each row"


class Column(Row):
    """Observations are columns: Z = W A + b."""

    convention = "column"
    legend = (
        "Observations are columns: X, Y, Z, A and δ have one column for each. W is outputs × inputs: a row is a "
        "neuron. b is a column, added to every column.",
    )

    def weight(self, array: Array) -> Array:
        return array.T

    def bias(self, array: Array) -> Array:
        return array[:, None]

    def rows(
        self, symbol: str, rest: str, values: Array, name: str, tensor: str = "", note: str = ""
    ) -> Iterator[Line]:
        yield from super().rows(symbol, rest, values.T, name, tensor, note)

    def dense(self, leaf: Leaf, own: Own, x: Array, z: Array) -> Iterator[Line]:
        bias = f" + {self.bias_symbol(leaf)}" if has_bias(leaf.layer) else ""
        rest = f"{self.weight_symbol(leaf)} {self.at(leaf.input)}{bias}"
        yield from self.rows(self.at(leaf.output), rest, z, f"output of {leaf.path}", leaf.path)

    def dense_gradients(
        self, leaf: Leaf, x: Array, dz: Array, gradients: Mapping[str, Array], share: str
    ) -> Iterator[Line]:
        rest = f"{self.gradient(leaf.output)} {transposed(self.at(leaf.input))}"
        yield self.gradient_of(leaf, "weight", rest, gradients, share)
        if has_bias(leaf.layer):
            rest = f"Σ {self.gradient(leaf.output)} over the observations"
            yield self.gradient_of(leaf, "bias", rest, gradients, share)

    def dense_input(self, leaf: Leaf, own: Own, dz: Array, dx: Array, symbol: str, tensor: str) -> Iterator[Line]:
        rest = f"{transposed(self.weight_symbol(leaf))} {self.gradient(leaf.output)}"
        yield from self.rows(symbol, rest, dx, f"gradient of the input of {leaf.path}", tensor)

    def along(self) -> str:
        return ", Σ along each column"


class Augmented(Row):
    """Observations are rows, and the bias is the first row of W: Z = [1 A] W."""

    convention = "augmented"
    legend = (
        "Observations are rows: X, Y, Z, A and δ have one row for each. Bias and weights are one matrix W, inputs "
        "× outputs: its first row is the bias, which the leading 1 of [1 X] and [1 A] multiplies.",
        "V is W without its first row: the bias leads to no unit below.",
    )

    def ones(self, leaf: Leaf) -> str:
        """Return the symbol of the input with its leading ones; of the input itself where there is no bias."""
        return f"[1 {self.at(leaf.input)}]" if has_bias(leaf.layer) else self.at(leaf.input)

    def dense(self, leaf: Leaf, own: Own, x: Array, z: Array) -> Iterator[Line]:
        if has_bias(leaf.layer):
            values = np.hstack([np.ones((len(x), 1), x.dtype), x])
            yield Line(self.ones(leaf), self.ones(leaf), values, f"input of {leaf.path} with leading ones")
        rest = f"{self.ones(leaf)} {self.weight_symbol(leaf)}"
        yield from self.rows(self.at(leaf.output), rest, z, f"output of {leaf.path}", leaf.path)

    def dense_gradients(
        self, leaf: Leaf, x: Array, dz: Array, gradients: Mapping[str, Array], share: str
    ) -> Iterator[Line]:
        rest = f"{transposed(self.ones(leaf))} {self.gradient(leaf.output)}"
        if not has_bias(leaf.layer):
            yield self.gradient_of(leaf, "weight", rest, gradients, share)
            return
        symbol = f"∂C/∂{self.weight_symbol(leaf)}{share}"
        values, tensor = (
            joined(gradients["bias"], gradients["weight"]),
            "" if share else f"d {leaf.path}.augmented",
        )
        yield Line(symbol, f"{symbol} = {rest}", values, f"gradient of {leaf.path} (bias, weight)", tensor)

    def dense_input(self, leaf: Leaf, own: Own, dz: Array, dx: Array, symbol: str, tensor: str) -> Iterator[Line]:
        weight = f"V{raised(leaf.output.number)}" if has_bias(leaf.layer) else self.weight_symbol(leaf)
        rest = f"{self.gradient(leaf.output)} {transposed(weight)}"
        yield from self.rows(symbol, rest, dx, f"gradient of the input of {leaf.path}", tensor)

    def arranged(self, arrays: Mapping[str, Array]) -> Iterator[Arranged]:
        for one in super().arranged(arrays):
            path, _, own = one.label.rpartition(".")
            leaf = self.denses.get(path)
            weight, bias = f"{path}.weight", f"{path}.bias"
            if leaf is None or not leaf.input.matrix or not (weight in arrays and bias in arrays):
                yield one
            elif own == "weight":
                values = joined(arrays[bias], arrays[weight])
                yield Arranged(self.weight_symbol(leaf), values, f"{path}.augmented", (bias, weight))


def has_bias(layer: Layer) -> bool:
    """Return whether a dense layer has a bias."""
    return isinstance(layer, Dense) and layer.bias


def joined(bias: Array, weight: Array) -> Array:
    """Return one matrix with the bias as first row."""
    return np.vstack([bias, weight])


def transposed(symbol: str) -> str:
    """Return the symbol of the transpose: Xᵀ, [1 X]ᵀ, (A¹)ᵀ."""
    return f"{symbol}ᵀ" if len(symbol) == 1 or symbol.endswith("]") else f"({symbol})ᵀ"
