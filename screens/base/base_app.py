"""The base of the application: colours, keys that work on every screen, and a cover over all screens."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from textual import events, on
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import Screen, ScreenResultCallbackType
from textual.timer import Timer
from textual.widget import AwaitMount

from screens.base.key_effects import KeyEffects
from screens.base.key_queue import KeyQueue
from screens.base.theme import THEME
from screens.base.too_small import TooSmall, is_too_small
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import (
    CommandHandler,
    HelpRequested,
    PaletteRequested,
    QuitRequested,
    RedrawRequested,
    UnseenEffect,
)
from screens.commands.notice import Notice
from screens.widgets.key_footer import KeyFooter
from screens.widgets.wait_line import WaitLine

if TYPE_CHECKING:
    from screens.base.palette import PaletteEntry

_Result = TypeVar("_Result")

_EFFECT_SECONDS = 0.2
"""After this time without a key, the application checks whether the keys had an effect."""

_WORK, _COVER = "work", "cover"
"""Textual modes, each with its own stack of screens: the work of the operator, and what covers all of it."""


class BaseApp(CommandHandler, KeyQueue, inherit_bindings=False):
    """Opens help and palette for the current screen, and ends the program.

    It uses only the sixteen colours of the terminal, animates nothing, and binds neither Textual's command palette nor
    its ctrl+q, which is flow control in terminals.
    """

    # Opacity mixes two colours, which is not possible with the colours of the terminal.
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
        # The theme alone is not enough: with NO_COLOR, reverse and bold would go together with the colours.
        super().__init__(ansi_color=True)
        self._key_effects = KeyEffects(self)
        self._effect_timer: Timer | None = None
        self._covered_at = Size()
        self._waiting = ""
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = THEME.name

    @property
    def takes_keys(self) -> bool:
        """The empty screen below all others takes none: a screen is about to be opened above it."""
        return super().takes_keys and type(self.screen) is not Screen

    @property
    def keys_are_watched(self) -> bool:
        """Whether keys were pressed whose effect has not been checked yet."""
        return self._effect_timer is not None

    def key_begins(self) -> None:
        if self._effect_timer is not None:
            self._effect_timer.stop()
            self._effect_timer = None
            if self._key_effects.found():
                self._key_effects.remember()
            return
        for footer in self.screen.query(KeyFooter):
            footer.shows_no_effect = False
        self._key_effects.remember()

    def keys_handled(self) -> None:
        self._effect_timer = self.set_timer(_EFFECT_SECONDS, self._show_no_effect)

    def _show_no_effect(self) -> None:
        """If the keys had no effect, rings the bell and shows that in the footer, where it replaces no message."""
        self._effect_timer = None
        if self.screen_stack and not self._key_effects.found():
            self.bell()
            for footer in self.screen.query(KeyFooter):
                footer.shows_no_effect = True

    @on(Notice)
    @on(UnseenEffect)
    def _note_effect(self) -> None:
        self._key_effects.note()

    def quit(self) -> None:
        """Ends the program with exit code 0."""
        self.exit(0)

    def show_waiting(self, text: str) -> None:
        """Shows on every open screen that the port has not answered for a while; "" once it has."""
        self._waiting = text
        for screen in self.screen_stack:
            for line in screen.query(WaitLine):
                line.show(text)

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
        """Opens a screen above those of the work. If a cover is shown, the screen is seen after `uncover`.

        A screen that belongs to the cover is opened with `mode=self.current_mode`.
        """
        mode = mode or _WORK
        if wait_for_dismiss:
            return super().push_screen(screen, callback, wait_for_dismiss=True, mode=mode)
        return super().push_screen(screen, callback, wait_for_dismiss=False, mode=mode)

    def cover(self, make: Callable[[], Screen[None]]) -> None:
        """Shows a screen instead of all others. These keep running and are not drawn."""
        self.add_mode(_COVER, make)
        self.switch_mode(_COVER)
        self._covered_at = self.size
        self._check_size(self.size)

    async def uncover(self) -> None:
        """Removes the cover. Screens, focus, cursor and selection are as they were."""
        self.switch_mode(_WORK)
        self.show_waiting(self._waiting)  # it may have changed behind the cover
        if self.size != self._covered_at:
            # Textual tells the new size of the terminal only to the screen that is shown at that moment.
            self.screen.post_message(events.Resize(self.size, self.size))
            self._check_size(self.size)
        await self.remove_mode(_COVER)

    def on_resize(self, event: events.Resize) -> None:
        self._check_size(event.size)

    def _check_size(self, size: Size) -> None:
        if is_too_small(size) and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall(), mode=self.current_mode)

    def on_quit_requested(self, requested: QuitRequested) -> None:
        self.quit()

    def on_help_requested(self, requested: HelpRequested) -> None:
        from screens.base.help import HelpScreen, sections_for  # noqa: PLC0415 - not needed for the first frame

        self.push_screen(HelpScreen(sections_for(self.screen)), mode=self.current_mode)

    def on_palette_requested(self, requested: PaletteRequested) -> None:
        from screens.base.palette import Palette, palette_entries  # noqa: PLC0415 - not needed for the first frame

        self.push_screen(Palette(palette_entries(self.screen)), self._run_entry)

    def on_redraw_requested(self, requested: RedrawRequested) -> None:
        self._key_effects.note()
        self.screen.refresh(layout=True)

    def action_interrupt(self) -> None:
        """Ctrl+C does not end the program, because that would lose the selection or stop a sync."""
        self.screen.post_message(Notice("退出请按 F10 或 q"))

    async def _run_entry(self, entry: "PaletteEntry | None") -> None:
        if entry is not None:
            await entry.handler.action_command(entry.command.id)
