"""Optimizers for the conventions that torch.optim does not have, written the way torch.optim writes its own.

They keep their state under torch's own keys. Each can be copied out of here and used without the rest.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class ByHand(torch.optim.Optimizer):
    """w ← w + Δ; a subclass gives Δ from the gradient and the state.

    L2 decay is added to the gradient; with `decoupled_weight_decay` η · decay · w comes off the weight, past all
    moments: what Keras calls weight_decay on every optimizer, and what torch has in AdamW and NAdam only.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        initial: float = 0.0,
        **own: Any,
    ) -> None:
        common = {"lr": lr, "weight_decay": weight_decay, "decoupled_weight_decay": decoupled_weight_decay}
        super().__init__(params, {**common, "initial": initial, **own})

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        """Return the keys of the state's tensors of the parameter's shape; they start at `initial`."""
        return ()

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        """Return Δ and bring the state up to date; state["step"] already counts this update."""
        raise NotImplementedError

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Do one update of every parameter that has a gradient; return what the closure returns."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for w in group["params"]:
                if w.grad is not None:
                    self._update(w, w.grad, group)
        return loss

    def _update(self, w: Tensor, g: Tensor, group: dict[str, Any]) -> None:
        state = self.state[w]
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float64, device="cpu")
            state.update({name: torch.full_like(w, group["initial"]) for name in self.buffers(group)})
        state["step"] += 1
        decay = group["weight_decay"]
        if decay and not group["decoupled_weight_decay"]:
            g = g.add(w, alpha=decay)
        delta = self.delta(g, state, group)
        if decay and group["decoupled_weight_decay"]:
            delta = delta.sub(w, alpha=group["lr"] * decay)
        w.add_(delta)


def root(s: Tensor, epsilon: float, inside: bool) -> Tensor:
    """Return √s + ε or √(s + ε)."""
    return (s + epsilon).sqrt() if inside else s.sqrt() + epsilon
