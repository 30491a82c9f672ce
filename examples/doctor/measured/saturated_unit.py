"""What was said of network 3, one saturated unit, and the 1-1-1 network."""

import numpy as np

from measured import FALSE, TRUE, apart, claims_of, figures, gradients, within

CLAIMS, claim = claims_of()


@claim("The cost is 1 and the gradient is 0", FALSE)
def gradient_of_saturated() -> tuple[str, bool]:
    """The two ways to write σ′."""
    values = figures("saturated_unit")
    right, rounded = values["dC/dw from sigma(z) sigma(-z)"], values["dC/dw from a (1 - a)"]
    return (
        f"it is {right:.2e}, from σ′(50) = σ(50)σ(−50) = {values['sigma(z) sigma(-z)']:.7e}: not zero, and "
        f"useless; a(1 − a) rounds to {rounded:.0f}",
        0 < right < 1e-19 and rounded == 0,
    )


@claim("σ(50) is not 1, it rounds to 1", TRUE)
def rounds() -> tuple[str, bool]:
    """In float64."""
    a, away = 1 / (1 + np.exp(-50.0)), 1 / (1 + np.exp(50.0))
    return (
        f"in float64 1/(1 + e⁻⁵⁰) == 1 is {bool(a == 1)}; the distance is σ(−50) = {away:.2e}, and the next "
        f"number below 1 is {1 - np.nextafter(1.0, 0.0):.1e} away",
        bool(a == 1) and away > 0,
    )


@claim("The frameworks know better", FALSE)
def frameworks_round_too() -> tuple[str, bool]:
    """dC/dw by autograd."""
    found = {name: float(np.abs(g["unit.weight"]).max()) for name, g in gradients("saturated_unit").items()}
    said = ", ".join(f"{name} {g:.3g}" for name, g in found.items())
    return f"dC/dw: {said}", all((g == 0) == (name != "numpy") for name, g in found.items())


@claim("The four formulas for the gradient of the 1-1-1 network", TRUE)
def formulas() -> tuple[str, bool]:
    """Against the reference and the frameworks."""
    found = gradients("saturated_unit", "_1_1_1")
    right = np.concatenate([g.ravel() for g in found["numpy"].values()])
    off = float(np.abs(figures("saturated_unit")["gradient by the given formulas"] - right).max())
    worst = max(apart(g, found["numpy"]) for g in found.values())
    return (
        f"the reference, PyTorch, JAX and TensorFlow give the same four numbers ({within(max(off, worst))} apart)",
        max(off, worst) < 1e-13,
    )


@claim("With everything zero f(2) = σ(0·σ(0·2 + 0) + 0) = 0", FALSE)
def zero() -> tuple[str, bool]:
    """The forward pass."""
    f = float(figures("saturated_unit")["f(2), all weights zero"])
    return f"f(2) = σ(0) = {f:g}", f == 0.5


@claim("The step is v′ = v + η∇C", FALSE)
def adding() -> tuple[str, bool]:
    """A hundred steps either way."""
    v = figures("saturated_unit")
    before, plus, minus = (
        float(v[f"cost{k}"]) for k in [" before", ", 100 steps adding", ", 100 steps subtracting"]
    )
    return (
        f"that climbs: C goes from {before:.3f} to {plus:.3f} in 100 steps, and with a minus to {minus:.4f}",
        minus < before < plus,
    )
