"""What is wrong with a configuration file, and where: msgspec names neither the line nor the key that was meant."""

import difflib
import tomllib
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.problem import Problem

KeyPath = tuple[str, ...]
DecodeHook = Callable[[type, Any], Any]


class ConfigProblem(Problem):
    """`line` counts from 1, None where no line is to blame; `key` is dotted, empty where no key is."""

    def __init__(
        self, code: str, path: Path, reason: str, hint: str = "", *, line: int | None = None, key: str = ""
    ) -> None:
        at_line = f" 第 {line} 行" if line is not None else ""
        super().__init__(code, escape_controls(f"配置文件 {path}{at_line}：{reason}"), escape_controls(hint))
        self.path = path
        self.line = line
        self.key = key


class ConfigUnreadable(ConfigProblem):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__("config.unreadable", path, f"读不了（{reason}）", "请检查文件和权限")


class BadToml(ConfigProblem):
    def __init__(self, path: Path, reason: str, line: int) -> None:
        super().__init__("config.bad-toml", path, f"不是正确的 TOML（{reason}）", "请改正这一行", line=line)


class UnknownKey(ConfigProblem):
    """`nearest` is the valid key, dotted, that was probably meant; empty where none is near."""

    def __init__(self, path: Path, line: int | None, key: str, nearest: str, valid: tuple[str, ...]) -> None:
        hint = f"最相近的有效项：{nearest}" if nearest else f"有效项：{'、'.join(valid)}"
        super().__init__("config.unknown-key", path, f"没有 {key} 这一项", hint, line=line, key=key)
        self.nearest = nearest


class WrongValue(ConfigProblem):
    """The value itself is not repeated: it may be something that was pasted there by mistake."""

    def __init__(self, path: Path, line: int | None, key: str, expected: str) -> None:
        super().__init__("config.wrong-value", path, f"{key} 的值不对", f"应为：{expected}", line=line, key=key)


def first_error(
    path: Path, text: str, tables: Mapping[str, Any], model: type[msgspec.Struct], dec_hook: DecodeHook
) -> ConfigProblem | None:
    """The first thing in `tables`, parsed from the `text` of the file `path`, that does not fit `model`.

    What a value has to be is said by the description in the Meta of its field. None where everything fits.
    """
    fault = next(_faults(tables, model, dec_hook, ()), None)
    if fault is None:
        return None
    line, key = _line_of(text, fault.key), ".".join(fault.key)
    if isinstance(fault, _Unexpected):
        return UnknownKey(path, line, key, _nearest(fault, model), fault.valid)
    return WrongValue(path, line, key, fault.expected)


@dataclass(frozen=True, slots=True)
class _Unexpected:
    key: KeyPath
    valid: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _InvalidValue:
    key: KeyPath
    expected: str


def _faults(
    table: Mapping[str, Any], model: type[msgspec.Struct], dec_hook: DecodeHook, above: KeyPath
) -> Iterator[_Unexpected | _InvalidValue]:
    wanted = _annotations(model)
    for name, value in table.items():
        key = (*above, name)
        if name not in wanted:
            yield _Unexpected(key, tuple(wanted))
        elif not _is_struct(wanted[name]):
            yield from _value_faults(value, wanted[name], dec_hook, key)
        elif isinstance(value, dict):
            yield from _faults(value, wanted[name], dec_hook, key)
        else:
            yield _InvalidValue(key, f"以 [{name}] 开头的一组设置")


def _value_faults(value: Any, annotation: Any, dec_hook: DecodeHook, key: KeyPath) -> Iterator[_InvalidValue]:
    plain, description = _described(annotation)
    if isinstance(value, dict) and typing.get_origin(plain) is dict:
        for name, inner in value.items():
            yield from _value_faults(inner, typing.get_args(plain)[1], dec_hook, (*key, name))
        return
    try:
        msgspec.convert(value, annotation, dec_hook=dec_hook)
    except msgspec.ValidationError:
        yield _InvalidValue(key, description)


def _annotations(model: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of the model's fields by their names in the file."""
    hints = typing.get_type_hints(model, include_extras=True)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(model)}


def _is_struct(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)


def _described(annotation: Any) -> tuple[Any, str]:
    plain, *metadata = typing.get_args(annotation)
    return plain, "，".join(
        meta.description for meta in metadata if isinstance(meta, msgspec.Meta) and meta.description
    )


def _nearest(fault: _Unexpected, model: type[msgspec.Struct]) -> str:
    """A key of the same table that looks alike, else one of that very name in another table, else nothing."""
    *above, name = fault.key
    for near in difflib.get_close_matches(name, fault.valid, n=1):
        return ".".join((*above, near))
    tables = {name: annotation for name, annotation in _annotations(model).items() if _is_struct(annotation)}
    return next((f"{table}.{name}" for table, struct in tables.items() if name in _annotations(struct)), "")


def _line_of(text: str, key: KeyPath) -> int | None:
    """The line on which the statement begins that brings `key` into the file; None where there is none.

    The parser keeps no positions, so it is asked for ever longer beginnings of the file: the first one that holds
    the key ends with the statement, and the statement began after the last one that was complete without it.
    """
    lines = text.split("\n")
    complete = 0
    for count in range(1, len(lines) + 1):
        try:
            tables = tomllib.loads("\n".join(lines[:count]) + "\n")
        except tomllib.TOMLDecodeError:
            continue
        if _holds(tables, key):
            return complete + 1
        complete = count
    return None


def _holds(table: Any, key: KeyPath) -> bool:
    for name in key:
        if not isinstance(table, dict) or name not in table:
            return False
        table = table[name]
    return True
