"""The backward pass, written out: the forward walk in reverse."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from backproof.layers import Elementwise
from backproof.layers.combinators import Parallel, Residual
from backproof.layers.softmax import LogSoftmax, Softmax
from backproof.spec import ModelSpec
from backproof.step import StepRecord
from backproof.trace.lines import Line
from backproof.trace.notation import Row
from backproof.trace.plan import Block, Leaf, Node, end, passes_on
from backproof.trace.textbook import SLOPES, first, function
from backproof.trace.watch import Passage


class Backward:
    """Writes what every layer makes of the gradient of its output."""

    def __init__(
        self, spec: ModelSpec, notation: Row, record: StepRecord, passages: Mapping[str, Passage]
    ) -> None:
        self.spec, self.notation, self.record, self.passages = spec, notation, record, passages
        self.shared = {*spec.aliases, *(alias.of for alias in spec.aliases.values())}
        self.in_parts: set[str] = set()

    def lines(self, nodes: tuple[Node, ...]) -> Iterator[Line]:
        """Yield the lines of the network, and the sums for parameters that several layers share."""
        yield from self.chain(nodes, "")
        totals = {name: g for name, g in self.record.gradients.items() if name in self.in_parts}
        for one in self.notation.arranged(totals):
            symbol = f"∂C/∂{one.symbol}"
            formula = f"{symbol} = the sum of its parts above, turned where a parameter is shared transposed"
            yield Line(symbol, formula, one.values, f"gradient of {one.words}", f"d {one.label}")

    def chain(self, nodes: tuple[Node, ...], share: str) -> Iterator[Line]:
        """Yield the lines of a chain; `share` says that its input's gradient is not all of it."""
        for node in reversed(nodes):
            own = share if node is nodes[0] else ""
            yield from self.block(node, own) if isinstance(node, Block) else self.leaf(node, own)

    def leaf(self, leaf: Leaf, share: str) -> Iterator[Line]:
        """Yield the gradients of a layer's parameters and of its input."""
        passage, layer = self.passages[leaf.path], leaf.layer
        if leaf.output.letter == "Z":
            yield from self.dense(leaf, passage, share)
        elif isinstance(layer, Elementwise):
            yield from self.activation(leaf, layer, passage, share)
        elif isinstance(layer, Softmax | LogSoftmax):
            rest = self.notation.on(leaf.output).softmax_back(leaf)
            yield from self.input_gradient(leaf, passage, rest, share)
        else:
            yield from self.other(leaf, passage, share)

    def dense(self, leaf: Leaf, passage: Passage, share: str) -> Iterator[Line]:
        """Yield the gradients of weight, bias and input of a dense layer."""
        style, part = self.notation.on(leaf.input), self.part(leaf, passage.gradients)
        yield from style.dense_gradients(leaf, passage.cache, passage.dy, passage.gradients, part)
        symbol, tensor = style.gradient(leaf.input) + share, self.tensor(leaf, share)
        yield from style.dense_input(leaf, passage.own, passage.dy, passage.dx, symbol, tensor)

    def activation(self, leaf: Leaf, layer: Elementwise, passage: Passage, share: str) -> Iterator[Line]:
        """Yield the slope of an activation, and the gradient of its input."""
        style, called = self.notation.on(leaf.input), function(layer)
        slope, common = layer.derivative(*passage.cache), layer.common_derivative(*passage.cache)
        rest = SLOPES.get(layer.kind, "").format(a=style.at(leaf.output), times=style.times)
        if not np.allclose(common, slope, rtol=1e-9, atol=0.0):  # what the rounded activation says is not it
            rest = ""
        name, note = f"slope of {leaf.path}", "" if rest else first(layer)
        yield from style.rows(f"{called}′({style.at(leaf.input)})", rest, slope, name, note=note)
        symbol, tensor = style.gradient(leaf.input) + share, self.tensor(leaf, share)
        yield from style.activation_input(leaf, called, passage.dy, slope, passage.dx, symbol, tensor)

    def other(self, leaf: Leaf, passage: Passage, share: str) -> Iterator[Line]:
        """Yield the gradients of the parameters and of the input of any other layer."""
        kind, part = leaf.layer.kind, self.part(leaf, passage.gradients)
        for own, gradient in passage.gradients.items():
            name = f"{leaf.path}.{own}"
            symbol, tensor = f"∂C/∂`{name}`{part}", "" if part else f"d {name}"
            formula = f"{symbol}, by the chain rule through `{kind}`"
            yield Line(symbol, formula, gradient, f"gradient of {name}", tensor, first(leaf.layer))
        rest = f"∂C/∂{leaf.output.symbol} taken back through `{kind}`"
        yield from self.input_gradient(leaf, passage, rest, share, "" if passage.gradients else first(leaf.layer))

    def block(self, block: Block, share: str) -> Iterator[Line]:
        """Yield the lines of a block: each chain's share of the gradient, its way back, and the sum."""
        if passes_on(block.layer):
            yield from self.chain(block.chains[""], share)
            return
        passage, dy = self.passages[block.path], self.notation.on(block.output).gradient(block.output)
        of_input = self.notation.on(block.input).gradient(block.input)
        parts = [dy] if isinstance(block.layer, Residual) else []
        shares = block.layer.split(passage.cache[0], passage.dy)
        for (chain, nodes), given in zip(block.chains.items(), shares, strict=True):
            through = f" through `{block.path}{'.' * bool(chain)}{chain}`"
            last = end(nodes, block.input)
            style = self.notation.on(last)
            symbol, name = style.gradient(last), f"share of the gradient of the output of {block.path}"
            yield from style.rows(symbol if nodes else symbol + through, _share(block, dy), given, name)
            yield from self.chain(nodes, through)
            parts.append(of_input + through)
        yield from self.input_gradient(block, passage, " + ".join(parts), share)

    def input_gradient(
        self, node: Node, passage: Passage, rest: str, share: str, note: str = ""
    ) -> Iterator[Line]:
        """Yield the gradient of a layer's input, unless it is indices, which have none."""
        if node.input.letter == "X" and self.spec.indices is not None:
            return
        style, name = self.notation.on(node.input), f"gradient of the input of {node.path}"
        symbol, tensor = style.gradient(node.input) + share, self.tensor(node, share)
        yield from style.rows(symbol, rest, passage.dx, name, tensor, note)

    def tensor(self, node: Node, share: str) -> str:
        """Return the label of the gradient of a layer's input in the record."""
        return "d input" if node.input.letter == "X" and not share else ""

    def part(self, leaf: Leaf, gradients: Iterable[str]) -> str:
        """Return what marks the gradients of a layer whose parameters are others' too; the sums come last."""
        names = [f"{leaf.path}.{own}" for own in gradients]
        if self.shared.isdisjoint(names):
            return ""
        self.in_parts |= {self.spec.aliases[n].of if n in self.spec.aliases else n for n in names}
        return f" of `{leaf.path}`"


def _share(block: Block, dy: str) -> str:
    """Return what a chain's output gets of the gradient of the block's output."""
    joined = isinstance(block.layer, Parallel) and block.layer.combination == "concatenate"
    return f"the entries of {dy} that are its own" if joined else dy
