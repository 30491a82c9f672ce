"""Index by index (3-5-4-2, sigmoid), in PyTorch.

Asked: with one index per neuron and no matrices, C_i = sum_j (a_ij - e_ij)^2 for observation i and C the mean
of C_i over T observations: (1) are these derivatives right? (2) is v' = v - g, with g the mean of the g_i,
the right use of them? (3) may the step be scaled? Answered in public: averaging only rescales; never scale by
more than 1, or the error diverges to infinity; 0.001 is a good rate.

The calculation: every g_i at once by vmap over grad, and g by autograd; sum against mean under four
optimizers; and the rate at which descent starts to diverge against 2 / lambda_max, the largest eigenvalue of
the Hessian from torch.func.hessian.

What comes out: the loops of in_numpy.py to rounding, and the same answers.
"""

from itertools import pairwise

import numpy as np
import torch
from torch.func import grad, hessian, vmap

torch.set_default_dtype(torch.float64)

Network = tuple[tuple[int, ...], torch.Tensor, torch.Tensor]  # layer sizes, x (T, in), e (T, out)

# 1. Data and initial weights: all weights and biases stand in one vector v = (W1, b1, W2, b2, ...)


def count(sizes: tuple[int, ...]) -> int:
    return sum((m + 1) * n for m, n in pairwise(sizes))


rng = np.random.default_rng(5)
sizes, T = (3, 5, 4, 2), 6
v_start = torch.from_numpy(rng.standard_normal(count(sizes)))
network: Network = (
    sizes,
    torch.from_numpy(rng.uniform(size=(T, 3))),
    torch.from_numpy(rng.uniform(size=(T, 2))),
)


def layers(v: torch.Tensor, sizes: tuple[int, ...]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The (W, b) of each layer, W as (in, out)."""
    pairs = []
    for m, n in pairwise(sizes):
        W, b, v = v[: m * n].reshape(m, n), v[m * n : (m + 1) * n], v[(m + 1) * n :]
        pairs.append((W, b))
    return pairs


# 2. Forward


def forward(v: torch.Tensor, sizes: tuple[int, ...], x: torch.Tensor) -> torch.Tensor:
    a = x
    for W, b in layers(v, sizes):
        a = torch.sigmoid(a @ W + b)
    return a


def costs(v: torch.Tensor, network: Network) -> torch.Tensor:
    """C_i, one per observation; C is their mean."""
    sizes, x, e = network
    return torch.sum((forward(v, sizes, x) - e) ** 2, dim=-1)


# 3. Backward


def by_observation(v: torch.Tensor, network: Network) -> torch.Tensor:
    """g_i, the derivatives of C_i, one row per observation."""
    sizes, x, e = network
    return vmap(lambda x_i, e_i: grad(costs)(v, (sizes, x_i, e_i)))(x, e)


def mean_cost(v: torch.Tensor, network: Network) -> torch.Tensor:
    return costs(v, network).mean()


# 4. Update


def train(kind: str, rate: float, summed: bool, steps: int = 20) -> torch.Tensor:
    v = v_start.clone().requires_grad_()
    if kind == "adam":
        optimizer: torch.optim.Optimizer = torch.optim.Adam([v], lr=rate, eps=0.0)
    else:
        optimizer = torch.optim.SGD([v], lr=rate, weight_decay=0.03125 if kind == "decay" else 0.0)
    for _ in range(steps):
        optimizer.zero_grad()
        C = costs(v, network)
        (C.sum() if summed else C.mean()).backward()
        if kind == "clip":  # by hand: clip_grad_norm_ divides by the norm plus 1e-6
            v.grad *= min(1.0, 0.125 / v.grad.norm())
        optimizer.step()
    return v.detach()


def descend(v: torch.Tensor, network: Network, rate: float, iterations: int) -> torch.Tensor:
    v = v.clone().requires_grad_()
    optimizer = torch.optim.SGD([v], lr=rate)
    for _ in range(iterations):
        optimizer.zero_grad()
        mean_cost(v, network).backward()
        optimizer.step()
    return v.detach()


def rate_of_divergence(v: torch.Tensor, network: Network) -> tuple[torch.Tensor, torch.Tensor]:
    """2 / lambda_max at the minimum v, and the measured rate above which a small step away from v grows."""
    values, vectors = torch.linalg.eigh(hessian(mean_cost)(v, network))
    bound, away = 2 / values[-1], 1e-4 * vectors[:, -1] * torch.sign(vectors[:, -1].sum())
    low, high = bound / 2, bound * 2
    for _ in range(20):
        rate = (low + high) / 2
        grows = (descend(v + away, network, float(rate), 200) - v).norm() > away.norm()
        low, high = (low, rate) if grows else (rate, high)
    return bound, high


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    g_i = by_observation(v_start, network)  # (T, weights)
    g = grad(mean_cost)(v_start, network)
    result = {"C_i": costs(v_start, network), "g_i": g_i, "g": g}
    result["difference of g and the mean of g_i"] = (g - g_i.mean(dim=0)).abs().max()
    result["C before"] = mean_cost(v_start, network)
    result["C after v - g"] = mean_cost(v_start - g, network)

    for kind, rate in [("sgd", 0.5), ("decay", 0.5), ("clip", 0.5), ("adam", 0.01)]:
        mean, rescaled, same = train(kind, rate, False), train(kind, rate / T, True), train(kind, rate, True)
        result[f"v after 20 steps of {kind}"] = mean
        result[f"sum at rate / T against mean: {kind}"] = (rescaled - mean).abs().max()
        result[f"sum at the same rate against mean: {kind}"] = (same - mean).abs().max()

    # Targets that the network reaches exactly at seeded weights: a minimum that is known.
    for name, sizes, x in [
        ("2-3-3-2", (2, 3, 3, 2), torch.tensor([[0.8, 0.4], [0.3, 0.3]])),
        ("3-4-1", (3, 4, 1), torch.tensor([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])),
    ]:
        v = torch.from_numpy(np.random.default_rng(0).standard_normal(count(sizes)))
        bound, measured = rate_of_divergence(v, (sizes, x, forward(v, sizes, x)))
        result |= {f"2 / lambda_max, {name}": bound, f"rate of divergence, {name}": measured}
        result[f"rate of divergence / bound, {name}"] = measured / bound

    # Network 1, all weights one. Its cost is the sum over two observations: twice the mean, twice the rate.
    one: Network = (
        (2, 3, 3, 2),
        torch.tensor([[0.8, 0.4], [0.3, 0.3]]),
        torch.tensor([[0.2, 0.4], [1.0, 0.0]]),
    )
    for rate, iterations in [(0.001, 1000), (1000, 1000), (3, 1000)]:
        v = descend(torch.ones(29), one, 2 * rate, iterations)
        result[f"network 1, rate {rate}, {iterations} iterations: C"] = costs(v, one).sum()
    v = descend(v, one, 6, 4000)
    lambda_max = 2 * torch.linalg.eigvalsh(hessian(mean_cost)(v, one))[-1]  # of the sum
    result["network 1, rate 3: 2 / lambda_max after 5000 iterations"] = 2 / lambda_max
    return {name: value.numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
