"""Importing and using an adapter leaves every global setting as it was, in a process of its own."""

import os
import subprocess
import sys

import pytest

SETTINGS = {
    "torch": """
import torch
def settings():
    return (torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled(),
            torch.get_rng_state().numpy().tobytes(), torch.are_deterministic_algorithms_enabled(),
            torch.get_float32_matmul_precision(), torch.get_default_device())
""",
    "jax": """
import jax
def settings():
    return {name: jax.config.values[name] for name in sorted(jax.config.values)}
""",
    "tensorflow": """
import keras, numpy, random, tensorflow as tf
def settings():
    return (keras.config.floatx(), keras.config.epsilon(), keras.config.backend(), tf.executing_eagerly(),
            tf.config.threading.get_inter_op_parallelism_threads(),
            tf.config.threading.get_intra_op_parallelism_threads(),
            tf.config.experimental.tensor_float_32_execution_enabled(),
            keras.mixed_precision.dtype_policy().name, random.getstate(), numpy.random.get_state()[1].tobytes())
""",
}

USE = """
before = settings()
import numpy as np
from backproof import ModelSpec, implementation
from backproof.layers.dense import Dense
from backproof.layers.tanh import Tanh
from backproof.losses import SquaredError
from backproof.optimizers import Adam
spec = ModelSpec(input_shape=(4,), layers=(Dense(units=5), Tanh(), Dense(units=3)), loss=SquaredError(),
                 optimizer=Adam(learning_rate=0.1))
for dtype in (np.float64, np.float32):
    trainer = implementation.load({name!r}).build(spec, dtype)
    x, y = spec.random_batch()
    for _ in range(2):
        trainer.step(x.astype(dtype), y.astype(dtype))
    trainer.load(trainer.state())
    try:
        trainer.step(x[:, :2].astype(dtype), y.astype(dtype))
    except Exception:
        pass
    else:
        raise SystemExit("a batch of another shape was accepted")
assert settings() == before, (before, settings())
assert {name: os.environ.get(name) for name in environment} == environment  # torch adds some, for itself
"""


def test_global_settings_are_left_alone(framework: str) -> None:
    pytest.importorskip(framework)
    start = "import os; environment = dict(os.environ)"
    code = start + SETTINGS[framework] + USE.replace("{name!r}", repr(framework))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
