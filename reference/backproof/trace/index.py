"""Sums with indices: one observation at a time, and small sums worked out number by number."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from backproof.fields import Array
from backproof.layers import Own
from backproof.layers.softmax import Softmax
from backproof.trace.lines import Entry, Line
from backproof.trace.notation import Row, has_bias
from backproof.trace.plan import Leaf, Stream, raised

LONGEST_SUM, MOST_SUMS = 6, 12
"""Sums of more terms, and more sums than so many, are not worked out."""

Terms = tuple[str | float, ...]


class Index(Row):
    """One observation at a time: zⱼ = Σᵢ wⱼᵢ xᵢ + bⱼ."""

    convention = "index"
    times = " "
    entry = "ⱼ"
    sum = "Σⱼ"
    legend = (
        "One observation at a time; what is summed over the observations comes last. i counts the inputs of a "
        "layer, j its outputs, n the observations.",
        "wⱼᵢ leads from input i to output j, and stands in row j and column i where the weights are a matrix.",
    )

    def at(self, stream: Stream, index: str = "j") -> str:
        return f"{stream.letter.lower()}{raised(stream.number)}{_SUBSCRIPTS[index]}"

    def whole(self, stream: Stream) -> str:
        return stream.symbol.lower()

    def gradient(self, stream: Stream, index: str = "j") -> str:
        if stream.letter == "Z":
            return f"δ{raised(stream.number)}{_SUBSCRIPTS[index]}"
        return f"∂C/∂{self.at(stream, index)}"

    def target(self, several: bool = True) -> str:
        return "yⱼ" if several else "y"

    def term(self, several: bool = True) -> str:
        return "ℓⱼ" if several else "ℓ"

    def total(self, several: bool = True) -> str:
        return "Σₙ Σⱼ " if several else "Σₙ "

    def weight_symbol(self, leaf: Leaf) -> str:
        return f"w{raised(leaf.output.number)}ⱼᵢ"

    def bias_symbol(self, leaf: Leaf) -> str:
        return f"b{raised(leaf.output.number)}ⱼ"

    def weight(self, array: Array) -> Array:
        return array.T

    def rows(
        self, symbol: str, rest: str, values: Array, name: str, tensor: str = "", note: str = ""
    ) -> Iterator[Line]:
        for number, own in enumerate(values, start=1):
            formula = f"{symbol} = {rest}" if rest else symbol
            yield Line(symbol, formula, own, name, tensor, note, observation=number)

    def dense(self, leaf: Leaf, own: Own, x: Array, z: Array) -> Iterator[Line]:
        bias = f" + {self.bias_symbol(leaf)}" if has_bias(leaf.layer) else ""
        rest = f"Σᵢ {self.weight_symbol(leaf)} {self.at(leaf.input, 'i')}{bias}"
        lines = self.rows(self.at(leaf.output), rest, z, f"output of {leaf.path}", leaf.path)
        W, b = own["weight"], own.get("bias")  # W is (inputs, outputs)
        for n, line in enumerate(lines):
            sums = [
                (_sum(zip(W[:, j], x[n], strict=True)) + (() if b is None else (" + ", float(b[j]))), z[n, j])
                for j in range(z.shape[1])
            ]
            yield _worked(line, sums, W.shape[0])

    def dense_gradients(
        self, leaf: Leaf, x: Array, dz: Array, gradients: Mapping[str, Array], share: str
    ) -> Iterator[Line]:
        rest = f"Σₙ {self.gradient(leaf.output)} {self.at(leaf.input, 'i')}"
        line = self.gradient_of(leaf, "weight", rest, gradients, share)
        sums = [
            (_sum(zip(dz[:, j], x[:, i], strict=True)), line.values[j, i])
            for j, i in product(range(dz.shape[1]), range(x.shape[1]))
        ]
        yield _worked(line, sums, len(x))
        if has_bias(leaf.layer):
            line = self.gradient_of(leaf, "bias", f"Σₙ {self.gradient(leaf.output)}", gradients, share)
            yield _worked(line, [(_added(dz[:, j]), line.values[j]) for j in range(dz.shape[1])], len(x))

    def dense_input(self, leaf: Leaf, own: Own, dz: Array, dx: Array, symbol: str, tensor: str) -> Iterator[Line]:
        symbol = symbol.replace("ⱼ", "ᵢ")
        rest = f"Σⱼ {self.weight_symbol(leaf)} {self.gradient(leaf.output)}"
        W = own["weight"]
        for n, line in enumerate(self.rows(symbol, rest, dx, f"gradient of the input of {leaf.path}", tensor)):
            sums = [(_sum(zip(W[i], dz[n], strict=True)), dx[n, i]) for i in range(len(W))]
            yield _worked(line, sums, W.shape[1])

    def activation(self, leaf: Leaf, called: str, z: Array, a: Array, note: str) -> Iterator[Line]:
        for n, line in enumerate(super().activation(leaf, called, z, a, note)):
            sums: list[tuple[Terms, float]] = [
                ((f"{called}(", float(z[n, j]), ")"), a[n, j]) for j in range(z.shape[1])
            ]
            yield _worked(line, sums, 1)

    def activation_input(
        self, leaf: Leaf, called: str, dy: Array, slope: Array, dx: Array, symbol: str, tensor: str
    ) -> Iterator[Line]:
        for n, line in enumerate(super().activation_input(leaf, called, dy, slope, dx, symbol, tensor)):
            sums = [(_sum([(dy[n, j], slope[n, j])]), dx[n, j]) for j in range(dx.shape[1])]
            yield _worked(line, sums, 1)

    def softmax(self, leaf: Leaf) -> str:
        z, every = self.at(leaf.input), self.at(leaf.input, "k")
        if isinstance(leaf.layer, Softmax):
            return f"exp({z}) / Σₖ exp({every})"
        return f"{z} − log Σₖ exp({every})"

    def softmax_back(self, leaf: Leaf) -> str:
        a, da = self.at(leaf.output), self.gradient(leaf.output)
        every, of_every = self.at(leaf.output, "k"), self.gradient(leaf.output, "k")
        if isinstance(leaf.layer, Softmax):
            return f"{a} ({da} − Σₖ {of_every} {every})"
        return f"{da} − exp({a}) Σₖ {of_every}"

    def along(self) -> str:
        return ""


_SUBSCRIPTS = {"i": "ᵢ", "j": "ⱼ", "k": "ₖ"}
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _sum(
    products: "Iterator[tuple[float, float]] | zip[tuple[float, float]] | list[tuple[float, float]]",
) -> Terms:
    """Return a · b + c · d + ..."""
    terms: list[str | float] = []
    for one, other in products:
        terms += [" + "] * bool(terms) + [float(one), " · ", float(other)]
    return tuple(terms)


def _added(numbers: Array) -> Terms:
    """Return a + b + ..."""
    terms: list[str | float] = []
    for number in numbers:
        terms += [" + "] * bool(terms) + [float(number)]
    return tuple(terms)


def _worked(line: Line, sums: list[tuple[Terms, float]], length: int) -> Line:
    """Return the line with its sums, one per entry of its values, if they are few and short."""
    if len(sums) > MOST_SUMS or length > LONGEST_SUM or max(line.shape, default=0) > 9:
        return line
    entries = []
    for (terms, value), place in zip(sums, product(*map(range, line.shape)), strict=True):
        numbered = line.symbol
        for letter, position in zip("ⱼᵢ" if "ⱼ" in numbered else "ᵢ", place, strict=False):
            numbered = numbered.replace(letter, str(position + 1).translate(_LOWERED))
        entries.append(Entry(numbered, terms, float(value)))
    return replace(line, entries=tuple(entries))
