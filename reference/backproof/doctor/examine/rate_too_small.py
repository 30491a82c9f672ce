"""Rates at which nothing happens in the given number of iterations."""

from backproof.doctor.examination import Remark
from backproof.doctor.examine.context import Context, remark
from backproof.doctor.examine.sweep import sweep, useful


def look(context: Context) -> Remark | None:
    """Return whether as many iterations at a higher rate learn, where nothing else is the cause."""
    if context.learnt or context.lost or context.causes - {"plateau"}:
        return None
    rate, tried = context.training.spec.optimizer.rate(0), sweep(context, up=True)
    made = context.experiments([one for _, one in tried])
    if not any(e.helps for e in made):
        return None
    iterations = context.training.iterations
    sentence = f"Rate {rate:g} is too small for {iterations:,} iterations. {useful(tried)}"
    return remark("rate too small", sentence, made, rate=rate, iterations=iterations)
