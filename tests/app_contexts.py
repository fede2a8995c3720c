"""AppContexts that are connected to an embedded port: in this process, or over TLS in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import httpx

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.messages import MessageLog
from jiacha_tui.actions.slow_call_texts import SlowCallTexts
from jiacha_tui.card.medium import Medium
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.composition import compose
from jiacha_tui.config import Config, SyncConfig
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.service import SignaturePolicy
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.settings import PortSettings, Timeouts
from jiacha_tui.locations import Locations
from jiacha_tui.options import Options
from tests.printing.small_pdf import small_form

TODAY = date(2026, 6, 30)
NO_DELAYS = Timeouts(retry_delays=(0.0, 0.0))
NOW = datetime(2026, 6, 30, 10, 0, tzinfo=timezone(timedelta(hours=8)))


def demo_context(
    demo: Demo,
    home: Path,
    *,
    card: Path | None = None,
    offline: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
    medium: Medium | None = None,
    settings: PortSettings | None = None,
    timeouts: Timeouts = NO_DELAYS,
    sync_at_login: bool = False,
) -> AppContext:
    """A context for the embedded port `demo`, with its clock fixed at `NOW`.

    `transport` replaces the direct connection, `settings` lead to the port over a socket instead. A call is repeated
    without a delay. The card is the demo card, or the one in the file `card`, or the one in `medium`. No sync starts
    automatically unless `sync_at_login`: most tests count the calls of one that they start.
    """
    if settings is None:
        settings = PortSettings.under_root(demo.root_url)
        transport = transport or httpx.ASGITransport(demo.application)
    settings = replace(settings, timeouts=timeouts)

    slow_call_texts = SlowCallTexts()

    async def prepare_nothing() -> None:
        return

    return AppContext(
        locations=Locations(home),
        config=Config(sync=SyncConfig(at_login=sync_at_login)),
        media=lambda: (medium or SoftCard(card or demo.card),),
        connect=None if offline else lambda: PortClient(settings, transport, slow_call_texts.report),
        prepare=prepare_nothing,
        clock=lambda: NOW,
        messages=MessageLog(lambda: NOW),
        slow_call_texts=slow_call_texts,
        demo_pin=DEMO_PIN,
    )


@contextmanager
def embedded_port(home: Path, declarations: int, demand: SignaturePolicy = SignaturePolicy.ONCE) -> Iterator[Demo]:
    """An embedded port in this process, with its date fixed at `TODAY`. Its prints are `small_form`."""
    demo = make_demo(home, declarations, today=TODAY, signature_policy=demand, print_form=small_form)
    try:
        yield demo
    finally:
        demo.close()


@contextmanager
def in_process(home: Path, declarations: int) -> Iterator[AppContext]:
    """A context for an embedded port in this process."""
    with embedded_port(home, declarations) as demo:
        yield demo_context(demo, home)


@contextmanager
def over_tls(home: Path, declarations: int, environment: dict[str, str], *options: str) -> Iterator[AppContext]:
    """A context as `jiacha --port-url … --ca …` creates it, for a port that `jiacha port` serves with `options`."""
    with serve_port(home, environment, "--declarations", str(declarations), *options) as (url, ca):
        yield compose(Options(home=home, port_url=url, ca=ca))


@contextmanager
def serve_port(home: Path, environment: dict[str, str], *options: str) -> Iterator[tuple[str, Path]]:
    """Runs `jiacha port` in a process of its own. Yields its address and the CA file that it is trusted with."""
    command = [sys.executable, "-m", "jiacha_tui", "port", "--listen", "127.0.0.1:0", "--home", str(home), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as port:
        try:
            assert port.stdout is not None
            word, url, ca = port.stdout.readline().rstrip("\n").split(" ", 2)
            assert word == "ready"
            yield url, Path(ca)
        finally:
            port.terminate()
