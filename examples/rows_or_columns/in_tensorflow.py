"""Rows or columns (64-30-10, sigmoid, mini-batches, real digits), in TensorFlow.

Asked: a well-known book keeps examples as columns and a neuron as a row of W, and loops over the examples of
a mini-batch; the author of the thread keeps examples as rows and a neuron as a column of W, and takes the
mini-batch at once. Is it the same? And: must the gradient be averaged? Can 30 epochs reach 90 %? Is a rate of
3 far too large? Why do weights from [0, 1) get stuck?

The calculation: cost C = 1/2 sum of (a - y)^2, averaged over mini-batches of 10, rate 3, 30 epochs of
scikit-learn's digits, in rows with Keras Dense layers and in columns with W @ a + b, from the same weights
and in the same order.

What comes out: the same weights, transposed, to rounding, and the same percentages as by hand. Dense keeps
its kernel as the thread does, (in, out).
"""

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.config.set_floatx("float64")

Weights = tuple[tf.Tensor, ...]  # W1, b1, W2, b2

# 1. Data and initial weights

images, digits = load_digits(return_X_y=True)
split = train_test_split(images / 16, digits, test_size=0.25, random_state=0)
x, x_test, digit, digit_test = (tf.constant(array) for array in split)
y = tf.one_hot(digit, 10, dtype=tf.float64)  # (1347 examples, 10)
epochs, batch, rate = 30, 10, 3.0


def initial(low: float, high: float, seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    return tuple(tf.constant(rng.uniform(low, high, size)) for size in [(64, 30), 30, (30, 10), 10])


def order(seed: int = 0) -> tf.Tensor:
    """(mini-batches, 10): which examples; each epoch in a new order, without the seven that fill no batch."""
    rng = np.random.default_rng([seed, 1])
    orders = [rng.permutation(len(x))[:1340].reshape(-1, batch) for _ in range(epochs)]
    return tf.constant(np.concatenate(orders))


# 2. Forward


def in_rows(p: Weights) -> keras.Sequential:
    """The thread's: x is (10, 64), a neuron a column of W."""
    dense = [keras.layers.Dense(30, activation="sigmoid"), keras.layers.Dense(10, activation="sigmoid")]
    network = keras.Sequential([keras.Input((64,)), *dense])
    network.set_weights(p)
    return network


def in_columns(p: Weights, a0: tf.Tensor) -> tf.Tensor:
    """The book's: a0 is (64, 10), a neuron a row of W, a bias a column."""
    W1, b1, W2, b2 = p  # (30, 64), (30, 1), (10, 30), (10, 1)
    a1 = tf.sigmoid(W1 @ a0 + b1)
    return tf.sigmoid(W2 @ a1 + b2)


def accuracy(network: keras.Sequential) -> tf.Tensor:
    """Percent of the test quarter, in rows."""
    right = tf.argmax(network(x_test), axis=1) == digit_test
    return 100 * tf.reduce_mean(tf.cast(right, tf.float64))


# 3. Backward


def cost(a2: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """In rows or in columns; batch is the number of examples, which reduce_mean would not divide by."""
    return 0.5 * tf.reduce_sum((a2 - y) ** 2) / batch


def by_rows(network: keras.Sequential, x: tf.Tensor, y: tf.Tensor) -> list[tf.Tensor]:
    with tf.GradientTape() as tape:
        C = cost(network(x), y)
    return tape.gradient(C, network.trainable_variables)


def by_columns(p: Weights, x: tf.Tensor, y: tf.Tensor) -> list[tf.Tensor]:
    with tf.GradientTape() as tape:
        tape.watch(p)
        C = cost(in_columns(p, tf.transpose(x)), tf.transpose(y))
    return tape.gradient(C, p)


def to_columns(p: Weights) -> Weights:
    W1, b1, W2, b2 = p
    return tf.transpose(W1), b1[:, tf.newaxis], tf.transpose(W2), b2[:, tf.newaxis]


def to_rows(p: Weights) -> Weights:
    W1, b1, W2, b2 = p
    return tf.transpose(W1), b1[:, 0], tf.transpose(W2), b2[:, 0]


# 4. Update


def train_rows(p: Weights) -> keras.Sequential:
    network = in_rows(p)
    optimizer = keras.optimizers.SGD(learning_rate=rate)
    optimizer.build(network.trainable_variables)

    @tf.function
    def run(order: tf.Tensor) -> None:
        for chosen in order:  # tf.function makes this one loop in the graph
            gradients = by_rows(network, tf.gather(x, chosen), tf.gather(y, chosen))
            optimizer.apply(gradients, network.trainable_variables)

    run(order())
    return network


@tf.function
def train_columns(p: Weights, order: tf.Tensor) -> Weights:
    for chosen in order:
        gradients = by_columns(p, tf.gather(x, chosen), tf.gather(y, chosen))
        p = tuple(p_i - rate * g for p_i, g in zip(p, gradients, strict=True))
    return p


# 5. Figures


def largest_difference(p: Weights, q: Weights) -> tf.Tensor:
    return tf.reduce_max([tf.reduce_max(tf.abs(p_i - q_i)) for p_i, q_i in zip(p, q, strict=True)])


def figures() -> dict[str, np.ndarray]:
    names = ["W1", "b1", "W2", "b2"]
    start, first = initial(-1, 1), order()[0]
    x_first, y_first = tf.gather(x, first), tf.gather(y, first)
    gradients = by_rows(in_rows(start), x_first, y_first)
    column_gradients = to_rows(by_columns(to_columns(start), x_first, y_first))
    result = {f"first gradient of {name}": g for name, g in zip(names, gradients, strict=True)}
    result["difference of rows and columns, first gradient"] = largest_difference(gradients, column_gradients)

    network = train_rows(start)
    rows = tuple(p.value for p in network.trainable_variables)
    columns = to_rows(train_columns(to_columns(start), order()))
    result |= {f"{name} after 30 epochs": p for name, p in zip(names, rows, strict=True)}
    result["difference of rows and columns, 30 epochs"] = largest_difference(rows, columns)
    result["accuracy from [-1, 1), before"] = accuracy(in_rows(start))
    result["accuracy from [-1, 1), rows"] = accuracy(network)
    result["accuracy from [-1, 1), columns"] = accuracy(in_rows(columns))
    result["accuracy from [0, 1), rows"] = accuracy(train_rows(initial(0, 1)))
    return {name: value.numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
