"""Optimizers without Adam: where ε stands, what is remembered, and what a default is."""

from functools import partial

import jax.numpy as jnp
import keras
import numpy as np
import optax
from differences import Measured, difference
from keras import optimizers
from torch import optim
from updates import SMALL, compare_updates

MOMENTUM = np.float64(0.9)


@difference(
    "Momentum of Keras in float64",
    cause="Keras casts it with tf.cast(0.9, float64), which goes through float32: 0.9 - 2.4e-8.",
    mapping="Pass np.float64(0.9).",
    naive={"keras": 4.1e-8},
)
def momentum_of_keras() -> Measured:
    """Passes 0.9. Betas, weight decay and initial accumulators are cast alike."""
    return compare_updates(
        ("torch", partial(optim.SGD, lr=0.1, momentum=0.9)),
        {
            "keras": (
                partial(optimizers.SGD, 0.1, momentum=0.9),
                partial(optimizers.SGD, 0.1, momentum=np.float64(0.9)),
            )
        },
    )


@difference(
    "Learning rate of Keras in float64",
    cause="An optimizer keeps its rate in a variable of floatx, float32 at first, whatever the weights are.",
    mapping="keras.config.set_floatx('float64') before the optimizer is made.",
    naive={"keras": 1.5e-8},
)
def learning_rate_of_keras() -> Measured:
    """Makes the optimizer while floatx is float32; the weights are float64."""

    def made_in_float32():
        keras.config.set_floatx("float32")
        optimizer = optimizers.SGD(0.1)
        keras.config.set_floatx("float64")
        return optimizer

    return compare_updates(
        ("torch", partial(optim.SGD, lr=0.1)), {"keras": (made_in_float32, partial(optimizers.SGD, 0.1))}
    )


@difference(
    "Gradient descent",
    cause="The same formula; the rate by default is 1e-3 in torch, 1e-2 in Keras, and required in optax.",
    mapping="Say the rate.",
    naive={"keras": 9.0, "optax": 0.0},
)
def gradient_descent() -> Measured:
    """Leaves the rate to the framework, where it may be left."""
    return compare_updates(
        ("torch", optim.SGD),
        {"keras": (optimizers.SGD, partial(optimizers.SGD, 1e-3)), "optax": partial(optax.sgd, 1e-3)},
    )


@difference(
    "Momentum at a constant rate",
    cause="torch and optax remember the sum of the gradients, Keras -rate times it: at a constant rate they are "
    "the same, with Nesterov's correction and without. torch's dampening is the exception: it spares the first "
    "step.",
    mapping="dampening=0, as is the default.",
    naive={"keras": 0.0, "optax": 0.0, "torch dampening": 0.069, "keras nesterov": 0.47},
)
def momentum_at_a_constant_rate() -> Measured:
    """Makes 5 steps; forgets to ask for Nesterov's correction in one case, dampens in another."""
    plain = partial(optimizers.SGD, 0.1, momentum=MOMENTUM)
    nesterov = ("torch", partial(optim.SGD, lr=0.1, momentum=0.9, nesterov=True))
    torch_plain = partial(optim.SGD, lr=0.1, momentum=0.9)
    return compare_updates(
        ("torch", torch_plain),
        {
            "keras": plain,
            "optax": partial(optax.sgd, 0.1, momentum=0.9),
            "torch dampening": (partial(torch_plain, dampening=0.1), torch_plain),
        },
    ) | compare_updates(nesterov, {"keras nesterov": (plain, partial(plain, nesterov=True))})


