"""A styled text as the strip that a line of the screen is made of."""

from rich.console import Console
from rich.text import Text
from textual.strip import Strip


def strip_of(text: Text, console: Console) -> Strip:
    """`text` with all of its styles; by itself Rich leaves out that of the whole where no part has one of its own."""
    return Strip(list(text.render(console))).apply_style(console.get_style(text.style))
