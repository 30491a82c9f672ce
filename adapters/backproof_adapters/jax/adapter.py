"""The JAX adapter: a spec to a trainer whose step is one compiled program."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import jax
import numpy as np
import optax

from backproof.fields import Array
from backproof.layers import chain
from backproof.losses import NOTHING
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State, StepRecord, check_state
from backproof_adapters.base import row_for
from backproof_adapters.jax import losses, optimizers
from backproof_adapters.jax.layers import ROWS, Result, run

if hasattr(jax, "enable_x64"):
    enable_x64 = jax.enable_x64
else:
    from jax.experimental import enable_x64  # type: ignore[attr-defined,no-redef]


Tree = dict[str, dict[str, jax.Array]]
"""path of a layer → parameter name → array; layers without parameters are left out."""


def forward(spec: ModelSpec, layers: Sequence[Any], params: Tree, fed: Mapping[str, Any], x: Any) -> Result:
    """Return output, new buffers, and the outputs of all layers; `fed` is the buffers and side inputs."""
    own = {**_by_path(params), **fed}
    for name, alias in spec.aliases.items():
        own[name] = own[alias.of].T if alias.transposed else own[alias.of]
    return run(layers, own, x)


def _by_path(tree: Tree) -> dict[str, jax.Array]:
    return {f"{layer}.{own}": array for layer, group in tree.items() for own, array in group.items()}


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
        for _, layer, _ in spec.walk:
            row_for(ROWS, layer, "jax")
        row_for(losses.ROWS, spec.loss, "jax")
        self.optimizer = optimizers.transformation(spec.optimizer)
        self._program = _program(_what_computes(spec))
        self.params: Tree
        self.opt_state: Any
        self.buffers: dict[str, jax.Array]
        self.load(Network(spec).initial_state(self.dtype))

    @contextmanager
    def precision(self) -> Iterator[None]:
        """Within it JAX computes in the trainer's dtype, with full products; no global setting is changed."""
        with enable_x64(self.dtype.itemsize == 8), jax.default_matmul_precision("highest"):
            yield

    def apply(self, params: Tree, x: Any, side: Mapping[str, Any] = NOTHING) -> jax.Array:
        """Return the network's output, in training: a pure function."""
        return forward(self.spec, self.spec.layers, params, {**self.buffers, **side}, x).output

    def loss(self, params: Tree, x: Any, y: Any, side: Mapping[str, Any] = NOTHING) -> jax.Array:
        """Return the loss on a batch, a 0-d array: a pure function."""
        return losses.value(self.spec.loss, self.apply(params, x, side), y, chain.of(side, "loss"))

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
            self.buffers = {name: jax.numpy.array(b, self.dtype) for name, b in state.buffers.items()}

    def state(self) -> State:
        """Return copies of parameters, slots and buffers, and the step count.

        Raises
        ------
        WeightsError
            If what was assigned to `params` or `opt_state` does not fit the spec.
        """
        trees = optimizers.slots_of(self.spec.optimizer, self.opt_state)
        slots = {slot: self._flat(tree) for slot, tree in trees.items()}
        buffers = {name: self._array(buffer) for name, buffer in self.buffers.items()}
        state = State(self._flat(self.params), slots, buffers, self._count())
        check_state(self.spec, state)
        return state

    def step(self, x: Array, y: Array, side: Mapping[str, Array] | None = None) -> StepRecord:
        """Do one training step on a batch and return its record."""
        before, count = self._flat(self.params), self._count()
        batch = _with_short_integers(self.spec.check_batch(x, y, side, count).astype(self.dtype))
        rate = np.asarray(self.spec.optimizer.rate(count), self.dtype)
        with self.precision():
            found = self._program(self.params, self.opt_state, self.buffers, *batch, rate)
        self.params, self.opt_state, self.buffers = found["params"], found["opt_state"], found["buffers"]
        after = self.state()
        return StepRecord(
            step=count,
            outputs={path: self._array(output) for path, output in found["outputs"].items()},
            loss=self._array(found["loss"]),
            input_gradient=None if self.spec.indices is not None else self._array(found["dx"]),
            gradients=self._flat(found["gradients"]),
            updates={name: after.parameters[name] - w for name, w in before.items()},
            parameters=after.parameters,
            slots=after.slots,
            buffers=after.buffers,
            inference={path: self._array(output) for path, output in found["inference"].items()},
        )

    def _count(self) -> int:
        """Return the number of updates done."""
        return int(self.opt_state.step)

    def _array(self, array: Any) -> Array:
        """Return a copy that NumPy owns."""
        return np.array(array, dtype=self.dtype)

    def _flat(self, tree: Any) -> dict[str, Array]:
        """Return a tree like that of the parameters under canonical names, in canonical order."""
        flat = _by_path(tree)
        canonical = {name: flat[name] for name in self.spec.parameters if name in flat}
        return {name: self._array(a) for name, a in (canonical | flat).items()}

    def _tree(self, flat: dict[str, Array]) -> Tree:
        """Return arrays of canonical names as a tree like that of the parameters."""
        tree: Tree = {}
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


def _with_short_integers(batch: Batch) -> Batch:
    """Return the batch with indices in int32: JAX has no int64 outside its 64-bit mode."""

    def short(array: Array) -> Array:
        return array.astype(np.int32) if array.dtype.kind in "iu" else array

    return Batch(short(batch.x), short(batch.y), {name: short(array) for name, array in batch.side.items()})


def _what_computes(spec: ModelSpec) -> ModelSpec:
    """Return the spec without what no program depends on: name, seed, initial values and the rate."""

    def bare(layer: Any) -> Any:
        fields = type(layer).model_fields
        return layer.model_copy(
            update={own: fields[own].default for own in fields if own.endswith("_initializer")}
        )

    layers = tuple(layer.replace(bare) for layer in spec.layers)
    optimizer = spec.optimizer.model_copy(update={"learning_rate": 1.0})
    return spec.model_copy(update={"name": "", "seed": 0, "layers": layers, "optimizer": optimizer})


@lru_cache(maxsize=128)
def _program(spec: ModelSpec) -> Any:
    """Return the compiled step that all trainers of equal layers, loss and optimizer share."""
    transformation = optimizers.transformation(spec.optimizer)

    def step(params: Tree, opt_state: Any, buffers: Any, x: Any, y: Any, side: Any, rate: Any) -> dict[str, Any]:
        def cost(params: Tree, x: Any) -> Any:
            found = forward(spec, spec.layers, params, {**buffers, **side}, x)
            return losses.value(spec.loss, found.output, y, chain.of(side, "loss")), (found.buffers, found.outputs)

        # Indices have no gradient, and JAX refuses to be asked for one.
        asked = (0, 1) if spec.indices is None else (0,)
        (value, (new, outputs)), gradients = jax.value_and_grad(cost, asked, has_aux=True)(params, x)
        updates, opt_state = transformation.update(gradients[0], opt_state, params, learning_rate=rate)
        params = optax.apply_updates(params, updates)
        buffers = {**buffers, **new}
        inference = {}
        if spec.at_inference is not spec.layers:
            inference = forward(spec, spec.at_inference, params, {**buffers, **side}, x).outputs
        return {
            "outputs": outputs,
            "loss": value,
            "dx": gradients[-1],
            "gradients": gradients[0],
            "params": params,
            "opt_state": opt_state,
            "buffers": buffers,
            "inference": inference,
        }

    return jax.jit(step, compiler_options=_compiler_options())


_QUICK = {"xla_backend_optimization_level": 0}


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
