"""Looks of the doctor, made as its thread makes them."""

import asyncio
import os
from pathlib import Path

from jiacha_tui.actions.doctor.examine import Look
from jiacha_tui.actions.doctor.finding import Finding
from jiacha_tui.actions.doctor.surroundings import Surroundings
from jiacha_tui.options import Options


def at(home: Path, config: str = "", **options: object) -> Surroundings:
    """A start with its home there and this text as its configuration; `options` as of Options."""
    if config:
        home.mkdir(parents=True, exist_ok=True)
        (home / "config.toml").write_text(config, encoding="utf-8")
    return Surroundings(Options(home=home, **options), os.environ)  # type: ignore[arg-type]  # named by the caller


def looked(look: Look, surroundings: Surroundings) -> tuple[Finding, ...]:
    async def wait() -> tuple[Finding, ...]:
        return tuple(await look(surroundings))

    return asyncio.run(wait())


def only(look: Look, surroundings: Surroundings) -> Finding:
    (finding,) = looked(look, surroundings)
    return finding
