"""Two layers without bias (3-4-1, sigmoid), in TensorFlow.

Asked: in this loop of a well-known tutorial the weights are changed by `weight += a.T @ dC_dw`. Why does that
work, and not `weight -= rate * dC_dw`, as gradient descent is written everywhere else?

The calculation: cost C = 1/2 sum of (a - y)^2, 1000 iterations at rate 1, first with the names used there,
then with Keras Dense layers, GradientTape and keras.optimizers.SGD.

What comes out: the same weights, to rounding. What was called dC_dw is -delta, as the tape's dC/dz shows.
"""

import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")

# 1. Data and initial weights

x = tf.constant([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], tf.float64)  # (4 observations, 3 features)
y = tf.constant([[0], [1], [1], [0]], tf.float64)  # (4 observations, 1 output)


def initial() -> tuple[tf.Tensor, tf.Tensor]:
    rng = np.random.RandomState(1)  # the same stream as np.random.seed(1), without the global state
    weight1 = rng.random_sample((3, 4))
    weight2 = rng.random_sample((4, 1))
    return tf.constant(weight1), tf.constant(weight2)


class Network(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.layer1 = keras.layers.Dense(4, use_bias=False)
        self.layer2 = keras.layers.Dense(1, use_bias=False)
        self(x)  # builds the two kernels, (3, 4) and (4, 1)
        self.set_weights(initial())

    # 2. Forward

    def call(self, x: tf.Tensor) -> tuple[tf.Tensor, ...]:
        z1 = self.layer1(x)
        a1 = tf.sigmoid(z1)  # (4, 4): 4 observations, 4 units
        z2 = self.layer2(a1)
        a2 = tf.sigmoid(z2)  # (4, 1)
        return z1, a1, z2, a2


def cost(a2: tf.Tensor) -> tf.Tensor:
    return 0.5 * tf.reduce_sum((a2 - y) ** 2)


# 3. Backward


def as_asked(a1: tf.Tensor, a2: tf.Tensor, weight2: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The names of the question. Neither is dC/dw: see the shapes."""
    delta2 = y - a2  # (4, 1): minus dC/da2
    dC_dw2 = delta2 * a2 * (1 - a2)  # (4, 1), one per observation: minus dC/dz2
    # (4, 4), one per observation and unit: minus dC/dz1
    dC_dw1 = (dC_dw2 * tf.transpose(weight2)) * a1 * (1 - a1)
    return dC_dw1, dC_dw2


# 4. Update


@tf.function
def train_as_asked(iterations: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    weight1, weight2 = initial()
    a2 = y
    for _ in tf.range(iterations):
        a1 = tf.sigmoid(x @ weight1)
        a2 = tf.sigmoid(a1 @ weight2)
        dC_dw1, dC_dw2 = as_asked(a1, a2, weight2)
        weight2 = weight2 + tf.transpose(a1) @ dC_dw2
        weight1 = weight1 + tf.transpose(x) @ dC_dw1
    return weight1, weight2, a2  # the outputs of the last forward pass, before the last update


def train(iterations: int, rate: float = 1.0) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    network = Network()
    optimizer = keras.optimizers.SGD(learning_rate=rate)
    optimizer.build(network.trainable_variables)

    @tf.function
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            *_, a2 = network(x)
            C = cost(a2)
        optimizer.apply(tape.gradient(C, network.trainable_variables), network.trainable_variables)
        return a2

    for _ in range(iterations):
        a2 = step()
    return network.layer1.kernel.value, network.layer2.kernel.value, a2


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    network = Network()
    weight1, weight2 = network.layer1.kernel.value, network.layer2.kernel.value
    with tf.GradientTape() as tape:
        z1, a1, z2, a2 = network(x)
        C = cost(a2)
    delta1, delta2, gradient1, gradient2 = tape.gradient(C, [z1, z2, weight1, weight2])
    result = {"weight1": weight1, "weight2": weight2, "a1": a1, "a2": a2, "delta1": delta1, "delta2": delta2}
    result |= {"dC/dweight1": gradient1, "dC/dweight2": gradient2}

    dC_dw1, dC_dw2 = as_asked(a1, a2, weight2)
    asked, ours = train_as_asked(tf.constant(1000)), train(1000)
    result |= {"dC_dw1 as asked": dC_dw1, "dC_dw2 as asked": dC_dw2}
    result |= {
        "outputs as asked": asked[2],
        "outputs": ours[2],
        "trained weight1": ours[0],
        "trained weight2": ours[1],
    }
    differences = [tf.reduce_max(tf.abs(p - q)) for p, q in zip(asked, ours, strict=True)]
    result["difference of the two trainings"] = tf.reduce_max(differences)
    return {name: value.numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