@difference(
    "Adagrad by default",
    cause="The sum of squares starts at 0 in torch, at 0.1 in Keras and optax; ε is 1e-10 and beside the root in "
    "torch, 1e-7 and under it in Keras and optax.",
    mapping="Without ε all agree (see Adagrad without epsilon). With it, write it out, as here twice.",
    naive={"keras": 1.0, "keras epsilon": 0.98, "optax": 1.0},
)
def adagrad() -> Measured:
    """Takes the defaults; and, as "keras epsilon", the same start and ε, which still stands elsewhere."""

    class Beside(optimizers.Adagrad):
        def update_step(self, gradient, variable, learning_rate):
            total = self._accumulators[self._get_variable_index(variable)]
            total.assign(total + gradient**2)
            variable.assign(variable - learning_rate * gradient / (keras.ops.sqrt(total) + 1e-10))

    def beside(gradient, total, _):
        total = total + gradient**2
        return -0.1 * gradient / (jnp.sqrt(total) + 1e-10), total

    from_zero = partial(optimizers.Adagrad, 0.1, initial_accumulator_value=0.0, epsilon=1e-10)
    in_keras = partial(Beside, 0.1, initial_accumulator_value=0.0)
    in_optax = partial(optax.GradientTransformation, jnp.zeros_like, beside)
    return compare_updates(
        ("torch", partial(optim.Adagrad, lr=0.1)),
        {
            "keras": (partial(optimizers.Adagrad, 0.1), in_keras),
            "keras epsilon": (from_zero, in_keras),
            "optax": (partial(optax.adagrad, 0.1), in_optax),
        },
        SMALL,
    )


@difference(
    "Adagrad without epsilon",
    cause="Where no ε stands, its place does not count.",
    mapping="None is needed but np.float64(0.1); without a start above 0, a gradient of 0 makes 0 / 0.",
    naive={"keras": 0.0, "optax": 0.0},
)
def adagrad_without_epsilon() -> Measured:
    """Passes ε = 0 and the start 0.1 everywhere."""
    start = {"initial_accumulator_value": np.float64(0.1)}
    return compare_updates(
        ("torch", partial(optim.Adagrad, lr=0.1, eps=0.0, **start)),
        {
            "keras": partial(optimizers.Adagrad, 0.1, epsilon=0.0, **start),
            "optax": partial(optax.adagrad, 0.1, eps=0.0, **start),
        },
    )


@difference(
    "Adagrad of Keras and optax",
    cause="The same formula and defaults; but Keras casts its start of 0.1 through float32.",
    mapping="initial_accumulator_value=np.float64(0.1).",
    reference="optax",
    naive={"keras": 2.9e-9},
)
def adagrad_of_keras_and_optax() -> Measured:
    """Takes the defaults."""
    return compare_updates(
        ("optax", partial(optax.adagrad, 0.1)),
        {
            "keras": (
                partial(optimizers.Adagrad, 0.1),
                partial(optimizers.Adagrad, 0.1, initial_accumulator_value=np.float64(0.1)),
            )
        },
    )


@difference(
    "RMSprop by default",
    cause="The decay is 0.99 in torch, 0.9 in Keras and optax; ε is 1e-8 beside the root in torch, 1e-7 under it "
    "in Keras, 1e-8 under it in optax.",
    mapping="Say decay and ε; optax.rmsprop(eps_in_sqrt=False) is torch's, with eps_in_sqrt=True Keras'.",
    naive={"optax": 1.0, "optax centered": 1.0},
)
def rmsprop_by_default() -> Measured:
    """Takes the defaults, on gradients of 1e-6."""
    as_torch = partial(optax.rmsprop, 0.1, decay=0.99, eps=1e-8, eps_in_sqrt=False)
    plain = compare_updates(
        ("torch", partial(optim.RMSprop, lr=0.1)), {"optax": (partial(optax.rmsprop, 0.1), as_torch)}, SMALL
    )
    return plain | compare_updates(
        ("torch", partial(optim.RMSprop, lr=0.1, centered=True)),
        {"optax centered": (partial(optax.rmsprop, 0.1, centered=True), partial(as_torch, centered=True))},
        SMALL,
    )


