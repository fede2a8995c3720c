"""Creates the AppContext from the start options and the configuration."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.messages import MessageLog
from jiacha_tui.actions.slow_call_texts import SlowCallTexts
from jiacha_tui.clock import local_now
from jiacha_tui.config import Config, load_config
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.locations import Locations, resolve_locations
from jiacha_tui.options import Options
from jiacha_tui.shell_command import shell_command

if TYPE_CHECKING:
    from jiacha_tui.card.medium import Medium
    from jiacha_tui.card.pcsc.medium import PcscMedium
    from jiacha_tui.demo.demo import Demo
    from jiacha_tui.eport.client import PortClient

# The modules that are imported inside the functions below are slow to import and not needed for the first frame.


def compose(options: Options, environ: Mapping[str, str] = os.environ) -> AppContext:
    """The context of a start with `options`. Raises ConfigProblem, and `Problem` "home.unknown" for an invalid home."""
    locations = resolve_locations(options.home, environ)
    config = load_config(locations.config_file)
    if options.demo:
        return _demo_context(locations, config, environ, offline=options.offline)
    slow_call_texts = SlowCallTexts()
    return AppContext(
        locations=locations,
        config=config,
        media=_media(locations, config, environ),
        connect=None if options.offline else _port_connector(options, config, slow_call_texts),
        prepare=_prepare_nothing,
        clock=local_now,
        messages=MessageLog(local_now),
        slow_call_texts=slow_call_texts,
    )


def _media(locations: Locations, config: Config, environ: Mapping[str, str]) -> "Callable[[], Sequence[Medium]]":
    """The media for real cards, and the demo card if it exists: the port may be an embedded one."""
    readers: PcscMedium | None = None
    demo_media = _demo_media(locations, environ)

    def media() -> "Sequence[Medium]":
        nonlocal readers
        from jiacha_tui.card.control.medium import ControlMedium  # noqa: PLC0415 - slow to import
        from jiacha_tui.card.pcsc.medium import PcscMedium  # noqa: PLC0415 - slow to import

        control = ControlMedium(
            config.card.control_url,
            allow_remote=config.card.allow_remote_control,
            check_seconds=config.card.control_check_seconds,
        )
        readers = readers or PcscMedium()  # only one, because it remembers which card this program has open
        return (control, readers, *(demo_media() if locations.demo_card.exists() else ()))

    return media


def _demo_media(locations: Locations, environ: Mapping[str, str]) -> "Callable[[], Sequence[Medium]]":
    def media() -> "Sequence[Medium]":
        from jiacha_tui.card.softcard import SoftCard  # noqa: PLC0415 - slow to import

        reset_command = shell_command("card", "reset", home=locations.home, environ=environ)
        return (SoftCard(locations.demo_card, reset_command=reset_command),)

    return media


async def _prepare_nothing() -> None:
    return


def _port_connector(options: Options, config: Config, slow_call_texts: SlowCallTexts) -> "Callable[[], PortClient]":
    def connect() -> "PortClient":
        from jiacha_tui.actions.port_settings import port_settings  # noqa: PLC0415 - slow to import
        from jiacha_tui.eport.client import PortClient  # noqa: PLC0415 - slow to import

        return PortClient(port_settings(options, config), on_slow_call=slow_call_texts.report)

    return connect


def _demo_context(locations: Locations, config: Config, environ: Mapping[str, str], *, offline: bool) -> AppContext:
    """The context of the demonstration. Its `prepare` creates the embedded port in this process."""
    demo: Demo | None = None
    creation_lock = asyncio.Lock()

    async def prepare() -> None:
        nonlocal demo
        async with creation_lock:
            if demo is None:
                from jiacha_tui.demo.demo import make_demo  # noqa: PLC0415 - slow to import

                demo = await asyncio.to_thread(make_demo, locations.home)

    def connect() -> "PortClient":
        import httpx  # noqa: PLC0415 - slow to import

        from jiacha_tui.eport.client import PortClient  # noqa: PLC0415 - slow to import
        from jiacha_tui.eport.settings import PortSettings  # noqa: PLC0415 - slow to import

        if demo is None:
            raise RuntimeError("the demonstration must be prepared before it is connected to")
        settings = PortSettings.under_root(demo.root_url)
        transport = httpx.ASGITransport(demo.application)
        return PortClient(settings, transport=transport, on_slow_call=slow_call_texts.report)

    slow_call_texts = SlowCallTexts()

    return AppContext(
        locations=locations,
        config=config,
        media=_demo_media(locations, environ),
        connect=None if offline else connect,
        prepare=prepare,
        clock=local_now,
        messages=MessageLog(local_now),
        slow_call_texts=slow_call_texts,
        demo_pin=DEMO_PIN,
    )
