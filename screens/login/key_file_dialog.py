"""The confirmation before a key file of an earlier version is used, which anybody could have written."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from screens.base.dialog import Dialog
from screens.widgets.push_button import PushButton
from screens.widgets.wrapped_text import WrappedText

_CONSEQUENCES = (
    "旧版本的密钥文件没有卡的签名：拿得到卡的证书或试出过密码、又能写这个文件夹的人，可以连缓存一起换成自己的，以后同步的数据他也能读。",
    "刚升级过本程序、没有别人能写这个文件夹时，可以确认：这张卡会给密钥文件签名，以后不再问。",
    "不是刚升级，或缓存里缺了东西，请取消，再另建缓存。",
)


class KeyFileDialog(Dialog[bool]):
    """Dismisses with True if the operator says that the key file is the own one."""

    TITLE = "确认密钥文件"

    def body(self) -> Iterable[Widget]:
        yield from map(WrappedText, _CONSEQUENCES)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="keep")
        yield PushButton("确认并签名", id="trust")

    @on(PushButton.Pressed)
    def _pressed(self, pressed: PushButton.Pressed) -> None:
        self.dismiss(pressed.button.id == "trust")
