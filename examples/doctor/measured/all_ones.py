"""What was said of network 1, all weights one."""

import numpy as np

from backproof import ModelSpec, implementation, read_spec
from backproof.files import read_data
from measured import EXAMPLES, FALSE, TRUE, apart, claims_of, figures, gradients, more_figures, script, within

CLAIMS, claim = claims_of()


def cost_of(outputs: np.ndarray) -> float:
    """The cost of network 1."""
    return float(np.sum((outputs - script("all_ones")["y"]) ** 2))


@claim("Something is wrong with these gradients", FALSE)
def gradients_of_all_ones() -> tuple[str, bool]:
    """Against the reference and the frameworks."""
    found = gradients("all_ones")
    worst = max(apart(found[name], found["numpy"]) for name in found)
    own = figures("all_ones")["dC/dW3"]
    off = np.abs(own[1:] - found["numpy"]["output.weight"]).max()
    return (
        f"the reference, PyTorch, JAX and TensorFlow give the same gradients ({within(worst)} apart), "
        f"and the asker's are theirs",
        worst < 1e-13 and off < 1e-15,
    )


@claim("It fails because all weights start equal", FALSE)
def symmetry() -> tuple[str, bool]:
    """The same run for longer, and the same with its symmetry broken."""
    values = figures("all_ones") | more_figures("all_ones")
    later = values["outputs, rate 0.5, 10000 iterations"]
    broken = values["outputs, symmetry broken, 1000 iterations"]
    return (
        f"the units stay equal for ever (spread {values['spread of the equal units']:.0f}), and the very same run "
        f"reaches ({later[0, 0]:.4f}, {later[0, 1]:.4f}), ({later[1, 0]:.4f}, {later[1, 1]:.4f}) after 10,000 "
        f"iterations; with the weights disturbed by 10 % it is at ({broken[0, 0]:.2f}, {broken[0, 1]:.2f}), "
        f"({broken[1, 0]:.2f}, {broken[1, 1]:.2f}) after 1000 all the same",
        cost_of(later) < 0.01 and cost_of(broken) > 0.39,
    )


@claim("It is stuck for good", FALSE)
def plateau() -> tuple[str, bool]:
    """The cost along the run, and at a higher rate."""
    values = figures("all_ones")
    slope = values["sigma'(z3)"]
    costs = [cost_of(values[f"outputs, rate 0.5, {n} iterations"]) for n in (1000, 5000, 10000)]
    fast = cost_of(values["outputs, rate 3, 1000 iterations"])
    return (
        f"it starts saturated (σ′ = {slope[0, 0]:.4f} and {slope[1, 0]:.4f} of at most 0.25) and sits on a "
        f"plateau, the column means (0.6, 0.2): C is {costs[0]:.3f} after 1000 iterations, {costs[1]:.3f} after "
        f"5000 and {costs[2]:.4f} after 10,000; at rate 3 it is {fast:.4f} after 1000",
        costs[0] > 0.39 and costs[1] > 0.35 and costs[2] < 0.001 and fast < 0.001,
    )


@claim("The outputs printed after 1000 iterations belong to these weights", TRUE)
def rate_of_all_ones() -> tuple[str, bool]:
    """The rate was not published."""
    values = more_figures("all_ones")
    miss, best = values["miss at rate 0.5"], values["best rate"]
    fields = read_spec(EXAMPLES / "all_ones" / "spec.json").model_dump(mode="json")
    data = read_data(EXAMPLES / "all_ones" / "data.json")[:2]
    updates = []
    for reduction, rate in [("sum", 0.5), ("batch_mean", 1.0)]:
        changed = {
            "loss": fields["loss"] | {"reduction": reduction},
            "optimizer": {"type": "sgd", "learning_rate": rate},
        }
        updates.append(
            implementation.load("numpy").build(ModelSpec.model_validate(fields | changed)).step(*data).updates
        )
    off = apart(*updates)
    return (
        f"rate 0.5 reproduces all four to {miss:.1e} (the best fit is {best:.4f}); the mean over the two "
        f"observations at rate 1 makes the same updates ({within(off)} apart)",
        miss < 3e-7 and abs(best - 0.5) < 1e-3 and off < 1e-13,
    )
