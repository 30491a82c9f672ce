"""What was found, as a reading: in canonical names, with where it stands in the code."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backproof.doctor.hints import Hints
from backproof.doctor.infer import dataset
from backproof.doctor.infer.chain import Chain
from backproof.doctor.infer.choice import Choice
from backproof.doctor.infer.links import Link, Place
from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.unreadable import Unreadable
from backproof.doctor.infer.values import Values
from backproof.doctor.reading import Convention, Finding, Observed, Reading, Source
from backproof.errors import SpecError
from backproof.fields import Array
from backproof.layers.dense import Dense
from backproof.spec import ModelSpec

NEAR = 60
"""How many events after an output was first seen its name may be given."""


def reading(values: Values, chain: Chain, steps: Sequence[Step], choice: Choice, hints: Hints) -> Reading:
    """Return the reading."""
    spec = hints.spec or _spec(chain, choice)
    dense = [name for name, layer in zip(spec.layer_names, spec.layers, strict=True) if isinstance(layer, Dense)]
    observed = tuple(
        _observed(spec, dense, chain, steps, choice, number) for number in range(len(choice.target.y))
    )
    x, y = _everything(values, steps, choice, chain)
    return Reading(
        spec=spec,
        convention=hints.convention or convention(chain),
        steps=observed,
        sources=dict(_sources(values, spec, dense, chain, choice)),
        findings=tuple(_findings(values, chain, steps, choice)),
        x=x,
        y=y,
        batch_size=len(steps[0].x),
        recording=values.recording,
        rivals=choice.rivals,
    )


def convention(chain: Chain) -> Convention:
    """Return how the code lays out observations, weights and biases."""
    if chain.by_index:
        return "index"
    if chain.augmented:
        return "augmented"
    return "column" if chain.input.flipped and not _single(chain) else "row"


def _single(chain: Chain) -> bool:
    """Return whether every array has one entry: then nothing tells rows from columns."""
    return all(link.x.size == link.units == 1 for link in chain.links)


def _spec(chain: Chain, choice: Choice) -> ModelSpec:
    layers: list[dict[str, Any]] = []
    for number, link in enumerate(chain.links):
        layers.append({"type": "dense", "units": link.units, "bias": bool(link.bias or link.augmented)})
        fused = choice.objective.fused and number == len(chain.links) - 1
        if link.activation is not None and not fused:
            layers.append(dict(link.activation.fields))
    try:
        return ModelSpec.model_validate(
            {
                "input_shape": [chain.links[0].x.shape[1]],
                "layers": layers,
                "loss": dict(choice.objective.fields),
                "optimizer": dict(choice.rule.fields),
            }
        )
    except SpecError as error:
        raise Unreadable(f"what was found is no network: {error}") from None


def _parameters(
    dense: Sequence[str], weights: Sequence[Array], biases: Sequence[Array | None]
) -> dict[str, Array]:
    found = {}
    for name, weight, bias in zip(dense, weights, biases, strict=True):
        found[f"{name}.weight"] = weight
        if bias is not None:
            found[f"{name}.bias"] = bias
    return found


def _observed(
    spec: ModelSpec, dense: Sequence[str], chain: Chain, steps: Sequence[Step], choice: Choice, number: int
) -> Observed:
    step = steps[number]
    before = step.passes[0]
    gradients = {}
    for name, signed in choice.gradients.items():
        if number < len(signed.series.arrays):
            at, kind = name.split(".")
            gradients[f"{dense[int(at)]}.{kind}"] = signed.sign * signed.series.arrays[number]
    outputs = {}
    for layer, name in enumerate(dense):
        outputs[name] = step.z(layer)
        following = _activation_after(spec, name)
        if following is not None:
            outputs[following] = step.a(layer)
    return Observed(
        x=step.x,
        y=choice.target.y[number],
        before=_parameters(dense, before.weights, before.biases),
        after=_parameters(dense, step.after.weights, step.after.biases),
        gradients=gradients,
        outputs=outputs,
    )


def _activation_after(spec: ModelSpec, dense: str) -> str | None:
    """Return the name of the activation that follows a dense layer, or None."""
    position = spec.layer_names.index(dense) + 1
    if position == len(spec.layers) or isinstance(spec.layers[position], Dense):
        return None
    return spec.layer_names[position]


def _everything(values: Values, steps: Sequence[Step], choice: Choice, chain: Chain) -> tuple[Array, Array]:
    """Return all observations that the steps took some of; each batch once, where the code has them nowhere."""
    kept: list[int] = []
    for number in range(len(choice.target.y)):
        x = steps[number].x
        if not any(np.array_equal(x, steps[k].x) for k in kept):
            kept.append(number)
    x, y = np.concatenate([steps[k].x for k in kept]), np.concatenate([choice.target.y[k] for k in kept])
    return (x, y) if len(kept) == 1 else dataset.whole(values, x, y)


def _source(values: Values, place: Place, sign: int = 1) -> Source:
    site = values.recording.sites[place.site]
    return Source(site.text, site.file, site.line, place.flipped, sign)


NAMES = {"store": 0, "Name": 1, "Attribute": 1, "Subscript": 1}
"""Which kinds of places name an array, the best first."""


def _named(values: Values, link: Link) -> Source:
    """Return where a layer's output stands under a name, best in the function that has its weights."""
    recording = values.recording
    home = recording.sites[link.weight.site].function
    found = []
    for content, flipped in values.find(link.a):
        time = values.first(content, link.begun)
        while time is not None and time < link.ended + NEAR:
            site = recording.sites[int(recording.event_sites[time])]
            found.append((site.function != home, NAMES.get(site.kind, 2), time, flipped))
            time = values.first(content, time + 1)
    if not found:
        return _source(values, link.out)
    _, _, time, flipped = min(found)
    return _source(values, Place(int(recording.event_sites[time]), flipped))


