"""What can go wrong in an action itself. Card, port, cache and files have problem modules of their own.

| class | code | raised when |
|---|---|---|
| NotOnline | session.offline | the session is offline and the action needs the port |
| CardSwapped | card.exchanged | a different card is inserted than the one for which the PIN was typed |
| CacheRecoveryNeeded | that of its cause | the card was opened but does not open its cache |
| PassphraseNeeded | passphrase.needed, or that of its cause | a passphrase has to protect the cache's key |
| PassphraseWrong | passphrase.wrong | the passphrase does not open the cache |
| PassphraseWeak | passphrase.weak | the new passphrase can be guessed |
| NotCached | declaration.not-cached | the cache does not hold the declaration |
| NothingToDownload | download.nothing | no known declaration matches the download |
| PlanOutdated | download.plan-changed | the port's lists, read right before a download, differ from its plan |
| NoLongerListed | declaration.delisted | the port no longer lists the declaration, so it has no detail of it |
| NotListed | declaration.not-listed | the port does not list the declaration, so it has no print of it |
| TooManyPrints | prints.too-many | more declarations than one run saves the prints of |
| WrongFile | download.wrong-file | a downloaded file is for a different card, or its signature does not match |
| FilterNameMissing | filter.name-missing | a filter is to be saved without a name |
| BadFolder | folder.bad | the text names no folder that files can go to |
| PreviousPinWrong | key.earlier-pin-wrong | the previous PIN that was given does not open the cache either |
"""

from typing import TYPE_CHECKING

from jiacha_tui.actions.cache_recovery import EarlierState
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.rules import Refusal

if TYPE_CHECKING:
    from jiacha_tui.actions.list_check import ListCheck


class NotOnline(Problem):
    """The session is offline and the action needs the port."""

    def __init__(self) -> None:
        super().__init__("session.offline", "当前为离线浏览，不能连接口岸", "按 F10 退出，联网后重新登录")


class CardSwapped(Problem):
    """A different card is inserted than the one for which the PIN was typed. The PIN was not tried on it."""

    def __init__(self) -> None:
        super().__init__("card.exchanged", "插入的已是另一张卡，密码没有用来尝试", "请按 F5 重新读卡，核对后再输入密码")


class CacheRecoveryNeeded(Problem):
    """The card was opened but does not open its cache. Code, message and hint are those of `cause`.

    A new cache always helps; `although_it_opens` is for `NewCache`. `previous_pin_helps` tells whether the PIN that the
    card had before may help too, `trust_helps` whether the operator may confirm that the key file is the own one.
    `earlier_state` is one that the cache can return to, None if there is none.
    """

    def __init__(
        self,
        cause: Problem,
        *,
        although_it_opens: bool = False,
        previous_pin_helps: bool = False,
        trust_helps: bool = False,
        earlier_state: EarlierState | None = None,
    ) -> None:
        super().__init__(cause.code, cause.message, cause.hint)
        self.although_it_opens = although_it_opens
        self.previous_pin_helps = previous_pin_helps
        self.trust_helps = trust_helps
        self.earlier_state = earlier_state


class PreviousPinWrong(Problem):
    """Neither the PIN nor the given previous PIN opens the cache. The card's retry counter is not affected."""

    def __init__(self) -> None:
        super().__init__("key.earlier-pin-wrong", "更换前的密码不对，打不开本机缓存", "请核对后重新输入，不占卡的次数")


class PassphraseWrong(Problem):
    """The passphrase does not open the cache, or the key file was changed. The two cannot be told apart."""

    def __init__(self) -> None:
        super().__init__(
            "passphrase.wrong",
            "缓存口令不对，打不开本机缓存",
            "请核对后重新输入，不占卡的次数；想不起来，只能另建缓存",
        )


class PassphraseWeak(Problem):
    """The new passphrase can be guessed, for `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__("passphrase.weak", f"这个缓存口令{reason}，没有采用", "请换一个，或用框里代拟的那一个")


class PassphraseNeeded(Problem):
    """The card was opened, but a passphrase has to protect the key of its cache. Nothing was changed.

    `is_new` says that the operator chooses one, otherwise the existing one is asked for. `can_skip` says that a login
    with `SessionOnly` is possible. With a `cause`, code, message and hint are those of the cause.
    """

    def __init__(self, *, is_new: bool, can_skip: bool, cause: Problem | None = None) -> None:
        if cause is not None:
            super().__init__(cause.code, cause.message, cause.hint)
        elif is_new:
            super().__init__(
                "passphrase.needed", "这张卡不能保管本机缓存的密钥", "请在登录画面设一个缓存口令，或本次不留缓存"
            )
        else:
            super().__init__("passphrase.needed", "本机缓存由缓存口令保护", "请输入缓存口令")
        self.is_new = is_new
        self.can_skip = can_skip


class NotCached(Problem):
    """The cache does not hold the declaration `entry_id`."""

    def __init__(self, entry_id: str) -> None:
        super().__init__("declaration.not-cached", f"本机缓存中没有报关单 {entry_id}", "请先按 F3 查询或按 F5 同步")


class NothingToDownload(Refusal):
    """No declaration that the port lists matches the download."""

    def __init__(self) -> None:
        super().__init__("download.nothing", "没有可下载的报关单", "请先按 F3 查询或按 F5 同步，再下载")


class NotListed(Problem):
    """The port does not list the declaration `entry_id`, so it has no print of it."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(
            "declaration.not-listed", f"口岸没有列出报关单 {entry_id}，没有它的打印", "可改用本机绘制的单据"
        )


class TooManyPrints(Refusal):
    """More declarations than `limit`, the most that one run saves the prints of."""

    def __init__(self, limit: int) -> None:
        super().__init__("prints.too-many", f"一次最多保存 {limit:,} 票的打印", "请用筛选缩小范围，例如只列出一个月的")


class NoLongerListed(Problem):
    """The port no longer lists the declaration, so it has no detail of it. The cache has none either."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(
            "declaration.delisted",
            f"口岸不再列出报关单 {entry_id}，没有详情可取",
            "可能已删单，或改成了另一个报关单号；口岸重新列出以后再打开",
        )


class PlanOutdated(Problem):
    """The port's lists differ from the plan of a download. Nothing was downloaded; `lists` is what they have shown."""

    def __init__(self, lists: "ListCheck") -> None:
        changes = lists.text()
        super().__init__(
            "download.plan-changed",
            f"口岸现在的清单与刚才的计划不同{'：' if changes else ''}{changes}",
            "还没有下载。请核对新的计划，再按下载",
        )
        self.lists = lists


class WrongFile(Problem):
    """The port sent a file that must not go to the tax bureau. It was not stored."""

    def __init__(self, reason: str) -> None:
        super().__init__("download.wrong-file", f"{reason}，没有保存", "请用登录的卡重新下载；仍然如此请联系口岸")


class BadFolder(Problem):
    """The text that was typed names no folder that files can go to."""

    def __init__(self, reason: str) -> None:
        super().__init__("folder.bad", reason, "请输入一个文件夹的完整路径")


class FilterNameMissing(Problem):
    """A filter is to be saved, and no name was typed."""

    def __init__(self) -> None:
        super().__init__("filter.name-missing", "还没有名称", "请先填写名称")
