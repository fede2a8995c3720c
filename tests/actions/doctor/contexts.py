"""Helpers that run a check of the doctor in an event loop of its own, as the doctor does."""

import asyncio
import os
from pathlib import Path

from jiacha_tui.actions.doctor.finding import Finding
from jiacha_tui.actions.doctor.runner import CheckFunction, DoctorContext
from jiacha_tui.options import Options


def doctor_context(home: Path, config: str = "", **options: object) -> DoctorContext:
    """A start with this home, `config` as the text of its configuration file, and `options` as in Options."""
    if config:
        home.mkdir(parents=True, exist_ok=True)
        (home / "config.toml").write_text(config, encoding="utf-8")
    return DoctorContext(Options(home=home, **options), os.environ)  # type: ignore[arg-type]  # named by the caller


def run_check(check: CheckFunction, context: DoctorContext) -> tuple[Finding, ...]:
    async def run() -> tuple[Finding, ...]:
        return tuple(await check(context))

    return asyncio.run(run())


def only_finding(check: CheckFunction, context: DoctorContext) -> Finding:
    (finding,) = run_check(check, context)
    return finding
