"""Embeddings, positions, gated units."""

from backproof.initializers import Normal
from backproof.layers.combinators import Parallel
from backproof.layers.embedding import Embedding
from backproof.layers.gelu import GELU
from backproof.layers.glu import GLU
from backproof.layers.positions import ClassToken, LearnedPositions, SinusoidalPositions
from backproof.layers.relu import ReLU
from backproof.layers.silu import SiLU
from backproof.layers.tanh import Tanh
from backproof.losses import CrossEntropy
from backproof.optimizers import Adam
from backproof.spec import Shared
from cases.base import case, dense, title

_EMBEDDING = Embedding(vocabulary=7, units=4)
_PADDED = Embedding(vocabulary=3, units=4, padding_index=1)

CASES = (
    case("embedding", [_EMBEDDING, dense(3)], input_shape=(5,)),
    case("embedding of one index", [_EMBEDDING, Tanh(), dense(3)], input_shape=()),
    case("embedding with padding", [_PADDED, Tanh(), dense(3)], input_shape=(2, 3)),
    case(
        "embedding with rows that no index asks for",
        [_EMBEDDING, dense(3)],
        optimizer=Adam(learning_rate=0.01),
        input_shape=(1,),
    ),
    case("two embeddings added", [Parallel(branches=((_EMBEDDING,), (_EMBEDDING, dense(4))))], input_shape=(3,)),
    case(
        "tied embedding",
        [_EMBEDDING, LearnedPositions(), Tanh(), dense(7)],
        loss=CrossEntropy(),
        input_shape=(3,),
        shared=[Shared(parameter="dense1.weight", of="embedding1.weight", transposed=True)],
    ),
    case(
        "tied embedding with padding",
        [_PADDED, Tanh(), dense(3)],
        input_shape=(5,),
        shared=[Shared(parameter="dense1.weight", of="embedding1.weight", transposed=True)],
    ),
    case(
        "learned positions",
        [dense(4), LearnedPositions(table_initializer=Normal(std=0.5)), Tanh(), dense(3)],
        input_shape=(5, 2),
    ),
    case("sinusoidal positions", [dense(6), SinusoidalPositions(), Tanh(), dense(3)], input_shape=(5, 2)),
    case(
        "sinusoidal positions, sines first",
        [dense(6), SinusoidalPositions(base=30.0, pairs="halves"), Tanh(), dense(3)],
        input_shape=(5, 2),
    ),
    case("class token", [dense(4), ClassToken(), Tanh(), dense(3)], input_shape=(5, 2)),
    case("glu", [dense(6), GLU(), dense(2)], input_shape=(5, 4)),
    *(
        case(title(g), [dense(6), g, dense(2)])
        for g in (
            GLU(activation=SiLU(), gate="first"),
            GLU(activation=GELU()),
            GLU(activation=GELU(approximate="tanh"), gate="first"),
            GLU(activation=ReLU()),
        )
    ),
)
