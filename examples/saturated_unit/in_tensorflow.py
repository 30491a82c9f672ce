"""One saturated unit, and the 1-1-1 network with biases (sigmoid), in TensorFlow.

Asked: a = 1, y = 0, so the cost (a - y)^2 is 1; z = 50, w = 0.8, the previous activation is 62.5. Why is the
gradient 0?

The calculation: sigma'(50) by GradientTape and as sigma(z) sigma(-z). Then the gradient of the 1-1-1 network
f(x) = sigma(w3 sigma(w2 x + b2) + b3), C = (y - f)^2, by tape and by formula, and the step with either sign.

What comes out: the tape multiplies by a(1 - a), which is 0 in float64: it returns exactly 0 where
1.9287498e-22 is right.
"""

import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")

# 1. Data and initial weights

z, w, a_previous, target = (tf.constant(v, tf.float64) for v in [50.0, 0.8, 62.5, 0.0])

x, y = tf.constant([[2.0]], tf.float64), tf.constant([[1.0]], tf.float64)
parameters = tf.constant([0.8, -0.3, -1.2, 0.5], tf.float64)  # w2, b2, w3, b3


def network(values: tf.Tensor) -> keras.Sequential:
    layers = [keras.layers.Dense(1, activation="sigmoid"), keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([keras.Input((1,)), *layers])
    model.set_weights([v.reshape(p.shape) for v, p in zip(values.numpy(), model.weights, strict=True)])
    return model


# 2. Forward


def cost(model: keras.Sequential) -> tf.Tensor:
    return tf.reduce_sum((y - model(x)) ** 2)


# 3. Backward


def backward(model: keras.Sequential) -> tf.Tensor:
    with tf.GradientTape() as tape:
        C = cost(model)
    return tf.stack([tf.squeeze(g) for g in tape.gradient(C, model.trainable_variables)])


def by_formula(values: tf.Tensor) -> tf.Tensor:
    """The four formulas as they were given in answer."""
    w2, b2, w3, b3 = tf.unstack(values)
    z2 = w2 * tf.squeeze(x) + b2
    z3 = w3 * tf.sigmoid(z2) + b3
    dC_db3 = -2 * (tf.squeeze(y) - tf.sigmoid(z3)) * tf.sigmoid(z3) * tf.sigmoid(-z3)
    dC_db2 = dC_db3 * w3 * tf.sigmoid(z2) * tf.sigmoid(-z2)
    return tf.stack([dC_db2 * tf.squeeze(x), dC_db2, dC_db3 * tf.sigmoid(z2), dC_db3])


# 4. Update


def train(sign: float, rate: float = 1.0, iterations: int = 100) -> keras.Sequential:
    model = network(parameters)
    optimizer = keras.optimizers.SGD(learning_rate=rate)
    for _ in range(iterations):
        with tf.GradientTape() as tape:
            C = -sign * cost(model)  # SGD subtracts
        optimizer.apply(tape.gradient(C, model.trainable_variables), model.trainable_variables)
    return model


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(w)
        z_of_w = w * a_previous
        a = tf.sigmoid(z_of_w)
        C = (a - target) ** 2
    right = tf.sigmoid(z) * tf.sigmoid(-z)
    result = {
        "w a_previous": z_of_w,
        "a": a,
        "cost": C,
        "a (1 - a)": a * (1 - a),
        "sigma(z) sigma(-z)": right,
    }
    # In these two the tape returns 0; the right values are 1.9287498e-22 and 2.41e-20.
    result |= {"sigma'(z)": tape.gradient(a, z_of_w), "dC/dw": tape.gradient(C, w)}
    result["dC/dw from a (1 - a)"] = 2 * (a - target) * a * (1 - a) * a_previous
    result["dC/dw from sigma(z) sigma(-z)"] = 2 * (a - target) * right * a_previous

    zero = network(tf.zeros(4, tf.float64))
    result |= {"f(2), all weights zero": tf.squeeze(zero(x)), "gradient, all weights zero": backward(zero)}
    model = network(parameters)
    result |= {"f(2)": tf.squeeze(model(x)), "gradient": backward(model)}
    result["gradient by the given formulas"] = by_formula(parameters)
    result |= {"cost before": cost(model), "cost, 100 steps subtracting": cost(train(-1.0))}
    result["cost, 100 steps adding"] = cost(train(+1.0))
    return {name: value.numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, np.asarray(value), sep="\n", end="\n\n")
