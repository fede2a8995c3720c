"""The colours: the sixteen of the terminal and its default pair, so that they suit any background and `NO_COLOR`.

Whatever a colour says, a mark, a word or a text style says too. If a background is set, its foreground is set too.
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
        # What the operator should keep in mind: demonstration, offline.
        "notable": "ansi_yellow",
        "notable-text": "ansi_black",
        # Problems.
        "problem": "ansi_red",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
    },
)
