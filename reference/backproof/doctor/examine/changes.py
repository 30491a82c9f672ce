"""What experiments change about a training, one thing at a time; None where there is nothing of the kind to
change.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from backproof.doctor.examine.measures import dense_layers, rms
from backproof.doctor.examine.training import Training
from backproof.fields import Array
from backproof.initializers import Constant, Glorot
from backproof.layers import Elementwise, Layer
from backproof.layers.dense import Dense
from backproof.layers.relu import LeakyReLU, ReLU
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.tanh import Tanh
from backproof.losses import BinaryCrossEntropyWithLogits, CrossEntropy, Loss, SquaredError

HIDDEN = 8
"""Units of a hidden layer put in where there was none: XOR needs 2, and 4 learn it from nearly every start."""

GLOROT = "Glorot's initial weights (variance 2 / (fan_in + fan_out), biases 0)"
"""What `glorot_weights` changes, in words."""

Change = Callable[[Training], Training | None]


def uniform_weights(training: Training) -> Training | None:
    """Weights and biases of dense layers uniform in [−1, 1]."""
    names = {f"{layer.name}.{own}" for layer in dense_layers(training) for own in ("weight", "bias")}
    rng = np.random.default_rng(training.seed)
    drawn = {name: rng.uniform(-1.0, 1.0, w.shape) for name, w in training.parameters.items() if name in names}
    return training.but(parameters={**training.parameters, **drawn}) if drawn else None


def glorot_weights(training: Training) -> Training | None:
    """Every matrix drawn with Var(w) = 2 / (fan_in + fan_out), biases of dense layers 0."""
    biases = {f"{layer.name}.bias" for layer in dense_layers(training)}
    rng = np.random.default_rng(training.seed)
    drawn = {}
    for name, parameter in training.spec.parameters.items():
        if len(parameter.shape) > 1:
            drawn[name] = Glorot().draw(parameter.shape, parameter.fan, rng)
        elif name in biases:
            drawn[name] = np.zeros(parameter.shape)
    return training.but(parameters={**training.parameters, **drawn}) if drawn else None


def redrawn_weights(seed: int) -> Change:
    """Every parameter drawn anew with the mean and spread of its given values."""

    def change(training: Training) -> Training:
        rng = np.random.default_rng([training.seed, seed])
        half = {name: np.sqrt(3.0) * w.std() for name, w in training.parameters.items()}
        return training.but(
            parameters={
                name: w.mean() + rng.uniform(-1.0, 1.0, w.shape) * half[name]
                for name, w in training.parameters.items()
            }
        )

    return change


def perturbed_weights(share: float) -> Change:
    """Noise on every weight, of `share` times the larger of the weights' own size and 1 / √fan_in."""

    def change(training: Training) -> Training:
        rng = np.random.default_rng(training.seed)
        return training.but(
            parameters={
                name: w + share * max(rms(w), w.shape[0] ** -0.5) * rng.normal(size=w.shape) if w.ndim > 1 else w
                for name, w in training.parameters.items()
            }
        )

    return change


