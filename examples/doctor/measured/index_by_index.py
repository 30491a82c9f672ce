"""What was said of network 5, index by index."""

from backproof import Network, read_spec
from backproof.files import read_data
from backproof.gradcheck import index_by_index
from measured import EXAMPLES, FALSE, SGD_ONLY, TRUE, apart, claims_of, figures, gradients, within
from measured.all_ones import cost_of

CLAIMS, claim = claims_of()


@claim("(1) The derivatives with one index per neuron are right", TRUE)
def loops() -> tuple[str, bool]:
    """The loops as written, against the reference and the frameworks."""
    found = gradients("index_by_index")
    spec = read_spec(EXAMPLES / "index_by_index" / "spec.json")
    start = list(Network(spec).initial_state().parameters.values())
    x, y = read_data(EXAMPLES / "index_by_index" / "data.json")[:2]
    weights, biases = index_by_index(start[::2], start[1::2], x, y)
    theirs = [g for pair in zip(weights, biases, strict=True) for g in pair]
    worst = max(
        apart(g, found["numpy"]) for g in [dict(zip(found["numpy"], theirs, strict=True)), *found.values()]
    )
    return (
        f"the loops, the matrices, PyTorch, JAX and TensorFlow give the same gradients ({within(worst)} apart)",
        worst < 1e-13,
    )


@claim("(2) v′ = v − g, with g the mean of the gᵢ, is the right use of them", TRUE)
def of_the_mean() -> tuple[str, bool]:
    """The mean of the loops' gᵢ against the gradient of the mean cost, and one step."""
    values = figures("index_by_index")
    off = float(values["difference of g and the mean of g_i"])
    before, after = float(values["C before"]), float(values["C after v - g"])
    return (
        f"the mean of the gᵢ is the gradient of C ({within(off)} off), and one step takes C from {before:.4f} to "
        f"{after:.4f}",
        off < 1e-15 and after < before,
    )


@claim("Averaging is unnecessary, it only rescales", SGD_ONLY)
def rescales() -> tuple[str, bool]:
    """Twenty steps of the sum at rate / T against the mean."""
    values = figures("index_by_index")
    off = {
        kind: float(values[f"sum at rate / T against mean: {kind}"]) for kind in ["sgd", "decay", "clip", "adam"]
    }
    return (
        f"sum at rate / T against mean, largest weight difference after 20 steps: SGD {within(off['sgd'])}, with "
        f"weight decay {off['decay']:.2f}, with clipping {off['clip']:.2f}, Adam {off['adam']:.2f}",
        off["sgd"] < 1e-12 and min(off["decay"], off["clip"], off["adam"]) > 0.1,
    )


@claim("(3) Never scale the step by more than 1, the error will diverge to infinity", FALSE)
def bound() -> tuple[str, bool]:
    """The rate at which descent leaves a minimum, against 2 / λmax of the Hessian there."""
    values = figures("index_by_index")
    bounds = {k: float(values[f"2 / lambda_max, {k}"]) for k in ["2-3-3-2", "3-4-1"]}
    rates = {k: float(values[f"rate of divergence, {k}"]) for k in bounds}
    learnt, far = (float(values[f"network 1, rate {rate}, 1000 iterations: C"]) for rate in [3, 1000])
    edge = float(values["network 1, rate 3: 2 / lambda_max after 5000 iterations"])
    said = " and ".join(f"{rates[k]:.4f} ({k}; 2/λmax is {bounds[k]:.4f})" for k in bounds)
    return (
        f"descent starts to diverge at {said}; network 1 at rate 3 goes to C = {learnt:.4f} in 1000 iterations "
        f"(2/λmax is {edge:.1f} where it settles), and network 4 wants 3. C cannot go to infinity: at rate 1000 "
        f"it is {far:.1f}, since each (a − e)² is at most 1",
        all(abs(rates[k] / bounds[k] - 1) < 1e-5 for k in bounds) and learnt < 0.001 and far < 4,
    )


@claim("0.001 is a good rate", FALSE)
def small() -> tuple[str, bool]:
    """Network 1, 1000 iterations."""
    values = figures("index_by_index")
    slow, fast = (float(values[f"network 1, rate {rate}, 1000 iterations: C"]) for rate in [0.001, 3])
    start = cost_of(figures("all_ones")["a3"])
    return (
        f"with it network 1 goes from C = {start:.2f} to {slow:.2f} in 1000 iterations; at rate 3 to {fast:.4f}",
        slow > 0.9 * start and fast < 0.001,
    )
