"""Every command of the screens, once: bindings, footer, palette and help all draw on this table.

A screen or a widget takes the commands of its scope with `bindings(scope)` and answers each with an `action_<id>`
method (see `screens.commanded`). A Chinese input method swallows letters, so every command has a function key or
another key that no input method takes, or stands in the palette (F9), which needs no letter.
"""

import enum
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from textual.binding import Binding, BindingType


class Scope(enum.Enum):
    """Where a command is understood; the value is its heading in the help."""

    TABLE = "报关单列表"
    FILTER = "筛选栏"
    FILING = "出口退税申报"
    DETAIL = "报关单详情"
    PREVIEW = "预览/打印"
    READER = "阅读"
    DIALOG = "对话框"
    LOGIN = "登录"
    DESK = "主界面"
    TOO_SMALL = "终端太小"
    EVERYWHERE = "处处可用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing an operator can ask for.

    `label` is for the footer (a few characters), `title` the full name (the manual's, where it has one), `help` one
    sentence. Keys are Textual's names. `function_key` is one that no input method swallows, "" for none; `letters`
    stand beside it; `also` work too and are not shown: what a Chinese input method makes of a key. The footer keeps
    the hints with the highest `priority`; those of 0 never stand there.
    """

    id: str
    label: str
    title: str
    help: str
    function_key: str = ""
    letters: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    scopes: frozenset[Scope]
    priority: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of it, those that are not shown too."""
        return (*filter(None, (self.function_key,)), *self.letters, *self.also)

    def without(self, keys: AbstractSet[str]) -> "Command":
        """The same command with none of `keys`."""
        return replace(
            self,
            function_key="" if self.function_key in keys else self.function_key,
            letters=tuple(key for key in self.letters if key not in keys),
            also=tuple(key for key in self.also if key not in keys),
        )

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """The keys as an operator reads them: `F2`, `/`."""
        return tuple(map(key_name, filter(None, (self.function_key, *self.letters))))


_NAMES = {
    "slash": "/",
    "question_mark": "?",
    "enter": "Enter",
    "escape": "Esc",
    "space": "空格",
    "tab": "Tab",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}


def key_name(key: str) -> str:
    """A key as an operator reads it: `f1` is F1, `ctrl+p` is ^P, `slash` is /."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+').upper()}"
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


def is_typed(key: str) -> bool:
    """Whether a text field would take the key as text."""
    return len(key) == 1 or key in ("slash", "question_mark", "space")


def _in(*scopes: Scope) -> frozenset[Scope]:
    return frozenset(scopes)


COMMANDS: tuple[Command, ...] = (
    Command(
        id="help",
        label="帮助",
        title="帮助",
        help="说明光标所在之处，列出全部按键和筛选写法",
        function_key="f1",
        letters=("question_mark",),
        also=("fullwidth_question_mark",),
        scopes=_in(Scope.EVERYWHERE),
        priority=95,
    ),
    # The login screen
    Command(
        id="agreement",
        label="协议",
        title="阅读《用户服务协议》",
        help="打开协议全文",
        function_key="f4",
        scopes=_in(Scope.LOGIN),
        priority=60,
    ),
    Command(
        id="look_again",
        label="重新读卡",
        title="重新读卡",
        help="再找一遍已插入的卡介质",
        function_key="f5",
        scopes=_in(Scope.LOGIN),
        priority=70,
    ),
    # The table of declarations
    Command(
        id="filter",
        label="筛选",
        title="筛选",
        help="边输入边筛选本机缓存里的报关单",
        function_key="f2",
        letters=("slash",),
        also=("ideographic_comma", "fullwidth_solidus"),
        scopes=_in(Scope.TABLE),
        priority=90,
    ),
    Command(
        id="query",
        label="查询",
        title="报关单查询",
        help="按报关单号或出口日期向口岸查询，结果存入缓存",
        function_key="f3",
        letters=("f",),
        scopes=_in(Scope.TABLE),
        priority=85,
    ),
    Command(
        id="detail",
        label="详情",
        title="报关单详情",
        help="打开光标所在的一票，看表头和表体",
        function_key="f4",
        letters=("enter",),
        scopes=_in(Scope.TABLE),
        priority=88,
    ),
    Command(
        id="sync",
        label="同步",
        title="同步缓存",
        help="把口岸上的报关单存入本机缓存；同步中再按一次取消",
        function_key="f5",
        letters=("s",),
        scopes=_in(Scope.TABLE),
        priority=75,
    ),
    # The detail screen
    Command(
        id="all_fields",
        label="全部字段",
        title="全部字段",
        help="按组列出这一票表头的全部字段和操作记录",
        function_key="f4",
        letters=("a",),
        scopes=_in(Scope.DETAIL),
        priority=85,
    ),
    Command(
        id="item",
        label="本项",
        title="本项全部字段",
        help="列出光标所在一项商品的全部字段",
        function_key="enter",
        scopes=_in(Scope.DETAIL),
        priority=60,
    ),
    # What is done with declarations, in the table and in the detail
    Command(
        id="download",
        label="下载",
        title="XML 文件下载",
        help="下载当前筛选（列表中）或这一票（详情中）的加密 XML 文件",
        function_key="f6",
        letters=("d",),
        scopes=_in(Scope.TABLE, Scope.DETAIL),
        priority=80,
    ),
    Command(
        id="resend",
        label="重发",
        title="重新发往税务总局",
        help="把选中的（没有选中时光标所在的）报关单重新发往税务总局，最多 10 票，先确认",
        function_key="f7",
        letters=("r",),
        scopes=_in(Scope.TABLE, Scope.DETAIL),
        priority=78,
    ),
    Command(
        id="print",
        label="打印",
        title="批量预览/打印",
        help="预览选中的（没有选中时光标所在的）报关单，最多 10 票；在预览里打印或存 PDF",
        function_key="f8",
        letters=("p",),
        scopes=_in(Scope.TABLE),
        priority=76,
    ),
    Command(
        id="preview",
        label="预览",
        title="预览/打印",
        help="预览这一票；在预览里打印或存 PDF",
        function_key="f8",
        letters=("v",),
        scopes=_in(Scope.DETAIL),
        priority=79,
    ),
    Command(
        id="print_now",
        label="直接打印",
        title="直接打印",
        help="选一台打印机，不经预览直接打印",
        function_key="f2",
        letters=("p",),
        scopes=_in(Scope.DETAIL),
        priority=75,
    ),
    # The preview
    Command(
        id="print_menu",
        label="打印",
        title="打印",
        help="把预览的报关单存为 PDF，或直接打印到一台打印机",
        function_key="f8",
        letters=("p",),
        scopes=_in(Scope.PREVIEW),
        priority=90,
    ),
    Command(
        id="save_pdf",
        label="存PDF",
        title="存为 PDF",
        help="把预览的报关单存成一个 PDF 文件",
        function_key="f6",
        letters=("d",),
        scopes=_in(Scope.PREVIEW),
        priority=80,
    ),
    Command(
        id="previous",
        label="上一票",
        title="上一票",
        help="不返回，看上一票",
        function_key="left",
        letters=("h",),
        scopes=_in(Scope.DETAIL, Scope.PREVIEW),
        priority=82,
    ),
    Command(
        id="next",
        label="下一票",
        title="下一票",
        help="不返回，看下一票",
        function_key="right",
        letters=("l",),
        scopes=_in(Scope.DETAIL, Scope.PREVIEW),
        priority=83,
    ),
    # The filing pages
    Command(
        id="go",
        label="立即前往",
        title="立即前往",
        help="打开出口退税申报系统；没有图形界面时显示并复制其地址",
        function_key="f4",
        letters=("enter",),
        scopes=_in(Scope.FILING),
        priority=85,
    ),
    Command(
        id="pending",
        label="看未下载",
        title="看尚未下载的报关单",
        help="到第 1 页，只列出还没有在本机下载过的报关单",
        function_key="f6",
        letters=("d",),
        scopes=_in(Scope.FILING),
        priority=80,
    ),
    Command(
        id="palette",
        label="命令",
        title="全部命令",
        help="列出此处能做的一切，选一项执行；不用字母键",
        function_key="f9",
        letters=("ctrl+p",),
        scopes=_in(Scope.DESK, Scope.DETAIL, Scope.PREVIEW),
        priority=74,
    ),
    Command(
        id="back",
        label="返回",
        title="返回或退出",
        help="关上眼前这一层；在列表上则退出程序，先确认",
        function_key="f10",
        letters=("q",),
        scopes=_in(Scope.DESK),
        priority=98,
    ),
    Command(
        id="close",
        label="返回",
        title="返回",
        help="关上眼前这一层，什么也不做",
        function_key="f10",
        letters=("q",),
        also=("escape",),
        scopes=_in(Scope.DETAIL, Scope.PREVIEW, Scope.READER),
        priority=98,
    ),
    Command(
        id="cancel",
        label="取消",
        title="取消",
        help="关上对话框，什么也不做",
        function_key="f10",
        letters=("q",),
        also=("escape",),
        scopes=_in(Scope.DIALOG),
        priority=98,
    ),
    Command(
        id="quit",
        label="退出",
        title="退出程序",
        help="退出程序",
        function_key="f10",
        letters=("q",),
        scopes=_in(Scope.LOGIN, Scope.TOO_SMALL),
        priority=98,
    ),
    # Picking and looking, in the table
    Command(
        id="pick",
        label="选择",
        title="选择或取消选择",
        help="选中或放开光标所在的一票，光标下移",
        function_key="space",
        scopes=_in(Scope.TABLE),
        priority=50,
    ),
    Command(
        id="select_shown",
        label="全选",
        title="选择筛选结果",
        help="选中筛选出来的报关单，重发、打印最多 10 票",
        letters=("a",),
        scopes=_in(Scope.TABLE),
        priority=40,
    ),
    Command(
        id="unselect",
        label="全不选",
        title="全部取消选择",
        help="放开选中的每一票，不在当前筛选中的也放开",
        letters=("u",),
        scopes=_in(Scope.TABLE),
        priority=20,
    ),
    Command(
        id="unfilter",
        label="清除筛选",
        title="清除筛选",
        help="去掉筛选，列出缓存里的全部报关单",
        function_key="escape",
        scopes=_in(Scope.TABLE),
    ),
    Command(
        id="sort",
        label="排序",
        title="排序",
        help="选一列排序；再选同一列则反过来排",
        letters=("o",),
        scopes=_in(Scope.TABLE),
        priority=35,
    ),
    Command(
        id="pane",
        label="详情窗格",
        title="显示或收起详情窗格",
        help="120 列以上的终端，列表旁边显示光标所在一票的详情",
        letters=("w",),
        scopes=_in(Scope.TABLE),
        priority=10,
    ),
    # The filter bar
    Command(
        id="to_table",
        label="到列表",
        title="到列表",
        help="留着筛选，光标回到列表",
        function_key="enter",
        scopes=_in(Scope.FILTER),
        priority=92,
    ),
    Command(
        id="clear",
        label="清除",
        title="清除筛选",
        help="去掉筛选，光标回到列表",
        function_key="f10",
        letters=("escape",),
        scopes=_in(Scope.FILTER),
        priority=91,
    ),
    Command(
        id="older",
        label="以前的筛选",
        title="以前的筛选",
        help="取回上一次用过的筛选",
        function_key="up",
        scopes=_in(Scope.FILTER),
        priority=60,
    ),
    Command(
        id="newer",
        label="后来的筛选",
        title="后来的筛选",
        help="取回后一次用过的筛选；没有了就到列表",
        function_key="down",
        scopes=_in(Scope.FILTER),
    ),
    # The desk's pages and what is one key away from all of them
    Command(
        id="tab_declarations",
        label="查询下载",
        title="报关单查询下载",
        help="到第 1 页",
        letters=("1",),
        scopes=_in(Scope.DESK),
    ),
    Command(
        id="tab_foreign_trade",
        label="外贸企业",
        title="外贸企业出口退税申报",
        help="到第 2 页",
        letters=("2",),
        scopes=_in(Scope.DESK),
    ),
    Command(
        id="tab_manufacturer",
        label="生产企业",
        title="生产企业出口退税申报",
        help="到第 3 页",
        letters=("3",),
        scopes=_in(Scope.DESK),
    ),
    Command(
        id="messages",
        label="消息",
        title="消息记录",
        help="看本次启动以来的全部消息",
        letters=("m",),
        scopes=_in(Scope.DESK, Scope.DETAIL, Scope.PREVIEW),
        priority=30,
    ),
    Command(
        id="sync_summary",
        label="同步结果",
        title="上次同步的结果",
        help="看上次同步的新增、修改和失败",
        letters=("y",),
        scopes=_in(Scope.DESK),
        priority=5,
    ),
    Command(
        id="redraw",
        label="重画",
        title="重画屏幕",
        help="屏幕花了的时候，整个重画一遍",
        letters=("ctrl+l",),
        scopes=_in(Scope.EVERYWHERE),
    ),
)
"""In the order in which footer and palette show them."""


def commands(*scopes: Scope) -> tuple[Command, ...]:
    """The commands of any of the scopes, in the order of the table."""
    return tuple(command for command in COMMANDS if not command.scopes.isdisjoint(scopes))


def bindings(*scopes: Scope) -> list[BindingType]:
    """What a widget or screen that answers to these scopes puts into its `BINDINGS`."""
    return [
        Binding(",".join(command.keys), f"command('{command.id}')", command.label, show=False, id=command.id)
        for command in commands(*scopes)
    ]
