"""Arithmetic with amounts that never rounds unasked.

The operators of Decimal, `abs`, `round` and `normalize` among them, round to the context of the thread: 28 digits,
unless some library sets another. Comparing, formatting and converting from and to text do not.
"""

from decimal import ROUND_HALF_EVEN, Context
from typing import Final

EXACT: Final = Context(prec=10_000, rounding=ROUND_HALF_EVEN)
"""`EXACT.add(a, b)` is the sum with all its digits, and so on: no amount has nearly so many."""
