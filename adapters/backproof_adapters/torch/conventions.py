"""Optimizers for the conventions that torch.optim does not have, written the way torch.optim writes its own.

They keep their state under torch's own keys. Each can be copied out of here and used without the rest.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class ByHand(torch.optim.Optimizer):
    """w ← w + Δ; a subclass gives Δ from the gradient and the state.

    L2 decay (`weight_decay`) is added to the gradient; decoupled decay (`decoupled_weight_decay`) takes
    η · decay · w off the weight, past all moments: what Keras calls weight_decay on every optimizer, and what
    torch has in AdamW only.
    """

    buffers: tuple[str, ...] = ()
    """The state's tensors of the parameter's shape; they start at `initial`."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        weight_decay: float = 0.0,
        decoupled_weight_decay: float = 0.0,
        initial: float = 0.0,
        **own: Any,
    ) -> None:
        common = {"lr": lr, "weight_decay": weight_decay, "decoupled_weight_decay": decoupled_weight_decay}
        super().__init__(params, {**common, "initial": initial, **own})

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
            state.update({name: torch.full_like(w, group["initial"]) for name in self.buffers})
        state["step"] += 1
        if group["weight_decay"]:
            g = g.add(w, alpha=group["weight_decay"])
        delta = self.delta(g, state, group)
        if group["decoupled_weight_decay"]:
            delta = delta.sub(w, alpha=group["lr"] * group["decoupled_weight_decay"])
        w.add_(delta)


class SGD(ByHand):
    """Δ = −ηg. By hand because torch.optim.SGD has no decoupled decay."""

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        return torch.mul(g, -group["lr"])


class Momentum(ByHand):
    """`velocity="gradients"`: v ← μv + g; Δ = −ηv, or −η(g + μv) with Nesterov.

    `velocity="updates"` (Keras): v ← μv − ηg; Δ = v, or μv − ηg with Nesterov. By hand because
    torch.optim.SGD knows the first only, has no decoupled decay, and keeps no velocity where μ is 0.
    """

    buffers = ("momentum_buffer",)

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        lr, momentum, v = group["lr"], group["momentum"], state["momentum_buffer"]
        if group["velocity"] == "gradients":
            v.mul_(momentum).add_(g)
            return torch.mul(g.add(v, alpha=momentum) if group["nesterov"] else v, -lr)
        v.mul_(momentum).sub_(g, alpha=lr)
        return torch.mul(v, momentum).sub_(g, alpha=lr) if group["nesterov"] else v


class Adagrad(ByHand):
    """s ← s + g²; Δ = −ηg / (√s + ε), or −ηg / √(s + ε) with `inside`.

    By hand because torch.optim.Adagrad has ε outside only, and no decoupled decay.
    """

    buffers = ("sum",)

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        s = state["sum"].addcmul_(g, g)
        return torch.mul(g / _root(s, group["eps"], group["inside"]), -group["lr"])


class RMSprop(ByHand):
    """s ← ρs + (1 − ρ)g²; Δ = −ηg / (√s + ε), or −ηg / √(s + ε) with `inside`.

    By hand because torch.optim.RMSprop has ε outside only, and no decoupled decay.
    """

    buffers = ("square_avg",)

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        s = state["square_avg"].mul_(group["alpha"]).addcmul_(g, g, value=1.0 - group["alpha"])
        return torch.mul(g / _root(s, group["eps"], group["inside"]), -group["lr"])


class KerasAdam(ByHand):
    """m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; Δ = −η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).

    By hand because torch.optim.Adam adds ε to √(v / (1 − β₂ᵗ)): the same as an ε that changes with t.
    """

    buffers = ("exp_avg", "exp_avg_sq")

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        (beta1, beta2), t = group["betas"], state["step"].item()
        m = state["exp_avg"].mul_(beta1).add_(g, alpha=1.0 - beta1)
        v = state["exp_avg_sq"].mul_(beta2).addcmul_(g, g, value=1.0 - beta2)
        rate = group["lr"] * math.sqrt(1.0 - beta2**t) / (1.0 - beta1**t)
        return torch.mul(m / (v.sqrt() + group["eps"]), -rate)


def _root(s: Tensor, epsilon: float, inside: bool) -> Tensor:
    """Return √s + ε or √(s + ε)."""
    return (s + epsilon).sqrt() if inside else s.sqrt() + epsilon
