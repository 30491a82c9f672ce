"""Two layers without bias (3-4-1, sigmoid), in PyTorch.

Asked: in this loop of a well-known tutorial the weights are changed by `weight += a.T @ dC_dw`. Why does that
work, and not `weight -= rate * dC_dw`, as gradient descent is written everywhere else?

The calculation: cost C = 1/2 sum of (a - y)^2, 1000 iterations at rate 1, first with the names used there,
then with nn.Linear, autograd and torch.optim.SGD.

What comes out: the same weights, to rounding. What was called dC_dw is -delta, as autograd's dC/dz shows.
"""

import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)

# 1. Data and initial weights

x = torch.tensor([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])  # (4 observations, 3 features)
y = torch.tensor([[0.0], [1], [1], [0]])  # (4 observations, 1 output)


def initial() -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.RandomState(1)  # the same stream as np.random.seed(1), without the global state
    weight1 = rng.random_sample((3, 4))
    weight2 = rng.random_sample((4, 1))
    return torch.from_numpy(weight1), torch.from_numpy(weight2)


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer1 = nn.Linear(3, 4, bias=False)
        self.layer2 = nn.Linear(4, 1, bias=False)
        weight1, weight2 = initial()
        with torch.no_grad():  # nn.Linear keeps its weight as (out, in)
            self.layer1.weight.copy_(weight1.T)
            self.layer2.weight.copy_(weight2.T)

    # 2. Forward

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        z1 = self.layer1(x)
        a1 = torch.sigmoid(z1)  # (4, 4): 4 observations, 4 units
        z2 = self.layer2(a1)
        a2 = torch.sigmoid(z2)  # (4, 1)
        return z1, a1, z2, a2


def cost(a2: torch.Tensor) -> torch.Tensor:
    return 0.5 * nn.functional.mse_loss(a2, y, reduction="sum")


# 3. Backward


def as_asked(a1: torch.Tensor, a2: torch.Tensor, weight2: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The names of the question. Neither is dC/dw: see the shapes."""
    delta2 = y - a2  # (4, 1): minus dC/da2
    dC_dw2 = delta2 * a2 * (1 - a2)  # (4, 1), one per observation: minus dC/dz2
    # (4, 4), one per observation and unit: minus dC/dz1
    dC_dw1 = (dC_dw2 * weight2.T) * a1 * (1 - a1)
    return dC_dw1, dC_dw2


# 4. Update


def train_as_asked(iterations: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    weight1, weight2 = initial()
    for _ in range(iterations):
        a1 = torch.sigmoid(x @ weight1)
        a2 = torch.sigmoid(a1 @ weight2)
        dC_dw1, dC_dw2 = as_asked(a1, a2, weight2)
        weight2 = weight2 + a1.T @ dC_dw2
        weight1 = weight1 + x.T @ dC_dw1
    return weight1, weight2, a2  # the outputs of the last forward pass, before the last update


def train(iterations: int, rate: float = 1.0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    network = Network()
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    for _ in range(iterations):
        optimizer.zero_grad()
        *_, a2 = network(x)
        cost(a2).backward()
        optimizer.step()
    return network.layer1.weight.T, network.layer2.weight.T, a2


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    network = Network()
    weight1, weight2 = network.layer1.weight, network.layer2.weight  # (4, 3) and (1, 4)
    z1, a1, z2, a2 = network(x)
    delta1, delta2, gradient1, gradient2 = torch.autograd.grad(cost(a2), [z1, z2, weight1, weight2])
    result = {
        "weight1": weight1.T,
        "weight2": weight2.T,
        "a1": a1,
        "a2": a2,
        "delta1": delta1,
        "delta2": delta2,
    }
    result |= {"dC/dweight1": gradient1.T, "dC/dweight2": gradient2.T}

    dC_dw1, dC_dw2 = as_asked(a1, a2, weight2.T)
    asked, ours = train_as_asked(1000), train(1000)
    result |= {"dC_dw1 as asked": dC_dw1, "dC_dw2 as asked": dC_dw2}
    result |= {
        "outputs as asked": asked[2],
        "outputs": ours[2],
        "trained weight1": ours[0],
        "trained weight2": ours[1],
    }
    differences = [(p - q).abs().max() for p, q in zip(asked, ours, strict=True)]
    result["difference of the two trainings"] = torch.stack(differences).max()
    return {name: value.detach().numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
