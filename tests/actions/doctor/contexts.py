"""Looks of the doctor, made as its thread makes them."""

import asyncio
import os
from pathlib import Path

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Finding
from jiacha_tui.actions.doctor.runner import CheckFunction
from jiacha_tui.options import Options


def at(home: Path, config: str = "", **options: object) -> DoctorContext:
    """A start with its home there and this text as its configuration; `options` as of Options."""
    if config:
        home.mkdir(parents=True, exist_ok=True)
        (home / "config.toml").write_text(config, encoding="utf-8")
    return DoctorContext(Options(home=home, **options), os.environ)  # type: ignore[arg-type]  # named by the caller


def looked(look: CheckFunction, surroundings: DoctorContext) -> tuple[Finding, ...]:
    async def wait() -> tuple[Finding, ...]:
        return tuple(await look(surroundings))

    return asyncio.run(wait())


def only(look: CheckFunction, surroundings: DoctorContext) -> Finding:
    (finding,) = looked(look, surroundings)
    return finding
