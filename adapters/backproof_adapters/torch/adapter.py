"""The adapter: one spec as an nn.Sequential, a loss and a torch.optim optimizer, stepped and read back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from backproof.errors import BadInput
from backproof.fields import Array
from backproof.layers import chain
from backproof.optimizers import ACCUMULATED, AVERAGE
from backproof.spec import ModelSpec
from backproof.step import Network, State, StepRecord, check_state
from backproof_adapters.base import AS_IS, Layout
from backproof_adapters.torch import layers, losses, optimizers

DTYPES = {"float32": torch.float32, "float64": torch.float64}


class TorchAdapter:
    """PyTorch on the CPU, eagerly."""

    name = "torch"

    def versions(self) -> dict[str, str]:
        """Return the version of torch."""
        return {"torch": str(torch.__version__)}

    def build(self, spec: ModelSpec, dtype: Any = np.float64) -> "TorchTrainer":
        """Return a trainer in its initial state.

        Raises
        ------
        SpecError
            If there is no row for a layer, the loss or the optimizer.
        BadInput
            If the dtype is neither float32 nor float64.
        """
        return TorchTrainer(spec, dtype)


class TorchTrainer:
    """A spec in PyTorch: `module`, `loss` and `optimizer` are native objects, usable without this class.

    `module` is an nn.Sequential with the spec's layer names, `loss(output, target)` a 0-d tensor. After
    training natively (zero_grad, backward, optimizer.step), `state()` returns what was reached: every
    `optimizer.step()` is counted, and moves `average`, the AveragedModel, where the spec has one. Only `step`
    clips, follows a schedule and accumulates; natively these are `clip_gradients(spec.optimizer.clip, ...)`,
    `spec.optimizer.rate(trainer.steps)` times a group's "rate", and the loop in `optimizers.accumulation`.
    """

    def __init__(self, spec: ModelSpec, dtype: Any = np.float64) -> None:
        self.spec = spec
        self.dtype = np.dtype(dtype)
        if self.dtype.name not in DTYPES:
            raise BadInput(f"torch: expected dtype {' or '.join(DTYPES)}, found {self.dtype.name}")
        self.loss = losses.Loss(spec.loss)
        with _ordinary_mode():
            self._network = layers.build(spec, DTYPES[self.dtype.name])
            self.module, self._parameters = self._network.module, self._network.parameters
            named = dict(zip(self._parameters, self._tensors(), strict=True))
            self.optimizer, self._keys = optimizers.build(spec.optimizer, named)
            self.average: AveragedModel | None = None
            if spec.optimizer.average:
                self.average, self._averages = optimizers.averaged(spec.optimizer.average, self.module)
        self._count = _Count(self.module, self.average, spec.optimizer.accumulate)
        self.optimizer.register_step_post_hook(self._count)
        self.load(Network(spec).initial_state(self.dtype))

    @property
    def steps(self) -> int:
        """The number of steps done so far: `accumulate` of them to an update."""
        return self._count.steps

    def load(self, state: State) -> None:
        """Take over parameters, slots and step count, bit for bit in the trainer's dtype; nothing is aliased.

        Raises
        ------
        WeightsError
            If the state's names or shapes are not the spec's.
        """
        check_state(self.spec, state)
        fields, updates = self.spec.optimizer, state.step // self.spec.optimizer.accumulate
        with _ordinary_mode(), torch.no_grad():
            for name, (parameter, layout) in self._parameters.items():
                parameter.copy_(self._native(state.parameters[name], layout))
                slots = {slot: self._native(own[name], layout) for slot, own in state.slots.items()}
                parameter.grad = slots[ACCUMULATED] if state.step % fields.accumulate else None
                own = {key: slots[slot] for slot, key in self._keys.items()}
                own |= optimizers.counts(fields, self.optimizer, updates)
                self.optimizer.state[parameter].update(own)
                if self.average:
                    self._averages[parameter].copy_(slots[AVERAGE])
            for name, (buffer, layout) in self._network.buffers.items():
                buffer.copy_(self._native(state.buffers[name], layout))
            if self.average and fields.average:
                optimizers.set_updates(self.average, fields.average, updates)
        self._count.steps = state.step
        self._set_rate()

    def state(self) -> State:
        """Return copies of parameters, slots and buffers, and the step count."""
        slots = {slot: self._slot(slot) for slot in self.spec.optimizer.slot_names()}
        buffers = {name: _array(buffer, layout) for name, (buffer, layout) in self._network.buffers.items()}
        return State(self._canonical(self._tensors()), slots, buffers, self.steps)

    def _slot(self, slot: str) -> dict[str, Array]:
        if slot == ACCUMULATED:
            return self._canonical(self._sums())
        if slot == AVERAGE:
            return self._canonical([self._averages[w] for w in self._tensors()])
        found = [self.optimizer.state[w].get(self._keys[slot]) for w in self._tensors()]
        return self._canonical(found, self.spec.optimizer.initial_slot(slot))

    def _sums(self) -> list[Tensor | None]:
        """Return the gradients that earlier steps of this round of accumulation have left."""
        return [w.grad if self.steps % self.spec.optimizer.accumulate else None for w in self._tensors()]

    def step(self, x: Array, y: Array, side: Mapping[str, Array] | None = None) -> StepRecord:
        """Do one training step and return its record; gradients are recorded as they are before clipping.

        Raises
        ------
        DataError
            If the batch has other shapes than the spec says, or targets that the loss is not defined for.
        """
        batch = self.spec.check_batch(x, y, side, self.steps).astype(self.dtype)
        step, before = self.steps, self._canonical(self._tensors())
        with _ordinary_mode():
            inputs, target = self._fed(batch.x), self._fed(batch.y)
            if self.spec.indices is None:
                inputs.requires_grad_()
            fed = self._feed(batch.side)
            output, outputs = self._recorded(inputs)
            loss = self.loss(output, target, fed)
            earlier = self._sums()
            self.optimizer.zero_grad()
            loss.backward()
            gradients = self._canonical([w.grad for w in self._tensors()])
            for w in self._tensors():
                if w.grad is None and w.requires_grad:  # torch would skip it, without decay or momentum
                    w.grad = torch.zeros_like(w)
            if optimizers.accumulate(self._tensors(), earlier, self.spec.optimizer.accumulate, step):
                optimizers.clip_gradients(self.spec.optimizer.clip, self._tensors())
                self._set_rate()
                self.optimizer.step()
            else:
                self._count.steps += 1
            after = self.state()
            inference = self._inference(inputs) if self.spec.at_inference is not self.spec.layers else {}
        return StepRecord(
            step=step,
            outputs=outputs,
            loss=_array(loss),
            input_gradient=self._input_gradient(inputs),
            gradients=gradients,
            updates={name: after.parameters[name] - w for name, w in before.items()},
            parameters=after.parameters,
            slots=after.slots,
            buffers=after.buffers,
            inference=inference,
        )

    def _feed(self, side: Mapping[str, Array]) -> dict[str, Tensor]:
        """Hand every layer its side inputs; return those of the loss."""
        fed = {name: self._fed(array) for name, array in side.items()}
        for name, tensor in fed.items():
            path, _, own = name.rpartition(".")
            if path in self._network.layers:
                setattr(self._network.layers[path], own, tensor)
        return chain.of(fed, "loss")

    def _recorded(self, inputs: Tensor) -> tuple[Tensor, dict[str, Array]]:
        """Return the network's output, and by path the outputs of all layers."""
        outputs: dict[str, Array] = {}

        def keep(path: str) -> Callable[..., None]:
            return lambda module, given, output: outputs.update({path: _array(output)})

        hooks = [layer.register_forward_hook(keep(path)) for path, layer in self._network.layers.items()]
        try:
            return self.module(inputs), outputs
        finally:
            for hook in hooks:
                hook.remove()

    @torch.no_grad()
    def _inference(self, inputs: Tensor) -> dict[str, Array]:
        self.module.eval()
        try:
            return self._recorded(inputs)[1]
        finally:
            self.module.train()

    def _input_gradient(self, inputs: Tensor) -> Array | None:
        if self.spec.indices is not None:
            return None
        return np.zeros(inputs.shape, self.dtype) if inputs.grad is None else _array(inputs.grad)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle by value: torch's own copies of optimizers lose the hook that counts."""
        return _restored, (self.spec, self.dtype.name, self.state())

    def _set_rate(self) -> None:
        for group in self.optimizer.param_groups:
            rate = self.spec.optimizer.rate(self.steps) * group["rate"]
            # torch refuses to round it up to infinity, as arithmetic does.
            group["lr"] = np.inf if rate > np.finfo(self.dtype).max else rate

    def _tensors(self) -> list[nn.Parameter]:
        return [parameter for parameter, _ in self._parameters.values()]

    def _native(self, array: Array, layout: Layout = AS_IS) -> Tensor:
        """Return a tensor of its own memory."""
        return torch.from_numpy(np.array(layout.to_native(np.asarray(array)), self.dtype, order="C"))

    @staticmethod
    def _fed(array: Array) -> Tensor:
        """Return a tensor of its own memory: numbers, or indices."""
        return torch.from_numpy(np.array(array, order="C"))

    def _canonical(self, tensors: Sequence[Tensor | None], absent: float = 0.0) -> dict[str, Array]:
        """Return arrays of their own memory by name; `absent` fills what torch has not made yet."""
        return {
            name: np.full(self.spec.parameters[name].shape, absent, self.dtype)
            if tensor is None
            else _array(tensor, layout)
            for (name, (_, layout)), tensor in zip(self._parameters.items(), tensors, strict=True)
        }


@dataclass
class _Count:
    """The steps done, counted by the optimizer itself; no method of the trainer, which would be a cycle."""

    module: nn.Module
    average: AveragedModel | None
    accumulate: int
    steps: int = 0

    def __call__(self, *_: Any) -> None:
        self.steps = (self.steps // self.accumulate + 1) * self.accumulate
        if self.average:
            self.average.update_parameters(self.module)


def _array(tensor: Tensor, layout: Layout = AS_IS) -> Array:
    return np.array(layout.to_canonical(tensor.detach().cpu().numpy()), order="C")


def _restored(spec: ModelSpec, dtype: str, state: State) -> TorchTrainer:
    (trainer := TorchTrainer(spec, dtype)).load(state)
    return trainer


@contextmanager
def _ordinary_mode() -> Iterator[None]:
    """Compute as torch does by default, also inside a caller's no_grad, inference_mode or autocast."""
    with torch.inference_mode(False), torch.enable_grad(), torch.autocast("cpu", enabled=False):
        yield
