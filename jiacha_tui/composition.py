"""Makes a workplace out of what the program was started with and the configuration."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.messages import MessageLog
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

# What is imported inside the functions below is slow to import, and the first frame stands without it.


def compose(options: Options, environ: Mapping[str, str] = os.environ) -> AppContext:
    """Raises ConfigProblem for a faulty configuration, and `Problem` for a home that cannot be."""
    here = resolve_locations(options.home, environ)
    config = load_config(here.config_file)
    if options.demo:
        return _demonstration(here, config, environ, offline=options.offline)
    return AppContext(
        locations=here,
        config=config,
        media=_media(here, config, environ),
        connect=None if options.offline else _connection(options, config),
        prepare=_nothing_to_prepare,
        clock=local_now,
        messages=MessageLog(local_now),
    )


def _media(here: Locations, config: Config, environ: Mapping[str, str]) -> "Callable[[], Sequence[Medium]]":
    """Where real cards are, and the demonstration's card if there is one: an embedded port may be connected to."""
    readers: PcscMedium | None = None
    demo_media = _demo_media(here, environ)

    def media() -> "Sequence[Medium]":
        nonlocal readers
        from jiacha_tui.card.control.medium import ControlMedium  # noqa: PLC0415
        from jiacha_tui.card.pcsc.medium import PcscMedium  # noqa: PLC0415

        control = ControlMedium(
            config.card.control_url,
            allow_remote=config.card.allow_remote_control,
            check_seconds=config.card.control_check_seconds,
        )
        readers = readers or PcscMedium()  # one for all, since it knows which card this program has open
        return (control, readers, *(demo_media() if here.demo_card.exists() else ()))

    return media


def _demo_media(here: Locations, environ: Mapping[str, str]) -> "Callable[[], Sequence[Medium]]":
    def media() -> "Sequence[Medium]":
        from jiacha_tui.card.softcard import SoftCard  # noqa: PLC0415

        return (
            SoftCard(here.demo_card, reset_command=shell_command("card", "reset", home=here.home, environ=environ)),
        )

    return media


async def _nothing_to_prepare() -> None:
    return


def _connection(options: Options, config: Config) -> "Callable[[], PortClient]":
    def connect() -> "PortClient":
        from jiacha_tui.actions.port_settings import port_settings  # noqa: PLC0415
        from jiacha_tui.eport.client import PortClient  # noqa: PLC0415

        return PortClient(port_settings(options, config))

    return connect


def _demonstration(here: Locations, config: Config, environ: Mapping[str, str], *, offline: bool) -> AppContext:
    """The embedded port in this process, made at the first look for a card."""
    demo: Demo | None = None
    making = asyncio.Lock()

    async def prepare() -> None:
        nonlocal demo
        async with making:
            if demo is None:
                from jiacha_tui.demo.demo import make_demo  # noqa: PLC0415

                demo = await asyncio.to_thread(make_demo, here.home)

    def connect() -> "PortClient":
        import httpx  # noqa: PLC0415

        from jiacha_tui.eport.client import PortClient  # noqa: PLC0415
        from jiacha_tui.eport.settings import PortSettings  # noqa: PLC0415

        if demo is None:
            raise RuntimeError("the demonstration is connected to before it is prepared")
        settings = PortSettings.under_root(demo.root_url)
        return PortClient(settings, transport=httpx.ASGITransport(demo.application))

    return AppContext(
        locations=here,
        config=config,
        media=_demo_media(here, environ),
        connect=None if offline else connect,
        prepare=prepare,
        clock=local_now,
        messages=MessageLog(local_now),
        demo_pin=DEMO_PIN,
    )
