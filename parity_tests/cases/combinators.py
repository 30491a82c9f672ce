"""Blocks within blocks, branches, and parameters that are shared."""

from backproof.layers.combinators import Parallel, Residual, Sequence
from backproof.layers.relu import ReLU
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.tanh import Tanh
from backproof.spec import Shared
from cases.base import case, dense

_BLOCK = Residual(layers=(dense(5), Tanh(), dense(4)))

CASES = (
    case("sequence", [Sequence(layers=(dense(5), Tanh())), dense(3)]),
    case("residual", [_BLOCK, dense(3)]),
    case("residual within residual", [dense(4), Residual(layers=(Sigmoid(), _BLOCK)), Tanh(), dense(3)]),
    case("parallel then add", [Parallel(branches=((dense(5), Tanh()), (dense(5),))), dense(3)]),
    case(
        "parallel then concatenate",
        [Parallel(branches=((), (dense(5), Tanh()), (dense(2),)), combination="concatenate"), dense(3)],
    ),
    case(
        "blocks in branches",
        [Parallel(branches=((_BLOCK, Sequence(layers=(dense(3), ReLU()))), (dense(3),))), Sigmoid()],
    ),
    case(
        "one weight in two layers",
        [dense(4), Tanh(), dense(4), Tanh(), dense(3)],
        shared=[Shared(parameter="dense2.weight", of="dense1.weight")],
    ),
    case(
        "a weight and its transpose",
        [dense(5), Tanh(), dense(4)],
        shared=[Shared(parameter="dense2.weight", of="dense1.weight", transposed=True)],
    ),
    case(
        "the same block twice",
        [_BLOCK, Tanh(), _BLOCK.model_copy(update={"name": "again"})],
        shared=[Shared(parameter="again", of="residual1")],
    ),
)
