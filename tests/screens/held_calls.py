"""Calls of one real method that a test can watch and hold back."""

import asyncio
from typing import Any

import pytest


class HeldCalls:
    """Replaces the async method `name` of a class: `calls` lists the arguments of each call, then the method runs.

    After `hold`, calls wait before the method runs until `release`.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._open = asyncio.Event()
        self._open.set()
        method = getattr(owner, name)

        async def held(self_: object, *arguments: object) -> object:
            self.calls.append(arguments)
            await self._open.wait()
            return await method(self_, *arguments)

        monkeypatch.setattr(owner, name, held)

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()
