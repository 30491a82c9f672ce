"""The JAX adapter: a spec to a trainer whose step is one compiled program."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import jax
import numpy as np
import optax

from backproof.fields import Array
from backproof.spec import ModelSpec
from backproof.step import Network, State, StepRecord, check_state
from backproof_adapters.base import row_for
from backproof_adapters.jax import losses, optimizers
from backproof_adapters.jax.layers import ROWS, Parameters, forward

if hasattr(jax, "enable_x64"):
    enable_x64 = jax.enable_x64
else:
    from jax.experimental import enable_x64  # type: ignore[attr-defined,no-redef]


class JaxTrainer:
    """A network in JAX with its optimizer, ready to train by `step` or in a loop of your own:

        with trainer.precision():
            gradients = jax.grad(trainer.loss)(trainer.params, x, y)
            updates, trainer.opt_state = trainer.optimizer.update(gradients, trainer.opt_state, trainer.params)
            trainer.params = optax.apply_updates(trainer.params, updates)
        trainer.state()  # where that loop has led, in canonical names and layout

    `params` is a tree of layer name → parameter name → array, `optimizer` an optax transformation that knows the
    spec's rate at every update, and `opt_state` its state; the count of updates is kept there.
    """

    def __init__(self, spec: ModelSpec, dtype: Any = np.float64) -> None:
        self.spec = spec
        self.dtype = np.dtype(dtype)
        for layer in spec.layers:
            row_for(ROWS, layer, "jax")
        row_for(losses.ROWS, spec.loss, "jax")
        self.optimizer = optimizers.transformation(spec.optimizer)
        self._program = _program(*_what_computes(spec))
        self.params: Parameters
        self.opt_state: Any
        self.load(Network(spec).initial_state(self.dtype))

    @contextmanager
    def precision(self) -> Iterator[None]:
        """Within it JAX computes in the trainer's dtype, with full products; no global setting is changed."""
        with enable_x64(self.dtype.itemsize == 8), jax.default_matmul_precision("highest"):
            yield

    def apply(self, params: Parameters, x: Any) -> jax.Array:
        """Return the network's output: a pure function."""
        return forward(self.spec.layers, params, x)[self.spec.layer_names[-1]]

    def loss(self, params: Parameters, x: Any, y: Any) -> jax.Array:
        """Return the loss on a batch, a 0-d array: a pure function."""
        return losses.value(self.spec.loss, self.apply(params, x), y)

    def load(self, state: State) -> None:
        """Take over parameters, slots and step count.

        Raises
        ------
        WeightsError
            If they are not the spec's, or have other shapes.
        """
        check_state(self.spec, state)
        with self.precision():
            self.params = self._tree(state.parameters)
            slots = {slot: self._tree(own) for slot, own in state.slots.items()}
            empty = self.optimizer.init(self.params)
            self.opt_state = optimizers.with_slots(self.spec.optimizer, empty, slots, state.step)

    def state(self) -> State:
        """Return copies of parameters and slots, and the step count.

        Raises
        ------
        WeightsError
            If what was assigned to `params` or `opt_state` does not fit the spec.
        """
        trees = optimizers.slots_of(self.spec.optimizer, self.opt_state)
        slots = {slot: self._flat(tree) for slot, tree in trees.items()}
        state = State(self._flat(self.params), slots, {}, self._count())
        check_state(self.spec, state)
        return state

    def step(self, x: Array, y: Array) -> StepRecord:
        """Do one training step on a batch and return its record."""
        self.spec.check_batch(x, y)
        before, count = self._flat(self.params), self._count()
        x = np.asarray(x, self.dtype)
        y = np.asarray(y, np.int32 if self.spec.loss.integer_targets() else self.dtype)
        rate = np.asarray(self.spec.optimizer.rate(count), self.dtype)
        with self.precision():
            outputs, loss, dx, gradients, self.params, self.opt_state = self._program(
                self.params, self.opt_state, x, y, rate
            )
        after = self.state()
        return StepRecord(
            step=count,
            outputs={name: self._array(outputs[name]) for name in self.spec.layer_names},
            loss=self._array(loss),
            input_gradient=self._array(dx),
            gradients=self._flat(gradients),
            updates={name: after.parameters[name] - w for name, w in before.items()},
            parameters=after.parameters,
            slots=after.slots,
            buffers={},
        )

    def _count(self) -> int:
        """Return the number of updates done."""
        return int(self.opt_state.step)

    def _array(self, array: Any) -> Array:
        """Return a copy that NumPy owns."""
        return np.array(array, dtype=self.dtype)

    def _flat(self, tree: Any) -> dict[str, Array]:
        """Return a tree like that of the parameters under canonical names, in canonical order."""
        flat = {f"{layer}.{own}": a for layer, group in tree.items() for own, a in group.items()}
        canonical = {name: flat[name] for name in self.spec.parameters if name in flat}
        return {name: self._array(a) for name, a in (canonical | flat).items()}

    def _tree(self, flat: dict[str, Array]) -> Parameters:
        """Return arrays of canonical names as a tree like that of the parameters."""
        tree: Parameters = {}
        for name in self.spec.parameters:
            layer, _, own = name.rpartition(".")
            tree.setdefault(layer, {})[own] = jax.numpy.array(flat[name], dtype=self.dtype)
        return tree


class JaxAdapter:
    """What a spec means, in JAX and optax."""

    name = "jax"

    def versions(self) -> dict[str, str]:
        """Return the versions of the packages that compute."""
        return {"jax": jax.__version__, "optax": optax.__version__}

    def build(self, spec: ModelSpec, dtype: Any = np.float64) -> JaxTrainer:
        """Return a trainer in its initial state.

        Raises
        ------
        SpecError
            If the spec holds a type that this adapter has no row for.
        """
        return JaxTrainer(spec, dtype)


def _what_computes(spec: ModelSpec) -> tuple[tuple[Any, ...], Any, Any]:
    """Return layers, loss and optimizer without what no program depends on: initial values and the rate."""
    layers = tuple(
        layer.model_copy(update={own: None for own in type(layer).model_fields if own.endswith("_initializer")})
        for layer in spec.layers
    )
    return layers, spec.loss, spec.optimizer.model_copy(update={"learning_rate": 1.0})


@lru_cache(maxsize=128)
def _program(layers: tuple[Any, ...], loss: Any, optimizer: Any) -> Any:
    """Return the compiled step that all trainers of equal layers, loss and optimizer share."""
    transformation = optimizers.transformation(optimizer)

    def step(params: Parameters, opt_state: Any, x: Any, y: Any, rate: Any) -> Any:
        def cost(params: Parameters, x: Any) -> Any:
            outputs = forward(layers, params, x)
            return losses.value(loss, outputs[layers[-1].name], y), outputs

        (value, outputs), (gradients, dx) = jax.value_and_grad(cost, (0, 1), has_aux=True)(params, x)
        updates, opt_state = transformation.update(gradients, opt_state, params, learning_rate=rate)
        return outputs, value, dx, gradients, optax.apply_updates(params, updates), opt_state

    return jax.jit(step, compiler_options=_compiler_options())


_QUICK = {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False}


@lru_cache(maxsize=1)
def _compiler_options() -> dict[str, bool | int] | None:
    """Return options that make XLA compile for a CPU in a third of the time, or None where it does not know them.

    A step is mostly compiled, hardly ever run. They leave out optimizations; no fast-math is involved.
    """
    if jax.default_backend() != "cpu":
        return None
    try:
        jax.jit(lambda x: x, compiler_options=_QUICK)(0.0)
    except RuntimeError:  # XLA's own error, where it does not know an option's name
        return None
    return _QUICK
