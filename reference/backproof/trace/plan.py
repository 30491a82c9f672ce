"""Which quantities a network has, and how they are numbered: the tree of its layers, a symbol for each value.

A dense layer makes Z, an activation upon it A of the same number; whatever else there is makes A of the next.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from backproof.layers import Elementwise, Layer, Shape, chain
from backproof.layers.combinators import Composite
from backproof.layers.dense import Dense
from backproof.layers.softmax import LogSoftmax, Softmax
from backproof.spec import ModelSpec


class Stream(NamedTuple):
    """A value between layers: X, the input, or a numbered Z or A; a `matrix` has one row per observation."""

    letter: Literal["X", "Z", "A"]
    number: int
    matrix: bool

    @property
    def symbol(self) -> str:
        """The symbol of the whole value: X, Z¹."""
        return f"{self.letter}{raised(self.number)}"


@dataclass(frozen=True)
class Leaf:
    """A layer that holds no others."""

    path: str
    layer: Layer
    input: Stream
    output: Stream


@dataclass(frozen=True)
class Block:
    """A layer made of chains of layers, by name."""

    path: str
    layer: Composite
    input: Stream
    output: Stream
    chains: Mapping[str, tuple["Node", ...]]


Node = Leaf | Block

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def raised(number: int) -> str:
    """Return a number as superscript; nothing for 0."""
    return str(number).translate(_RAISED) if number else ""


def plan(spec: ModelSpec) -> tuple[Node, ...]:
    """Return the layers of a network with the values that they take and make."""
    shape = tuple(spec.input_shape)
    return tuple(_Numbering().chain(spec.layers, shape, Stream("X", 0, len(shape) == 1), ""))


def leaves(nodes: tuple[Node, ...]) -> Iterator[Leaf]:
    """Yield all layers that hold no others, in the order of calculation."""
    for node in nodes:
        if isinstance(node, Leaf):
            yield node
        else:
            for within in node.chains.values():
                yield from leaves(within)


def end(nodes: tuple[Node, ...], start: Stream) -> Stream:
    """Return the output of a chain; its input, if the chain is empty."""
    return nodes[-1].output if nodes else start


class _Numbering:
    """Hands out symbols, each once."""

    def __init__(self) -> None:
        self.last = 0
        self.taken: set[tuple[str, int]] = set()

    def chain(self, layers: tuple[Layer, ...], shape: Shape, start: Stream, prefix: str) -> Iterator[Node]:
        for name, layer, given in chain.links(layers, shape):
            node = self.node(f"{prefix}{name}", layer, given, start)
            yield node
            start = node.output

    def node(self, path: str, layer: Layer, shape: Shape, start: Stream) -> Node:
        matrix = len(layer.output_shape(shape)) == 1
        if not isinstance(layer, Composite):
            return Leaf(path, layer, start, self.stream(layer, start, matrix))
        chains = {
            name: tuple(self.chain(within, shape, start, f"{path}.{name}." if name else f"{path}."))
            for name, within in layer.chains().items()
        }
        if passes_on(layer):
            return Block(path, layer, start, end(chains[""], start), chains)
        return Block(path, layer, start, self.stream(layer, start, matrix), chains)

    def stream(self, layer: Layer, start: Stream, matrix: bool) -> Stream:
        letter: Literal["Z", "A"] = "Z" if isinstance(layer, Dense) else "A"
        upon = isinstance(layer, Elementwise | Softmax | LogSoftmax) and start.letter == "Z"
        if not upon or ("A", start.number) in self.taken:
            self.last += 1
            number = self.last
        else:
            number = start.number
        self.taken.add((letter, number))
        return Stream(letter, number, matrix)


def passes_on(layer: Composite) -> bool:
    """Return whether a block is a plain chain, whose output is that of its last layer."""
    return layer.kind == "sequence"
