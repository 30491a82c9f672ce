"""All weights one (2-3-3-2, sigmoid), in PyTorch.

Asked: every weight and bias starts at 1, and after 1000 iterations the outputs are (0.6, 0.2) for both
observations, whatever the targets. What is wrong?

The calculation: cost C = sum of (a - y)^2 over both observations; nn.Linear, autograd, torch.optim.SGD.

What comes out: the same figures as by hand. The network sits on a plateau and leaves it after iteration
5,000.
"""

import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)

# 1. Data and initial weights

x = torch.tensor([[0.8, 0.4], [0.3, 0.3]])  # (2 observations, 2 features)
y = torch.tensor([[0.2, 0.4], [1.0, 0.0]])  # (2 observations, 2 outputs)


def initial() -> nn.ModuleList:
    layers = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 3), nn.Linear(3, 2)])
    for parameter in layers.parameters():
        nn.init.ones_(parameter)
    return layers


# 2. Forward


def forward(layers: nn.ModuleList) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """z1, z2, z3 and a0 = x, a1, a2, a3."""
    zs, activations = [], [x]
    for layer in layers:
        zs.append(layer(activations[-1]))
        activations.append(torch.sigmoid(zs[-1]))
    return zs, activations


def cost(a3: torch.Tensor) -> torch.Tensor:
    return nn.functional.mse_loss(a3, y, reduction="sum")


# 3. Backward


def augmented(layer: nn.Linear) -> torch.Tensor:
    """The gradient as one matrix, bias row first. nn.Linear keeps its weight as (out, in): transposed."""
    return torch.vstack([layer.bias.grad, layer.weight.grad.T])


# 4. Update


def train(layers: nn.ModuleList, rate: float, iterations: int) -> None:
    optimizer = torch.optim.SGD(layers.parameters(), lr=rate)
    for _ in range(iterations):
        optimizer.zero_grad()
        cost(forward(layers)[1][3]).backward()
        optimizer.step()


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    layers = initial()
    zs, a = forward(layers)
    (sigma_prime,) = torch.autograd.grad(a[3].sum(), zs[2], retain_graph=True)
    dC_da3, delta3 = torch.autograd.grad(cost(a[3]), [a[3], zs[2]], retain_graph=True)
    cost(a[3]).backward()
    result = {"z1": zs[0], "a1": a[1], "z2": zs[1], "a2": a[2], "z3": zs[2], "a3": a[3]}
    result |= {"dC/da3": dC_da3, "sigma'(z3)": sigma_prime, "delta3": delta3}
    result |= {f"dC/dW{i}": augmented(layer) for i, layer in enumerate(layers, start=1)}

    # The published a3 is off by one in its seventh digit, and what follows it was worked out from it.
    z3 = torch.logit(torch.tensor([[0.9806908] * 2, [0.9803864] * 2])).requires_grad_()
    printed = torch.sigmoid(z3)
    (sigma_prime,) = torch.autograd.grad(printed.sum(), z3, retain_graph=True)
    dC_da3, delta3 = torch.autograd.grad(cost(printed), [printed, z3])
    result |= {"dC/da3 from the printed a3": dC_da3, "sigma'(z3) from the printed a3": sigma_prime}
    result |= {"delta3 from the printed a3": delta3, "dC/db3 from the printed a3": delta3.sum(dim=0)}

    done = 0
    for iterations in [999, 1000, 5000, 10_000]:  # one run, looked at four times
        train(layers, 0.5, iterations - done)
        done = iterations
        result[f"outputs, rate 0.5, {iterations} iterations"] = forward(layers)[1][3]
    weights = [layer.weight for layer in layers[:2]]  # rows are units
    spreads = [(W.amax(dim=0) - W.amin(dim=0)).max() for W in weights]
    result["spread of the equal units"] = torch.stack(spreads).max()
    layers = initial()
    train(layers, 3.0, 1000)
    result["outputs, rate 3, 1000 iterations"] = forward(layers)[1][3]
    return {name: value.detach().numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
