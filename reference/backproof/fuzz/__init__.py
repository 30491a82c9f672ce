"""Random networks in search of a disagreement: drawn, checked, shrunk to the smallest that still disagrees."""

from backproof.fuzz.campaign import Campaign, Summary
from backproof.fuzz.case import Case, Outcome, random_case, run
from backproof.fuzz.shrink import shrink

__all__ = ["Campaign", "Case", "Outcome", "Summary", "random_case", "run", "shrink"]
