"""The colours: the terminal's own sixteen and its default pair, so that any background and `NO_COLOR` do.

A colour never says anything that a mark, a word or a text style does not say too. Where a background is set its
foreground is set with it.
"""

from textual.theme import Theme

THEME = Theme(
    name="jiacha",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    accent="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        # Bars: the tabs at the top and the key labels at the bottom.
        "bar": "ansi_cyan",
        "bar-text": "ansi_black",
        # Something to be aware of: demonstration, offline.
        "notable": "ansi_yellow",
        "notable-text": "ansi_black",
        # What went wrong.
        "problem": "ansi_red",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
    },
)
