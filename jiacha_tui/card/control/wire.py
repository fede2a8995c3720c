"""The frames of the control: text, one JSON object each, `args` on the way in and `_args` on the way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from jiacha_tui.card.control.problems import InvalidControlReply
from jiacha_tui.card.pin import Pin

GREETING: Final = "open"
"""The method of the first frame, which the control sends by itself."""

_HIDDEN: Final = "********"


@dataclass(frozen=True, slots=True)
class ControlCall:
    """One method with its arguments; a PIN stays in its holder until the frame is made."""

    method: str
    arguments: Mapping[str, str | Pin] = field(default_factory=dict)

    @property
    def has_pin(self) -> bool:
        return any(isinstance(argument, Pin) for argument in self.arguments.values())

    def encode(self, call_id: int) -> bytes:
        """The frame of this call, UTF-8. It may hold the PIN: for the socket, and to be kept nowhere."""
        return msgspec.json.encode(
            {
                "_method": self.method,
                "_id": call_id,
                "args": {
                    name: argument.reveal() if isinstance(argument, Pin) else argument
                    for name, argument in self.arguments.items()
                },
            }
        )

    def redacted_texts(self, words: Any) -> tuple[str, ...]:
        """The texts in `words`, one or a list, which the control wrote; a PIN that it repeats in them is hidden."""
        texts = [word for word in _as_tuple(words) if isinstance(word, str)]
        for argument in self.arguments.values():
            if isinstance(argument, Pin) and not argument.cleared:
                texts = [text.replace(argument.reveal(), _HIDDEN) for text in texts]
        return tuple(texts)


@dataclass(frozen=True, slots=True)
class ControlReply:
    """What a call came to. `data` and `errors` are whatever the control sent, and show themselves nowhere."""

    succeeded: bool
    data: tuple[Any, ...] = field(repr=False)
    errors: Any = field(repr=False)

    def text(self, position: int) -> str:
        """The text at `position` of the data. Raises InvalidControlReply if there is none."""
        if len(self.data) <= position or not isinstance(self.data[position], str):
            raise InvalidControlReply
        return str(self.data[position])

    def member(self, position: int, name: str) -> Any:
        """A member of the object at `position` of the data, None if it has no such one. Raises InvalidControlReply."""
        if len(self.data) <= position or not isinstance(self.data[position], dict):
            raise InvalidControlReply
        return self.data[position].get(name)


class ControlMessage(msgspec.Struct, frozen=True):
    """A frame of the control, as far as it tells what it is about."""

    id: Any = msgspec.field(name="_id", default=None)
    method: Any = msgspec.field(name="_method", default=None)
    args: msgspec.Raw = msgspec.field(name="_args", default=msgspec.Raw(b"null"))

    @classmethod
    def decode(cls, data: bytes) -> "ControlMessage":
        """Raises InvalidControlReply for what is no JSON object."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise InvalidControlReply from None

    @property
    def is_greeting(self) -> bool:
        return bool(self.method == GREETING)

    def is_reply_to(self, call: ControlCall, call_id: int) -> bool:
        """Whether this is the answer to that call. `_nextBlock`, late answers and second ones are not."""
        return type(self.id) is int and self.id == call_id and bool(self.method == call.method)

    def reply(self) -> ControlReply:
        """`_args`, of which `Result` alone tells whether the call succeeded; `_status` is 00 either way.

        Raises InvalidControlReply.
        """
        try:
            args = msgspec.json.decode(self.args, type=_Args)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise InvalidControlReply from None
        return ControlReply(args.Result is True, _as_tuple(args.Data), args.Error)


class _Args(msgspec.Struct, frozen=True):
    Result: Any = None
    Data: Any = None
    Error: Any = None


def _as_tuple(value: Any) -> tuple[Any, ...]:
    """A list's members; a bare value counts as a list of one."""
    if isinstance(value, list):
        return tuple(value)
    return () if value is None else (value,)
