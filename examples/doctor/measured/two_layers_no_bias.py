"""What was said of network 2, two layers without bias."""

import numpy as np

from measured import FALSE, TRUE, claims_of, figures, script, within

CLAIMS, claim = claims_of()


@claim("`weight += a.T @ dC_dw` trains the network", TRUE)
def plus() -> tuple[str, bool]:
    """Against the descent of the reference."""
    values = figures("two_layers_no_bias")
    outputs = values["outputs as asked"].ravel()
    same = values["difference of the two trainings"]
    return (
        f"outputs {', '.join(f'{a:.4f}' for a in outputs)} for targets 0, 1, 1, 0 after 1000 iterations; "
        f"`weight -= a.T @ δ` gives the same weights ({within(float(same))} apart)",
        float(np.abs(outputs - [0, 1, 1, 0]).max()) < 0.1 and same < 1e-12,
    )


@claim("The arrays called `dC_dw` are the gradients of the weights", FALSE)
def names() -> tuple[str, bool]:
    """Against δ, the gradient with respect to z."""
    values = figures("two_layers_no_bias")
    pairs = [("dC_dw1 as asked", "delta1"), ("dC_dw2 as asked", "delta2")]
    off = max(float(np.abs(values[own] + values[delta]).max()) for own, delta in pairs)
    shapes = [f"{values[own].shape} for a weight of {values[w].shape}" for own, w in
              [("dC_dw1 as asked", "weight1"), ("dC_dw2 as asked", "weight2")]]  # fmt: skip
    return (
        f"they are −δ, the negated gradient of ½Σ(a − y)² with respect to z ({within(off)} off), one row per "
        f"observation: {shapes[0]}, {shapes[1]}; the gradient is a.T @ δ, and the plus is two minus signs",
        off < 1e-15,
    )


@claim("`weight -= rate * dC_dw`, as in the textbook, should work as well", FALSE)
def minus() -> tuple[str, bool]:
    """With these arrays, as they are and with the transpose."""
    own = script("two_layers_no_bias")
    x, y = own["x"], own["y"]
    weight1, weight2 = own["initial"]()
    first = None
    for _ in range(1000):
        a1, a2 = own["forward"](weight1, weight2)
        first = first if first is not None else float(np.sum((a2 - y) ** 2) / 2)
        dC_dw1, dC_dw2 = own["as_asked"](a1, a2, weight2)
        weight2, weight1 = weight2 - a1.T @ dC_dw2, weight1 - x.T @ dC_dw1
    last = float(np.sum((a2 - y) ** 2) / 2)
    fits = dC_dw1.shape == weight1.shape
    return (
        f"with these names, {dC_dw1.shape} cannot be subtracted from {weight1.shape}; with the transpose it "
        f"climbs, ½Σ(a − y)² from {first:.3f} to {last:.3f} in 1000 iterations",
        not fits and first is not None and last > first,
    )
