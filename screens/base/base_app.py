"""What the program is to every screen, whatever it is wired to: its colours, its quiet and the keys of everywhere."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeVar, overload

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import Screen, ScreenResultCallbackType
from textual.widget import AwaitMount

from screens.base.help import HelpScreen, sections_of
from screens.base.key_queue import KeyQueue
from screens.base.palette import Entry, Palette, entries_of
from screens.base.theme import THEME
from screens.base.too_small import TooSmall, is_too_small
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler, HelpRequested, PaletteRequested, QuitRequested, RedrawRequested
from screens.commands.notice import Notice

_Result = TypeVar("_Result")

_WORK, _COVER = "work", "cover"
"""The modes, each a stack of screens of its own: where the operator works, and what lies over all of that."""


class BaseApp(CommandHandler, KeyQueue, inherit_bindings=False):
    """The base of the application.

    It takes the terminal's own sixteen colours, animates nothing, leaves Textual's palette and its ctrl+q alone
    (terminals keep ctrl+q for themselves) and opens help and palette for whatever screen is in front.
    """

    # Opacity mixes colours, and the terminal's own colours cannot be mixed.
    CSS = """
    *:disabled:can-focus { opacity: 1; }
    """

    ENABLE_COMMAND_PALETTE = False
    DEFAULT_MODE = _WORK
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {_WORK: Screen}
    SCOPES = (Scope.EVERYWHERE,)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.EVERYWHERE),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
        Binding("ctrl+c", "interrupt", show=False, system=True),
    ]

    def __init__(self) -> None:
        # Said here and not by the theme alone, so that NO_COLOR takes the colours and leaves reverse and bold.
        super().__init__(ansi_color=True)
        self._covered_at = Size()
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = THEME.name

    def leave(self) -> None:
        """Ends the program."""
        self.exit(0)

    @overload
    def push_screen(
        self,
        screen: Screen[_Result] | str,
        callback: ScreenResultCallbackType[_Result] | None = None,
        wait_for_dismiss: Literal[False] = False,
        *,
        mode: str | None = None,
    ) -> AwaitMount: ...

    @overload
    def push_screen(
        self,
        screen: Screen[_Result] | str,
        callback: ScreenResultCallbackType[_Result] | None = None,
        wait_for_dismiss: Literal[True] = True,
        *,
        mode: str | None = None,
    ) -> asyncio.Future[_Result]: ...

    def push_screen(
        self,
        screen: Screen[_Result] | str,
        callback: ScreenResultCallbackType[_Result] | None = None,
        wait_for_dismiss: bool = False,
        *,
        mode: str | None = None,
    ) -> AwaitMount | asyncio.Future[_Result]:
        """Opens a screen above the work, also while a cover lies over all of it: then it is seen once that is lifted.

        What belongs to the cover itself says so with its `mode`.
        """
        where = _WORK if mode is None else mode
        if wait_for_dismiss:
            return super().push_screen(screen, callback, wait_for_dismiss=True, mode=where)
        return super().push_screen(screen, callback, wait_for_dismiss=False, mode=where)

    def cover(self, make: Callable[[], Screen[None]]) -> None:
        """Puts a screen over everything, with nothing below it: what is covered goes on as it is and is not drawn."""
        self.add_mode(_COVER, make)
        self.switch_mode(_COVER)
        self._covered_at = self.size
        self._check(self.size)

    async def uncover(self) -> None:
        """Takes the cover away: screens, focus, cursor and selection are as they were."""
        self.switch_mode(_WORK)
        if self.size != self._covered_at:
            # Of the screens below it only the uppermost hears by itself what size the terminal has now.
            self.screen.post_message(events.Resize(self.size, self.size))
            self._check(self.size)
        await self.remove_mode(_COVER)

    def on_resize(self, event: events.Resize) -> None:
        self._check(event.size)

    def _check(self, size: Size) -> None:
        if is_too_small(size) and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall(), mode=self.current_mode)

    def on_quit_requested(self, requested: QuitRequested) -> None:
        self.leave()

    def on_help_requested(self, wanted: HelpRequested) -> None:
        self.push_screen(HelpScreen(sections_of(self.screen)), mode=self.current_mode)

    def on_palette_requested(self, wanted: PaletteRequested) -> None:
        self.push_screen(Palette(entries_of(self.screen)), self._do)

    def on_redraw_requested(self, wanted: RedrawRequested) -> None:
        self.screen.refresh(layout=True)

    def action_interrupt(self) -> None:
        """Not the end of the program, which would throw a selection away or cut a sync off."""
        self.screen.post_message(Notice("退出请按 F10 或 q"))

    async def _do(self, entry: Entry | None) -> None:
        if entry is not None:
            await entry.answerer.action_command(entry.command.id)
