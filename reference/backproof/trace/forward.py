"""The forward pass, written out."""

from collections.abc import Iterator, Mapping

from backproof.fields import Array
from backproof.layers import Elementwise
from backproof.layers.combinators import Parallel, Residual
from backproof.layers.softmax import LogSoftmax, Softmax
from backproof.step import StepRecord
from backproof.trace.lines import Line
from backproof.trace.notation import Row
from backproof.trace.plan import Block, Leaf, Node, Stream, end, passes_on
from backproof.trace.textbook import first, function
from backproof.trace.watch import Passage


class Forward:
    """Writes what every layer makes of its input."""

    def __init__(
        self, notation: Row, start: Stream, x: Array, record: StepRecord, passages: Mapping[str, Passage]
    ) -> None:
        self.notation, self.record, self.passages = notation, record, passages
        self.values = {start: x}

    def lines(self, nodes: tuple[Node, ...]) -> Iterator[Line]:
        """Yield the lines of a chain of layers."""
        for node in nodes:
            yield from self.block(node) if isinstance(node, Block) else self.leaf(node)
            self.values[node.output] = self.record.outputs[node.path]

    def leaf(self, leaf: Leaf) -> Iterator[Line]:
        """Yield the output of a layer, and the buffers that it leaves behind."""
        x, y = self.values[leaf.input], self.record.outputs[leaf.path]
        style, layer, name = self.notation.on(leaf.output), leaf.layer, f"output of {leaf.path}"
        if leaf.output.letter == "Z":
            yield from style.dense(leaf, self.passages[leaf.path].own, x, y)
        elif isinstance(layer, Elementwise):
            yield from style.activation(leaf, function(layer), x, y, first(layer))
        elif isinstance(layer, Softmax | LogSoftmax):
            yield from style.rows(style.at(leaf.output), style.softmax(leaf), y, name, leaf.path)
        else:
            rest = f"`{layer.kind}`({leaf.input.symbol}){style.entry}"
            yield from style.rows(style.at(leaf.output), rest, y, name, leaf.path, first(layer))
        for label, buffer in self.record.buffers.items():
            if label.startswith(f"{leaf.path}."):
                note = f"as `{layer.kind}` says"
                yield Line(f"`{label}`", f"new `{label}`", buffer, f"new {label}", label, note)

    def block(self, block: Block) -> Iterator[Line]:
        """Yield the lines of a block: each chain, and the output that is made of theirs."""
        for within in block.chains.values():
            yield from self.lines(within)
        if passes_on(block.layer):
            return
        style, y = self.notation.on(block.output), self.record.outputs[block.path]
        rest, note = _combined(block, style)
        yield from style.rows(style.at(block.output), rest, y, f"output of {block.path}", block.path, note)


def _combined(block: Block, style: Row) -> tuple[str, str]:
    """Return how a block makes one output of those of its chains, and what is to be said of it."""
    ends = [style.at(end(within, block.input)) for within in block.chains.values()]
    if isinstance(block.layer, Residual):
        return " + ".join([style.at(block.input), *ends]), ""
    if isinstance(block.layer, Parallel) and block.layer.combination == "add":
        return " + ".join(ends), ""
    if isinstance(block.layer, Parallel):
        return f"[{', '.join(ends)}]", "the features of one after those of the other"
    return f"`{block.layer.kind}`({', '.join(ends)})", first(block.layer)
