"""Every claim made about the five networks, measured: true, false, or true under a condition.

    python examples/doctor/claims.py

prints the tables of README.md. A claim is a function in `measured/`. The trainings are those of `in_numpy.py` in
the folders beside this one, which the tests hold to the reference; where a claim is about gradients, all
implementations are asked. Together they
take all three frameworks and scikit-learn.
"""

from collections.abc import Iterator

from measured import Claim, all_ones, index_by_index, rows_or_columns, saturated_unit, two_layers_no_bias

NETWORKS = {
    "1. All weights one": all_ones,
    "2. Two layers without bias": two_layers_no_bias,
    "3. One saturated unit, and 1-1-1": saturated_unit,
    "4. Rows or columns": rows_or_columns,
    "5. Index by index": index_by_index,
}


def row(one: Claim) -> str:
    """The claim as a line of its network's table."""
    words, holds = one.measure()
    return f"| {one.said} | {one.answer if holds else 'measured otherwise'} | {words} |"


def tables() -> Iterator[str]:
    """Yield the tables of the README, line by line."""
    for title, network in NETWORKS.items():
        yield from ["", f"### {title}", "", "| Claim | Answer | Measured |", "| --- | --- | --- |"]
        yield from map(row, network.CLAIMS)


if __name__ == "__main__":
    print("\n".join(tables()).lstrip())
