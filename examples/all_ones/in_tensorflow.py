"""All weights one (2-3-3-2, sigmoid), in TensorFlow.

Asked: every weight and bias starts at 1, and after 1000 iterations the outputs are (0.6, 0.2) for both
observations, whatever the targets. What is wrong?

The calculation: cost C = sum of (a - y)^2 over both observations; Keras Dense layers, GradientTape,
keras.optimizers.SGD.

What comes out: the same figures as by hand. The network sits on a plateau and leaves it after iteration
5,000.
"""

import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")

# 1. Data and initial weights

x = tf.constant([[0.8, 0.4], [0.3, 0.3]], tf.float64)  # (2 observations, 2 features)
y = tf.constant([[0.2, 0.4], [1.0, 0.0]], tf.float64)  # (2 observations, 2 outputs)


def initial() -> keras.Sequential:
    ones = {"kernel_initializer": "ones", "bias_initializer": "ones"}
    # No activation here: z is wanted too, so the sigmoid is applied in forward().
    return keras.Sequential([keras.Input((2,)), *[keras.layers.Dense(n_out, **ones) for n_out in [3, 3, 2]]])


# 2. Forward


def forward(model: keras.Sequential) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """z1, z2, z3 and a0 = x, a1, a2, a3."""
    zs, activations = [], [x]
    for layer in model.layers:
        zs.append(layer(activations[-1]))
        activations.append(tf.sigmoid(zs[-1]))
    return zs, activations


def cost(a3: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum((a3 - y) ** 2)


# 3. Backward


def augmented(kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """The gradient as one matrix, bias row first."""
    return tf.concat([bias[tf.newaxis], kernel], axis=0)


def from_z3(z3: tf.Tensor) -> dict[str, tf.Tensor]:
    """The last layer backwards: dC/da3, sigma'(z3) and delta3 = dC/dz3, from one tape."""
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z3)
        a3 = tf.sigmoid(z3)
        C = cost(a3)
    return {
        "dC/da3": tape.gradient(C, a3),
        "sigma'(z3)": tape.gradient(a3, z3),
        "delta3": tape.gradient(C, z3),
    }


def gradient(model: keras.Sequential) -> list[tf.Tensor]:
    with tf.GradientTape() as tape:
        C = cost(forward(model)[1][3])
    return tape.gradient(C, model.trainable_variables)


# 4. Update


@tf.function
def train(model: keras.Sequential, optimizer: keras.Optimizer, iterations: tf.Tensor) -> None:
    for _ in tf.range(iterations):
        optimizer.apply(gradient(model), model.trainable_variables)


def sgd(model: keras.Sequential, rate: float) -> keras.Optimizer:
    optimizer = keras.optimizers.SGD(learning_rate=rate)
    optimizer.build(model.trainable_variables)  # its variables must exist before tf.function traces it
    return optimizer


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    model = initial()
    zs, a = forward(model)
    result = {"z1": zs[0], "a1": a[1], "z2": zs[1], "a2": a[2], "z3": zs[2], "a3": a[3]}
    result |= from_z3(zs[2])
    g = gradient(model)
    result |= {f"dC/dW{i}": augmented(g[2 * i - 2], g[2 * i - 1]) for i in [1, 2, 3]}

    # The published a3 is off by one in its seventh digit, and what follows it was worked out from it.
    a3 = tf.constant([[0.9806908] * 2, [0.9803864] * 2], tf.float64)
    printed = from_z3(tf.math.log(a3 / (1 - a3)))
    result |= {f"{name} from the printed a3": value for name, value in printed.items()}
    result["dC/db3 from the printed a3"] = tf.reduce_sum(printed["delta3"], axis=0)

    optimizer, done = sgd(model, 0.5), 0
    for iterations in [999, 1000, 5000, 10_000]:  # one run, looked at four times
        train(model, optimizer, tf.constant(iterations - done))
        done = iterations
        result[f"outputs, rate 0.5, {iterations} iterations"] = forward(model)[1][3]
    kernels = [layer.kernel for layer in model.layers[:2]]  # columns are units
    spreads = [tf.reduce_max(tf.reduce_max(W, axis=1) - tf.reduce_min(W, axis=1)) for W in kernels]
    result["spread of the equal units"] = tf.reduce_max(spreads)
    model = initial()
    train(model, sgd(model, 3.0), tf.constant(1000))
    result["outputs, rate 3, 1000 iterations"] = forward(model)[1][3]
    return {name: value.numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