def standardised_inputs(training: Training) -> Training | None:
    """Every input less its mean and over its standard deviation (1 where it is constant)."""
    if training.spec.indices is not None:
        return None
    spread = training.x.std(axis=0)
    if not spread.any():
        return None
    return training.but(x=(training.x - training.x.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def scaled_rate(factor: float, iterations: int) -> Change:
    """The learning rate, or all rates of its schedule, times a factor, and so many iterations."""

    def change(training: Training) -> Training | None:
        optimizer = training.spec.optimizer
        return with_spec(
            training.but(iterations=iterations),
            optimizer=optimizer.model_copy(update={"learning_rate": _scaled(optimizer.learning_rate, factor)}),
        )

    return change


def _scaled(rate: Any, factor: float) -> Any:
    if isinstance(rate, float | int):
        return float(rate) * factor
    fields = [name for name in ("initial", "final", "start", "then") if hasattr(rate, name)]
    return rate.model_copy(update={name: _scaled(getattr(rate, name), factor) for name in fields})


def in_float64(training: Training) -> Training | None:
    """The same numbers, calculated in float64."""
    return None if training.dtype == np.float64 else training.but(dtype=np.float64)


def other_activations(old: type[Elementwise], new: Elementwise) -> Change:
    """Every hidden activation of one kind replaced by another."""

    def change(training: Training) -> Training | None:
        layers = training.spec.layers
        changed = tuple(
            new.model_copy(update={"name": layer.name}) if isinstance(layer, old) else layer
            for layer in layers[:-1]
        )
        return None if changed == layers[:-1] else with_spec(training, layers=(*changed, layers[-1]))

    return change


def leaky(training: Training) -> Training | None:
    """Leaky ReLU in place of ReLU in hidden layers."""
    return other_activations(ReLU, LeakyReLU())(training)


def tanh_for_sigmoid(training: Training) -> Training | None:
    """The hyperbolic tangent in place of the sigmoid in hidden layers."""
    return other_activations(Sigmoid, Tanh())(training)


def logistic_loss(training: Training) -> Training | None:
    """Cross-entropy in place of squared error, where the outputs are sigmoids or a softmax and targets shares.

    The loss takes the logits, so that the last activation and its slope drop out of the gradient.
    """
    *others, last = training.spec.layers
    loss, y = training.spec.loss, training.y
    if not isinstance(loss, SquaredError) or not others or np.any((y < 0) | (y > 1)):
        return None
    changed: Loss
    if isinstance(last, Sigmoid):
        changed = BinaryCrossEntropyWithLogits(factor=loss.factor, reduction=loss.reduction)
    elif last.kind == "softmax" and y.shape[-1] > 1 and np.allclose(y.sum(axis=-1), 1.0):
        changed = CrossEntropy(targets="one_hot", factor=loss.factor, reduction=loss.reduction)
    else:
        return None
    other = with_spec(training, layers=tuple(others), loss=changed)
    return None if other is None else other.but(measured_by=training.spec)


def without_last_activation(training: Training) -> Training | None:
    """The output as it is before the last activation."""
    *others, last = training.spec.layers
    return with_spec(training, layers=tuple(others)) if others and not isinstance(last, Dense) else None


def sigmoid_output(training: Training) -> Training | None:
    """A sigmoid in place of the last activation."""
    *others, last = training.spec.layers
    return with_spec(training, layers=(*others, Sigmoid(name=last.name)))


def with_biases(training: Training) -> Training | None:
    """Biases in all dense layers that had none, starting at 0."""
    layers = tuple(
        layer.model_copy(update={"bias": True, "bias_initializer": Constant()})
        if isinstance(layer, Dense)
        else layer
        for layer in training.spec.layers
    )
    return None if layers == training.spec.layers else with_spec(training, layers=layers)


def hidden_layer(training: Training) -> Training | None:
    """A hidden layer of tanh units before the last dense layer, whose weights are drawn anew."""
    layers: list[Layer] = list(training.spec.layers)
    places = [index for index, layer in enumerate(layers) if isinstance(layer, Dense)]
    if not places:
        return None
    layers[places[-1] : places[-1]] = [Dense(name="put_in", units=HIDDEN), Tanh(name="put_in_tanh")]
    return with_spec(training, layers=tuple(layers))


def tanh_between(training: Training) -> Training | None:
    """A tanh after every dense layer but the last."""
    places = [index for index, layer in enumerate(training.spec.layers) if isinstance(layer, Dense)][:-1]
    if not places:
        return None
    layers: list[Layer] = []
    for index, layer in enumerate(training.spec.layers):
        layers.append(layer)
        if index in places:
            layers.append(Tanh(name=f"put_in_{index}"))
    return with_spec(training, layers=tuple(layers))


def wider(training: Training) -> Training | None:
    """Four times as many units in every hidden dense layer, the weights drawn anew (Glorot)."""
    hidden = dense_layers(training)[:-1]
    if not hidden:
        return None
    layers = tuple(
        layer.model_copy(update={"units": 4 * layer.units})
        if isinstance(layer, Dense) and layer in hidden
        else layer
        for layer in training.spec.layers
    )
    changed = with_spec(training, layers=layers)
    return glorot_weights(changed) if changed else None


def with_spec(training: Training, **changes: Any) -> Training | None:
    """Return the training of a changed spec, with the parameters that fit it and the spec's own for the others.

    None where that is no possible network, or one with outputs of another shape.
    """
    try:
        spec = training.spec.model_copy(update=changes)
    except ValueError:
        return None
    if spec.shapes[-1] != training.spec.shapes[-1]:
        return None
    drawn: dict[str, Array] = spec.initial_parameters()
    old = training.parameters
    kept = {name: old[name] for name, w in drawn.items() if name in old and old[name].shape == w.shape}
    return training.but(spec=spec, parameters=drawn | kept)
