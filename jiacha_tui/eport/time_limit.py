"""A time limit that several requests share."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class TimeLimit:
    """Some seconds from now on, without the time of the blocks in which it is `suspended`."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + seconds

    @property
    def seconds_left(self) -> float:
        """Never negative."""
        return max(0.0, self._deadline - self._loop.time())

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """For what does not depend on the port: the card's signature, which may wait for a person."""
        started = self._loop.time()
        try:
            yield
        finally:
            self._deadline += self._loop.time() - started
