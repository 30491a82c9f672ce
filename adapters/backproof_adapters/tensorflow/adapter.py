"""A trainer whose parts are all native: a Keras model, a Keras loss, a Keras optimizer."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from backproof.errors import BadInput
from backproof.fields import Array
from backproof.layers import chain
from backproof.spec import ModelSpec
from backproof.step import Network, State, StepRecord, check_state
from backproof_adapters.base import Layout, row_for
from backproof_adapters.tensorflow import layers, losses, optimizers

NAME = "tensorflow"


class TensorFlowTrainer:
    """A spec as a Keras model with its loss and optimizer, in `dtype` (float32 or float64).

    `model`, `loss` and `optimizer` may be trained natively, by a gradient tape and `optimizer.apply` or by
    `model.compile` and `model.fit(shuffle=False)`; `state()` then says where that led. A learning rate that
    changes is the spec's: natively, assign `spec.optimizer.rate(step)` to `optimizer.learning_rate` yourself.
    `fit` casts NumPy arrays to `keras.config.floatx()`: for float64, give it tensors or a `tf.data.Dataset`. Where
    the spec averages the weights, `fit` ends by putting the averages in their place.

    Raises
    ------
    BadInput
        If Keras runs on another backend, or `dtype` is another one.
    SpecError
        If the spec holds a type that this adapter has no row for.
    """

    def __init__(self, spec: ModelSpec, dtype: Any = np.float64) -> None:
        if (backend := keras.backend.backend()) != NAME:
            raise BadInput(
                f"Keras: expected the backend tensorflow, found {backend}; "
                "set KERAS_BACKEND=tensorflow before Python starts"
            )
        self.spec = spec
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise BadInput(f"dtype: expected float32 or float64, found {self.dtype}")
        self._network = layers.build(spec, self.dtype.name)
        self.layers, self._variables = self._network.layers, self._network.parameters
        self.loss = losses.ScaledLoss(spec.loss, row_for(losses.ROWS, spec.loss, NAME), self.dtype.name)
        row = row_for(optimizers.ROWS, spec.optimizer, NAME)
        variables = {name: variable for name, (variable, _) in self._variables.items()}
        with _floatx(self.dtype.name):
            self.optimizer = optimizers.build(row, spec.optimizer, variables, self.dtype.name)
        self._slots = optimizers.slots(row, spec.optimizer, self.optimizer)
        self.load(Network(spec).initial_state(self.dtype))

    @cached_property
    def model(self) -> Any:
        """The layers as a `keras.Sequential`; they share their weights with this trainer."""
        name = re.sub(r"[^A-Za-z0-9]", "_", f"backproof {self.spec.name}")  # TensorFlow's scopes take no more
        inputs = keras.Input(
            self.spec.input_shape, dtype=self.dtype.name if self.spec.indices is None else "int64"
        )
        return keras.Sequential([inputs, *self.layers], name=name)

    def load(self, state: State) -> None:
        """Take over parameters, slots, buffers and step count, and set the learning rate of the next step."""
        check_state(self.spec, state)
        for index, (name, (variable, layout)) in enumerate(self._variables.items()):
            self._assign(variable, layout, state.parameters[name])
            for slot, variables in self._slots.items():
                self._assign(variables[index], layout, state.slots[slot][name])
        for name, (variable, layout) in self._network.buffers.items():
            self._assign(variable, layout, state.buffers[name])
        self.optimizer._iterations.assign(state.step)
        self.optimizer.learning_rate = self.spec.optimizer.rate(state.step)

    def state(self) -> State:
        """Return parameters, slots, buffers and step count: copies."""
        slots = {
            slot: {
                name: self._read(variable, layout)
                for (name, (_, layout)), variable in zip(self._variables.items(), variables, strict=True)
            }
            for slot, variables in self._slots.items()
        }
        parameters = {name: self._read(*place) for name, place in self._variables.items()}
        buffers = {name: self._read(*place) for name, place in self._network.buffers.items()}
        return State(parameters, slots, buffers, self._steps())

    def step(self, x: Array, y: Array, side: Mapping[str, Array] | None = None) -> StepRecord:
        """Do one training step on a batch, eagerly, and return its record."""
        step = self._steps()
        batch = self.spec.check_batch(x, y, side, step).astype(self.dtype)
        before = {name: self._read(*place) for name, place in self._variables.items()}
        inputs, targets = tf.constant(batch.x), tf.constant(batch.y)
        variables = [variable for variable, _ in self._variables.values()]
        sources = [inputs, *(variable.value for variable in variables)]
        fed = self._feed(batch.side)
        with _full_precision():
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch([source for source in sources if source.dtype.is_floating])  # indices have no gradient
                output, outputs = self._network.call(inputs, training=True)
                loss = self.loss.call(targets, output, fed)
            input_gradient, *gradients = tape.gradient(
                loss, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO
            )
            # Dense: an update of only the rows that were looked up would leave the momenta of others as they are.
            gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
            self.optimizer.learning_rate = self.spec.optimizer.rate(step)
            if variables:
                self.optimizer.apply(gradients, variables)
            else:
                self.optimizer._iterations.assign_add(1)  # Keras counts no update without weights
            inference: dict[str, Any] = {}
            if self.spec.at_inference is not self.spec.layers:
                _, inference = self._network.call(inputs, training=False)
        after = self.state()
        return StepRecord(
            step,
            {path: output.numpy() for path, output in outputs.items()},
            np.array(loss.numpy()),
            None if self.spec.indices is not None else input_gradient.numpy(),
            {
                name: layout.to_canonical(gradient.numpy())
                for (name, (_, layout)), gradient in zip(self._variables.items(), gradients, strict=True)
            },
            {name: w - before[name] for name, w in after.parameters.items()},
            after.parameters,
            after.slots,
            after.buffers,
            {path: output.numpy() for path, output in inference.items()},
        )

    def _steps(self) -> int:
        """Return the number of steps done; Keras' `iterations` are the updates that `accumulate` of them make."""
        return int(self.optimizer._iterations.numpy())

    def _feed(self, side: Mapping[str, Array]) -> dict[str, Any]:
        """Hand every layer its side inputs; return those of the loss."""
        fed = {name: tf.constant(array) for name, array in side.items()}
        for name, tensor in fed.items():
            path, _, own = name.rpartition(".")
            if path in self._network.parts:
                setattr(self._network.parts[path], own, tensor)
        return chain.of(fed, "loss")

    def _assign(self, variable: Any, layout: Layout, value: Array) -> None:
        # A copy of its own: TensorFlow may keep the memory of an array it is given.
        variable.value.assign(np.array(layout.to_native(np.asarray(value)), self.dtype, order="C"))

    @staticmethod
    def _read(variable: Any, layout: Layout) -> Array:
        array: Array = layout.to_canonical(variable.value.numpy())  # numpy() copies
        return array


class TensorFlowAdapter:
    """What a spec means, computed by Keras 3 on TensorFlow."""

    name = NAME

    def versions(self) -> dict[str, str]:
        """Return the versions of the packages that compute."""
        return {"tensorflow": tf.__version__, "keras": keras.__version__}

    def build(self, spec: ModelSpec, dtype: Any = np.float64) -> TensorFlowTrainer:
        """Return a trainer in its initial state."""
        return TensorFlowTrainer(spec, dtype)


@contextmanager
def _floatx(dtype: str) -> Iterator[None]:
    """Let Keras make variables of `dtype`: an optimizer's learning rate has no dtype argument."""
    before = keras.config.floatx()
    keras.config.set_floatx(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before)


@contextmanager
def _full_precision() -> Iterator[None]:
    """Keep TensorFloat-32, with its 10 bits of mantissa, out of float32 products on a GPU."""
    settings = tf.config.experimental
    before = settings.tensor_float_32_execution_enabled()
    settings.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        settings.enable_tensor_float_32_execution(before)
