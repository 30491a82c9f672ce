"""Losses of vectors, counts and embeddings, and that of a variational autoencoder."""

from backproof.layers.softplus import Softplus
from backproof.layers.tanh import Tanh
from backproof.losses import Contrastive, CosineDistance, EvidenceLowerBound, LogCosh, Loss, Poisson, Triplet
from cases.base import case, dense, title

_VECTORS: tuple[Loss, ...] = (
    CosineDistance(),
    CosineDistance(reduction="sum", epsilon=0.8),
    CosineDistance(reduction="batch_mean"),
    CosineDistance(reduction="weighted_mean", weighted=True),
    LogCosh(),
    LogCosh(reduction="sum"),
    LogCosh(reduction="batch_mean", weighted=True),
    LogCosh(reduction="weighted_mean"),
    Poisson(),
    Poisson(reduction="sum"),
    Poisson(reduction="weighted_mean", weighted=True),
)
_PAIRS: tuple[Loss, ...] = (
    Contrastive(),
    Contrastive(reduction="sum", margin=2.0),
    Contrastive(reduction="batch_mean", factor=0.5),
    Contrastive(reduction="weighted_mean", weighted=True),
)
_TRIPLETS: tuple[Loss, ...] = (
    Triplet(),
    Triplet(reduction="sum", distance="squared_euclidean"),
    Triplet(reduction="batch_mean", margin=0.2),
    Triplet(reduction="weighted_mean", weighted=True),
)
_AUTOENCODERS: tuple[Loss, ...] = (
    EvidenceLowerBound(latent=2),
    EvidenceLowerBound(latent=2, reduction="sum", reconstruction="binary_cross_entropy_with_logits"),
    EvidenceLowerBound(latent=1, reduction="batch_mean", beta=1.7, factor=0.5),
    EvidenceLowerBound(latent=2, reduction="weighted_mean", weighted=True, beta=0.0),
)

_EMBEDDING = [dense(5), Tanh(), dense(3, bias=False)]  # a bias would move all alike: no gradient
CASES = (
    *(case(title(loss), loss=loss) for loss in _VECTORS),
    case(
        "poisson of rates",
        [dense(5), Tanh(), dense(3), Softplus()],
        Poisson(output="rate", reduction="batch_mean"),
    ),
    *(case(title(loss), _EMBEDDING, loss, input_shape=(2, 4)) for loss in _PAIRS),
    *(case(title(loss), _EMBEDDING, loss, input_shape=(3, 4)) for loss in _TRIPLETS),
    *(case(title(loss), [dense(5), Tanh(), dense(7)], loss) for loss in _AUTOENCODERS),
)
