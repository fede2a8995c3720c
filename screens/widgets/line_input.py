"""An input of one row without a frame, whose cursor does not blink."""

from textual.widgets import Input


class LineInput(Input):
    """Textual's `Input` without blinking: a blinking cursor sends 1.6 kB per second over an SSH line.

    With `select_on_focus`, the text is selected when the field gets the focus, so that typing replaces it.
    """

    DEFAULT_CSS = """
    LineInput, LineInput:focus, LineInput:ansi {
        height: 1;
        border: none;
        padding: 0;
        background: ansi_default;
        background-tint: ansi_default 0%;
        color: ansi_default;
        & > .input--cursor { background: ansi_default; color: ansi_default; text-style: reverse; }
        & > .input--selection { background: ansi_default; color: ansi_default; text-style: reverse; }
        & > .input--placeholder { color: ansi_default; text-style: dim; }
    }
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        max_length: int = 0,
        select_on_focus: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(
            value,
            placeholder,
            max_length=max_length,
            select_on_focus=select_on_focus,
            compact=True,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False
