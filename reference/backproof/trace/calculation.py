"""From a spec to a worked calculation: every number is the reference's own, of one step of `Network`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np

from backproof.check import random_batches, split
from backproof.errors import BadInput
from backproof.fields import Array, Fields
from backproof.layers import Elementwise
from backproof.layers.softmax import LogSoftmax, Softmax
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State, StepRecord
from backproof.trace.backward import Backward
from backproof.trace.forward import Forward
from backproof.trace.index import Index
from backproof.trace.lines import Calculation, Definition, Line, Section, Step
from backproof.trace.loss import loss_lines
from backproof.trace.notation import Augmented, Column, Row
from backproof.trace.plan import Leaf, Node, leaves, plan
from backproof.trace.textbook import definition, is_known, settings
from backproof.trace.update import GENERAL, update_lines, update_notes
from backproof.trace.watch import Passage, watch

Convention = Literal["row", "column", "augmented", "index"]

CONVENTIONS: Mapping[str, type[Row]] = {kind.convention: kind for kind in (Row, Column, Augmented, Index)}

RANDOM_OBSERVATIONS = 2
"""So many are drawn where no data is given: few enough to follow."""


def trace(
    spec: ModelSpec,
    *,
    parameters: Mapping[str, Array] | None = None,
    data: tuple[Any, ...] | None = None,
    steps: int = 1,
    batch_size: int | None = None,
    convention: Convention = "row",
) -> Calculation:
    """Return the calculation of some training steps, every quantity with formula, shape and values.

    `parameters`, `data`, `steps` and `batch_size` are as in `backproof.check`.

    Raises
    ------
    BadInput
        If the parameters or the data do not fit the spec, or an option is out of range.
    """
    if steps < 1:
        raise BadInput(f"steps: expected at least 1, found {steps}")
    if batch_size is not None and batch_size < 1:
        raise BadInput(f"batch_size: expected at least 1, found {batch_size}")
    if convention not in CONVENTIONS:
        raise BadInput(f"convention: expected {', '.join(get_args(Convention))}, found {convention!r}")
    state = Network(spec).initial_state(parameters=parameters)
    if data is None:
        batches = random_batches(spec, batch_size or RANDOM_OBSERVATIONS, steps)
    else:
        batches = split(spec, data, steps, batch_size)
    nodes = plan(spec)
    denses = {leaf.path: leaf for leaf in leaves(nodes) if leaf.output.letter == "Z"}
    notation, written = CONVENTIONS[convention](denses), []
    for number, batch in enumerate(batches, start=1):
        with np.errstate(all="ignore"):  # an overflow is seen in the values
            record, passages = watch(spec, state, batch)
            written.append(_Writer(spec, nodes, notation, state, batch, record, passages).step(number))
        state = record.state()
    definitions = tuple(_definitions(spec, nodes))
    return Calculation(
        spec.name,
        convention,
        _facts(spec, len(batches[0].x), drawn=data is None),
        tuple(_legend(notation, nodes, bool(definitions))),
        definitions,
        tuple(written),
    )


class _Writer:
    """Writes one step down, section by section."""

    def __init__(
        self,
        spec: ModelSpec,
        nodes: tuple[Node, ...],
        notation: Row,
        before: State,
        batch: Batch,
        record: StepRecord,
        passages: Mapping[str, Passage],
    ) -> None:
        self.spec, self.nodes, self.notation = spec, nodes, notation
        self.before, self.batch, self.record, self.passages = before, batch, record, passages
        self.input, self.output = nodes[0].input, nodes[-1].output

    def step(self, number: int) -> Step:
        """Return the step, its sections in the order of calculation."""
        forward = Forward(self.notation, self.input, self.batch.x, self.record, self.passages)
        backward = Backward(self.spec, self.notation, self.record, self.passages)
        last, output = self.passages[self.nodes[-1].path], self.record.outputs[self.nodes[-1].path]
        loss = loss_lines(self.spec.loss, self.notation, self.output, output, self.batch, self.record, last.dy)
        sections = [
            Section("Forward", tuple(forward.lines(self.nodes))),
            Section("Loss", tuple(loss)),
            Section("Backward", tuple(backward.lines(self.nodes))),
        ]
        update = tuple(update_lines(self.spec.optimizer, self.notation, self.before, self.record))
        return Step(
            number,
            (
                Section("Given", tuple(self.given()), tuple(self.shared())),
                *(_one_at_a_time(sections) if isinstance(self.notation, Index) else sections),
                Section("Update", update, update_notes(self.spec.optimizer, self.before.step)),
            ),
        )

    def given(self) -> Iterator[Line]:
        """Yield inputs, targets and side inputs, and at the first step the weights."""
        of_input, of_output = self.notation.on(self.input), self.notation.on(self.output)
        yield from of_input.rows(of_input.at(self.input, "i"), "", self.batch.x, "inputs")
        yield from of_output.rows(of_output.target(self.batch.y.ndim > 1), "", self.batch.y, "targets")
        for name, array in self.batch.side.items():
            symbol = "w" if name == "loss.weight" else f"`{name}`"
            yield Line(symbol, symbol, array, f"side input {name}")
        for one in self.notation.arranged(self.before.parameters) if not self.before.step else ():
            yield Line(one.symbol, one.symbol, one.values, f"initial {one.words}")

    def shared(self) -> Iterator[str]:
        """Say which parameters are others."""
        for name, alias in self.spec.aliases.items():
            yield f"`{name}` is `{alias.of}`{', transposed' if alias.transposed else ''}: they are one parameter."


def _one_at_a_time(sections: Sequence[Section]) -> Iterator[Section]:
    """Yield the sections of each observation, and then what is summed over all of them.

    Where something takes the observations together before the loss does, they cannot be taken one at a time, and
    the sections stay as they are.
    """
    if any(line.observation is None for line in sections[0].lines):
        yield from sections
        return
    many = max(line.observation or 0 for line in sections[0].lines)
    for number in range(1, many + 1):
        for section in sections:
            own = tuple(line for line in section.lines if line.observation == number)
            yield Section(f"Observation {number}: {section.title.lower()}", own, observation=number)
    sums = tuple(line for section in sections for line in section.lines if line.observation is None)
    yield Section("Sums over the observations", sums)


def _facts(spec: ModelSpec, observations: int, drawn: bool) -> dict[str, str]:
    """Return what is calculated, in words."""
    optimizer = spec.optimizer
    rate = optimizer.learning_rate
    changing = [f"`learning_rate`: {rate.type}"] if isinstance(rate, Fields) else []
    shapes = [" × ".join(map(str, shape)) or "1" for shape in spec.shapes]
    made = [f"{layer.name} ({layer.kind}, {shape})" for layer, shape in zip(spec.layers, shapes[1:], strict=True)]
    return {
        "layers": " → ".join([f"input ({shapes[0]})", *made]),
        "loss": ", ".join([spec.loss.kind, *settings(spec.loss, _unused(spec.loss, {"weighted"}))]),
        "optimizer": ", ".join([optimizer.kind, *settings(optimizer, _unused(optimizer, GENERAL)), *changing]),
        "observations": f"{observations} a step{', drawn at random: no data was given' if drawn else ''}",
    }


def _unused(part: Fields, general: Collection[str]) -> frozenset[str]:
    """Return the general fields of a part that have their default."""
    fields = type(part).model_fields
    return frozenset(name for name in general if getattr(part, name) == fields[name].default)


def _legend(notation: Row, nodes: tuple[Node, ...], defined: bool) -> Iterator[str]:
    """Yield how the calculation is written."""
    yield from notation.legend
    yield (
        "The raised number of a symbol (Z¹, W², δ³) counts the layers; it is no power. δ = ∂C/∂Z, a prime is a "
        "slope, ⊙ multiplies entry by entry, C is the loss."
    )
    found = list(leaves(nodes))
    if any(not (leaf.output.matrix and leaf.input.matrix and _textbook(leaf)) for leaf in found):
        yield (
            "Arrays with more axes, and the parameters of layers other than dense ones, are shown in the layout "
            "of the reference: observations first, features last."
        )
    if type(notation) is not Row and any(leaf.output.letter == "Z" and not leaf.input.matrix for leaf in found):
        yield "So are dense layers on arrays with more axes: Z = A W + b, with W inputs × outputs."
    if defined:
        yield "What a layer, a loss or an optimizer computes is said in full under Formulas."


def _textbook(leaf: Leaf) -> bool:
    return leaf.output.letter == "Z" or isinstance(leaf.layer, Elementwise | Softmax | LogSoftmax)


def _definitions(spec: ModelSpec, nodes: tuple[Node, ...]) -> Iterator[Definition]:
    """Yield the docstrings of every kind of layer, of loss and optimizer, where they say more than a paragraph."""
    layers = {leaf.layer.kind: leaf.layer for leaf in leaves(nodes) if leaf.output.letter != "Z"}
    parts = [layer for layer in layers.values() if not isinstance(layer, Softmax | LogSoftmax)]
    for part in (*parts, *(() if is_known(spec.loss) else (spec.loss,)), spec.optimizer):
        if len((found := definition(part)).text) > 1:
            yield found