def _sources(
    values: Values, spec: ModelSpec, dense: Sequence[str], chain: Chain, choice: Choice
) -> Iterator[tuple[str, Source]]:
    yield "x", _source(values, chain.input)
    yield "y", _source(values, Place(choice.target.site, choice.target.flipped))
    for name, link in zip(dense, chain.links, strict=True):
        yield f"{name}.weight", _source(values, link.weight)
        if link.bias is not None:
            yield f"{name}.bias", _source(values, link.bias)
        yield _activation_after(spec, name) or name, _named(values, link)
    for name, signed in choice.gradients.items():
        layer, kind = name.split(".")
        place = Place(signed.series.site, signed.series.flipped)
        yield f"d {dense[int(layer)]}.{kind}", _source(values, place, signed.sign)


def _findings(values: Values, chain: Chain, steps: Sequence[Step], choice: Choice) -> Iterator[Finding]:
    """Yield what was inferred, how, and how sure it is."""
    sizes = "-".join(str(n) for n in [chain.links[0].x.shape[1], *(link.units for link in chain.links)])
    passes = sum(len(step.passes) for step in steps)
    yield Finding(
        "sizes",
        sizes,
        f"{passes} forward {'pass repeats' if passes == 1 else 'passes repeat'} to rounding",
        "sure",
        "--weights",
    )
    names = ", ".join("none" if k.activation is None else _said(k.activation.fields) for k in chain.links)
    how = "each function's value was seen after the sum"
    amiss = [k.activation.amiss for k in chain.links if k.activation is not None and k.activation.amiss]
    yield Finding("activations", names, "; ".join([how, *amiss]), "sure", "--activations")
    bias = ", ".join("yes" if k.bias or k.augmented else "no" for k in chain.links)
    yield Finding("biases", bias, "what is added to the products", "sure", "--biases")
    yield Finding(
        "convention",
        convention(chain),
        "on which side the weights are multiplied",
        "likely" if _single(chain) else "sure",
        "--convention",
    )
    yield Finding("batch", str(len(steps[0].x)), "observations between two changes of the weights", "sure")
    loss = _said(choice.objective.fields)
    shown = choice.objective in choice.computed
    if choice.exact:
        how = "the last layer's updates are its gradient to rounding" + ("; its value was seen" if shown else "")
        yield Finding("loss", loss, how, "likely" if choice.rivals else "sure", "--loss")
    else:
        how = "its value was seen" if shown else "the nearest to what is compared and how"
        yield Finding("loss", loss, how, "likely" if shown else "guess", "--loss")
    optimizer = _said(choice.rule.fields)
    if choice.rule.meant:
        yield Finding(
            "optimizer",
            optimizer,
            "the code has its parts, but does not make these updates of arrays seen",
            "guess",
            "--optimizer",
        )
    elif choice.rule.score:
        how = "it makes the updates seen, step by step"
        if choice.rates:
            how += f"; elsewhere in the script its rate is {', '.join(f'{rate:g}' for rate in choice.rates)}"
        yield Finding("optimizer", optimizer, how, "likely" if choice.rates else "sure", "--optimizer")
    else:
        yield Finding(
            "optimizer", optimizer, "no optimizer makes these updates of arrays seen", "guess", "--optimizer"
        )


def _said(fields: Mapping[str, Any]) -> str:
    others = ", ".join(f"{key} {value}" for key, value in fields.items() if key != "type")
    return f"{fields['type']} ({others})" if others else str(fields["type"])
