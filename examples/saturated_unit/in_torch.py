"""One saturated unit, and the 1-1-1 network with biases (sigmoid), in PyTorch.

Asked: a = 1, y = 0, so the cost (a - y)^2 is 1; z = 50, w = 0.8, the previous activation is 62.5. Why is the
gradient 0?

The calculation: sigma'(50) by autograd and as sigma(z) sigma(-z). Then the gradient of the 1-1-1 network f(x)
= sigma(w3 sigma(w2 x + b2) + b3), C = (y - f)^2, by autograd and by formula, and the step with either sign.

What comes out: autograd multiplies by a(1 - a), which is 0 in float64: it returns exactly 0 where
1.9287498e-22 is right.
"""

import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)

# 1. Data and initial weights

z, w, a_previous, target = (torch.tensor(v) for v in [50.0, 0.8, 62.5, 0.0])

x, y = torch.tensor([[2.0]]), torch.tensor([[1.0]])
parameters = torch.tensor([0.8, -0.3, -1.2, 0.5])  # w2, b2, w3, b3


def network(values: torch.Tensor) -> nn.Sequential:
    layers = nn.Sequential(nn.Linear(1, 1), nn.Sigmoid(), nn.Linear(1, 1), nn.Sigmoid())
    nn.utils.vector_to_parameters(values.clone(), layers.parameters())  # w2, b2, w3, b3; it does not copy
    return layers


# 2. Forward


def cost(layers: nn.Sequential) -> torch.Tensor:
    return nn.functional.mse_loss(layers(x), y)


# 3. Backward


def backward(layers: nn.Sequential) -> torch.Tensor:
    return torch.stack([g.squeeze() for g in torch.autograd.grad(cost(layers), list(layers.parameters()))])


def by_formula(values: torch.Tensor) -> torch.Tensor:
    """The four formulas as they were given in answer."""
    w2, b2, w3, b3 = values
    z2 = w2 * x.squeeze() + b2
    z3 = w3 * torch.sigmoid(z2) + b3
    dC_db3 = -2 * (y.squeeze() - torch.sigmoid(z3)) * torch.sigmoid(z3) * torch.sigmoid(-z3)
    dC_db2 = dC_db3 * w3 * torch.sigmoid(z2) * torch.sigmoid(-z2)
    return torch.stack([dC_db2 * x.squeeze(), dC_db2, dC_db3 * torch.sigmoid(z2), dC_db3])


# 4. Update


def train(sign: float, rate: float = 1.0, iterations: int = 100) -> nn.Sequential:
    layers = network(parameters)
    optimizer = torch.optim.SGD(layers.parameters(), lr=rate, maximize=sign > 0)
    for _ in range(iterations):
        optimizer.zero_grad()
        cost(layers).backward()
        optimizer.step()
    return layers


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    w_leaf = w.clone().requires_grad_()
    z_of_w = w_leaf * a_previous
    a = torch.sigmoid(z_of_w)
    C = (a - target) ** 2
    (sigma_prime,) = torch.autograd.grad(a, z_of_w, retain_graph=True)
    (dC_dw,) = torch.autograd.grad(C, w_leaf)
    right = torch.sigmoid(z) * torch.sigmoid(-z)
    result = {
        "w a_previous": z_of_w,
        "a": a,
        "cost": C,
        "a (1 - a)": a * (1 - a),
        "sigma(z) sigma(-z)": right,
    }
    # In these two autograd returns 0; the right values are 1.9287498e-22 and 2.41e-20.
    result |= {"sigma'(z)": sigma_prime, "dC/dw": dC_dw}
    result["dC/dw from a (1 - a)"] = 2 * (a - target) * a * (1 - a) * a_previous
    result["dC/dw from sigma(z) sigma(-z)"] = 2 * (a - target) * right * a_previous

    zero = network(torch.zeros(4))
    result |= {"f(2), all weights zero": zero(x).squeeze(), "gradient, all weights zero": backward(zero)}
    layers = network(parameters)
    result |= {"f(2)": layers(x).squeeze(), "gradient": backward(layers)}
    result["gradient by the given formulas"] = by_formula(parameters)
    result |= {"cost before": cost(layers), "cost, 100 steps subtracting": cost(train(-1.0))}
    result["cost, 100 steps adding"] = cost(train(+1.0))
    return {name: value.detach().numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
