"""`jiacha card reset`: a demo card that three wrong passwords have locked works again."""

import os

import click

from jiacha_tui.card import softcard
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.locations import resolve_locations
from jiacha_tui.options import Options


def reset_demo_card(options: Options) -> int:
    """Raises Problem "card.no-demo-card" where there is no demo card."""
    path = resolve_locations(options.home, os.environ).demo_card
    if not path.is_file():
        was_pulled = softcard.certificate_path(path).is_file()
        hint = "请把它放回原处" if was_pulled else "运行一次 jiacha --demo 会生成演示卡"
        raise Problem("card.no-demo-card", f"没有演示卡 {path}", hint)
    softcard.reset(path)
    click.echo("演示卡已解锁")
    return 0
