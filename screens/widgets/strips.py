"""Rich texts as Textual strips."""

from rich.console import Console
from rich.text import Text
from textual.strip import Strip


def text_to_strip(text: Text, console: Console) -> Strip:
    """The strip of `text` with all its styles. Rich alone leaves out the style of the whole text."""
    return Strip(list(text.render(console))).apply_style(console.get_style(text.style))
