"""A context of decimals in which every operator rounds to six digits, as a library might leave it behind."""

from collections.abc import Iterator
from decimal import Context, Decimal, localcontext

import pytest


@pytest.fixture
def six_digits() -> Iterator[None]:
    """The rest of the test runs in that context; threads of `asyncio.to_thread` too."""
    with localcontext(Context(prec=6)):
        assert Decimal("1234567.5") + 0 == 1234570
        yield
