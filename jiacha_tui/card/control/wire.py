"""The frames of the control: one JSON object per text frame, with `args` in a call and `_args` in a reply."""

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from jiacha_tui.card.control.problems import InvalidControlReply
from jiacha_tui.card.pin import Pin

GREETING: Final = "open"
"""The method of the first frame, which the control sends without being asked."""

_REDACTED: Final = "********"

_ENCODER: Final = msgspec.json.Encoder()
_FRAME_BYTES: Final = 1024
"""More than a frame has without its texts."""

_CHARACTER_BYTES: Final = 6
"""No character takes more in JSON."""


@dataclass(frozen=True, slots=True)
class ControlCall:
    """A method with its arguments. A PIN among them stays a Pin until the frame is made."""

    method: str
    arguments: Mapping[str, str | Pin] = field(default_factory=dict)

    @property
    def has_pin(self) -> bool:
        return any(isinstance(argument, Pin) for argument in self.arguments.values())

    @contextlib.contextmanager
    def encoded(self, call_id: int) -> Iterator[bytearray]:
        """The frame of this call, UTF-8. It may contain the PIN and is overwritten on leaving the context."""
        values = {
            name: argument.reveal() if isinstance(argument, Pin) else argument
            for name, argument in self.arguments.items()
        }
        # So long that it never grows, which could leave a copy of its beginning in memory.
        names = (self.method, *itertools.chain.from_iterable(values.items()))
        frame = bytearray(_FRAME_BYTES + sum(_CHARACTER_BYTES * len(text) for text in names))
        try:
            _ENCODER.encode_into({"_method": self.method, "_id": call_id, "args": values}, frame)
            yield frame
        finally:
            frame[:] = bytes(len(frame))

    def redacted_texts(self, value: Any) -> tuple[str, ...]:
        """The texts in `value`, one text or a list from a reply. If they repeat the PIN of this call, it is hidden."""
        texts = [text for text in _as_tuple(value) if isinstance(text, str)]
        for argument in self.arguments.values():
            if isinstance(argument, Pin) and not argument.cleared:
                texts = [text.replace(argument.reveal(), _REDACTED) for text in texts]
        return tuple(texts)


@dataclass(frozen=True, slots=True)
class ControlReply:
    """The result of a call. `data` and `errors` hold what the control sent and are left out of the repr.

    `succeeded` is None if the control did not say it in a form that is known.
    """

    succeeded: bool | None
    data: tuple[Any, ...] = field(repr=False)
    errors: Any = field(repr=False)

    def text(self, position: int) -> str:
        """The text at `position` of the data. Raises InvalidControlReply if there is none."""
        if len(self.data) <= position or not isinstance(self.data[position], str):
            raise InvalidControlReply
        return str(self.data[position])

    def member(self, position: int, name: str) -> Any:
        """A member of the object at `position` of the data, None if the object does not have it.

        Raises InvalidControlReply if there is no object at `position`.
        """
        if len(self.data) <= position or not isinstance(self.data[position], dict):
            raise InvalidControlReply
        return self.data[position].get(name)


class ControlMessage(msgspec.Struct, frozen=True):
    """A frame from the control. Members that it lacks are None; `args` is decoded later, by `reply`."""

    id: Any = msgspec.field(name="_id", default=None)
    method: Any = msgspec.field(name="_method", default=None)
    args: msgspec.Raw = msgspec.field(name="_args", default=msgspec.Raw(b"null"))

    @classmethod
    def decode(cls, data: bytes) -> "ControlMessage":
        """`data` is UTF-8 or, from a control that takes the code page of Chinese Windows, GB18030.

        Raises InvalidControlReply if it is neither, or is not a JSON object.
        """
        try:
            return msgspec.json.decode(_decode_text(data), type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise InvalidControlReply from None

    @property
    def is_greeting(self) -> bool:
        return bool(self.method == GREETING)

    def is_reply_to(self, call: ControlCall, call_id: int) -> bool:
        """Whether this is the reply to that call. `_nextBlock`, late replies and repeated replies are not."""
        return type(self.id) is int and self.id == call_id and bool(self.method == call.method)

    def reply(self) -> ControlReply:
        """Decodes `_args`. Only `Result` says whether the call succeeded; `_status` is 00 in any case.

        Raises InvalidControlReply.
        """
        try:
            args = msgspec.json.decode(self.args, type=_Args)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise InvalidControlReply from None
        succeeded = args.Result if isinstance(args.Result, bool) else None
        return ControlReply(succeeded, _as_tuple(args.Data), args.Error)


class _Args(msgspec.Struct, frozen=True):
    Result: Any = None
    Data: Any = None
    Error: Any = None


def _decode_text(data: bytes) -> str:
    """Raises UnicodeDecodeError. GB18030 comes second because it accepts nearly all UTF-8 too, as other characters."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _as_tuple(value: Any) -> tuple[Any, ...]:
    """The members of a list. A value that is no list counts as a list of one."""
    if isinstance(value, list):
        return tuple(value)
    return () if value is None else (value,)