@difference(
    "RMSprop of Keras and torch",
    cause="ε is under the root in Keras, beside it in torch: at gradients below ε^½ they differ.",
    mapping="None by arguments; a subclass of either, or optax, which knows both.",
    naive={"keras": 1.0, "keras momentum": 1.0},
)
def rmsprop_of_keras_and_torch() -> Measured:
    """Passes the same decay 0.9 and ε = 1e-8, without and with momentum."""

    class Beside(optimizers.RMSprop):
        def update_step(self, gradient, variable, learning_rate):
            index = self._get_variable_index(variable)
            v = self._velocities[index]
            v.assign(0.9 * v + (1 - 0.9) * gradient**2)
            step = learning_rate * gradient / (keras.ops.sqrt(v) + 1e-8)
            if self.momentum:
                step = self._momentums[index].assign(MOMENTUM * self._momentums[index] + step)
            variable.assign(variable - step)

    measured = {}
    for who, momentum in {"keras": 0.0, "keras momentum": MOMENTUM}.items():
        same = {"learning_rate": 0.1, "momentum": momentum}
        measured |= compare_updates(
            ("torch", partial(optim.RMSprop, lr=0.1, alpha=0.9, eps=1e-8, momentum=momentum)),
            {
                who: (
                    partial(optimizers.RMSprop, rho=np.float64(0.9), epsilon=1e-8, **same),
                    partial(Beside, **same),
                )
            },
            SMALL,
        )
    return measured


@difference(
    "RMSprop of Keras and optax",
    cause="The same formula: ε under the root, the rate within the momentum.",
    mapping="The same decay and ε, which are not the same by default.",
    reference="keras",
    naive={"optax": 2.2, "optax momentum": 2.2, "optax centered": 2.2},
)
def rmsprop_of_keras_and_optax() -> Measured:
    """Leaves ε at each framework's default, on gradients of 1e-6."""
    measured = {}
    for name, options in {"": {}, " momentum": {"momentum": MOMENTUM}, " centered": {"centered": True}}.items():
        own = partial(optax.rmsprop, 0.1, **options)
        measured |= compare_updates(
            ("keras", partial(optimizers.RMSprop, 0.1, rho=np.float64(0.9), **options)),
            {f"optax{name}": (own, partial(own, eps=1e-7))},
            SMALL,
        )
    return measured


@difference(
    "Adadelta by default",
    cause="Rate, decay and ε are 1, 0.9 and 1e-6 in torch, 0.001, 0.95 and 1e-7 in Keras; optax has torch's "
    "decay and ε and requires a rate. ε is under the root in all.",
    mapping="Say all three.",
    naive={"keras": 1.0, "optax": 0.0},
)
def adadelta() -> Measured:
    """Takes the defaults."""
    return compare_updates(
        ("torch", optim.Adadelta),
        {
            "keras": (optimizers.Adadelta, partial(optimizers.Adadelta, 1.0, rho=np.float64(0.9), epsilon=1e-6)),
            "optax": partial(optax.adadelta, 1.0),
        },
    )


@difference(
    "Lion by default",
    cause="optax decays weights by 1e-3 unless told, Keras does not; torch.optim has no Lion.",
    mapping="weight_decay=0 in optax.",
    reference="keras",
    naive={"optax": 2.1e-3},
)
def lion() -> Measured:
    """Takes the defaults."""
    native = partial(optax.lion, 0.1)
    return compare_updates(
        ("keras", partial(optimizers.Lion, 0.1)), {"optax": (native, partial(native, weight_decay=0.0))}
    )


@difference(
    "Muon by default",
    cause="torch orthogonalizes in bfloat16, whatever the dtype is; it scales the rate by √max(1, rows / "
    "columns), Keras by 0.2 √max(rows, columns), and decays weights by 0.1, Keras by 0.004. optax corrects its "
    "momentum's bias.",
    mapping="adjust_lr_fn='match_rms_adamw' and the same decay; what is left is bfloat16. In optax without "
    "Nesterov's correction the formulas agree, but for float32 coefficients.",
    reference="keras",
    naive={"torch": 2.0, "optax": 1.5},
    left={"torch": 0.027, "optax": 5e-8},
)
def muon() -> Measured:
    """Takes the defaults."""
    plain = partial(optimizers.Muon, 0.1, weight_decay=None, momentum=MOMENTUM)
    in_torch = compare_updates(
        ("keras", plain),
        {
            "torch": (
                partial(optim.Muon, lr=0.1),
                partial(optim.Muon, lr=0.1, momentum=0.9, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"),
            )
        },
    )
    return in_torch | compare_updates(
        ("keras", partial(plain, nesterov=False)),
        {
            "optax": (
                partial(optax.contrib.muon, 0.1),
                partial(optax.contrib.muon, 0.1, beta=0.9, nesterov=False, consistent_rms=0.2, eps=1e-7),
            )
        },
    )
