"""Finds the first error of a configuration file with its line, and the key that was probably meant.

msgspec reports neither of the two.

| class | code | raised when |
|---|---|---|
| ConfigProblem | (its subclasses) | base class of the others; it has file, line and key |
| ConfigUnreadable | config.unreadable | the file cannot be read, or is too large for a configuration |
| BadToml | config.bad-toml | the file is not valid TOML or not UTF-8 |
| UnknownKey | config.unknown-key | there is no such key |
| WrongValue | config.wrong-value | a value has the wrong type or is out of range |
"""

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
    """An error of the file `path`. `line` counts from 1. `line` is None and `key` (dotted) is empty if unknown."""

    def __init__(
        self, code: str, path: Path, reason: str, hint: str = "", *, line: int | None = None, key: str = ""
    ) -> None:
        at_line = f" 第 {line} 行" if line is not None else ""
        super().__init__(code, escape_controls(f"配置文件 {path}{at_line}：{reason}"), escape_controls(hint))
        self.path = path
        self.line = line
        self.key = key


class ConfigUnreadable(ConfigProblem):
    """The file cannot be read, or is too large for a configuration."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__("config.unreadable", path, f"读不了（{reason}）", "请检查文件和权限")


class BadToml(ConfigProblem):
    """The file is not valid TOML or not UTF-8."""

    def __init__(self, path: Path, reason: str, line: int) -> None:
        super().__init__("config.bad-toml", path, f"不是正确的 TOML（{reason}）", "请改正这一行", line=line)


class UnknownKey(ConfigProblem):
    """There is no such key. `nearest` is the valid key (dotted) that was probably meant, or empty."""

    def __init__(self, path: Path, line: int | None, key: str, nearest: str, valid: tuple[str, ...]) -> None:
        hint = f"最相近的有效项：{nearest}" if nearest else f"有效项：{'、'.join(valid)}"
        super().__init__("config.unknown-key", path, f"没有 {key} 这一项", hint, line=line, key=key)
        self.nearest = nearest


class WrongValue(ConfigProblem):
    """A value has the wrong type or is out of range. The message does not repeat it: it may be a secret."""

    def __init__(self, path: Path, line: int | None, key: str, expected: str) -> None:
        super().__init__("config.wrong-value", path, f"{key} 的值不对", f"应为：{expected}", line=line, key=key)


def first_error(
    path: Path, text: str, tables: Mapping[str, Any], model: type[msgspec.Struct], dec_hook: DecodeHook
) -> ConfigProblem | None:
    """The first error in `tables`, which were parsed from `text`, the content of the file `path`; None without error.

    `model` describes the valid keys and values. The `description` in the Meta of a field says what its value must be.
    """
    error = next(_errors(tables, model, dec_hook, ()), None)
    if error is None:
        return None
    line, key = _line_of(text, error.key), ".".join(error.key)
    if isinstance(error, _UnknownKey):
        return UnknownKey(path, line, key, _nearest(error, model), error.valid)
    return WrongValue(path, line, key, error.expected)


@dataclass(frozen=True, slots=True)
class _UnknownKey:
    key: KeyPath
    valid: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _InvalidValue:
    key: KeyPath
    expected: str


def _errors(
    table: Mapping[str, Any], model: type[msgspec.Struct], dec_hook: DecodeHook, parents: KeyPath
) -> Iterator[_UnknownKey | _InvalidValue]:
    wanted = _annotations(model)
    for name, value in table.items():
        key = (*parents, name)
        if name not in wanted:
            yield _UnknownKey(key, tuple(wanted))
        elif not _is_struct(wanted[name]):
            yield from _value_errors(value, wanted[name], dec_hook, key)
        elif isinstance(value, dict):
            yield from _errors(value, wanted[name], dec_hook, key)
        else:
            yield _InvalidValue(key, f"以 [{name}] 开头的一组设置")


def _value_errors(value: Any, annotation: Any, dec_hook: DecodeHook, key: KeyPath) -> Iterator[_InvalidValue]:
    plain, description = _described(annotation)
    if isinstance(value, dict) and typing.get_origin(plain) is dict:
        for name, inner in value.items():
            yield from _value_errors(inner, typing.get_args(plain)[1], dec_hook, (*key, name))
        return
    try:
        msgspec.convert(value, annotation, dec_hook=dec_hook)
    except msgspec.ValidationError:
        yield _InvalidValue(key, description)


def _annotations(model: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of the model's fields, by their names in the file."""
    hints = typing.get_type_hints(model, include_extras=True)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(model)}


def _is_struct(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)


def _described(annotation: Any) -> tuple[Any, str]:
    plain, *metadata = typing.get_args(annotation)
    return plain, "，".join(
        meta.description for meta in metadata if isinstance(meta, msgspec.Meta) and meta.description
    )


def _nearest(error: _UnknownKey, model: type[msgspec.Struct]) -> str:
    """A similar key of the same table, else the same key of another table, else ""."""
    *parents, name = error.key
    for near in difflib.get_close_matches(name, error.valid, n=1):
        return ".".join((*parents, near))
    tables = {name: annotation for name, annotation in _annotations(model).items() if _is_struct(annotation)}
    return next((f"{table}.{name}" for table, struct in tables.items() if name in _annotations(struct)), "")


def _line_of(text: str, key: KeyPath) -> int | None:
    """The first line of the statement that sets `key`; None if no statement does.

    The parser reports no positions, so longer and longer beginnings of the file are parsed. The first one with the key
    ends with the statement. The statement starts after the last valid beginning without the key.
    """
    lines = text.split("\n")
    complete = 0
    for count in range(1, len(lines) + 1):
        try:
            tables = tomllib.loads("\n".join(lines[:count]) + "\n")
        except tomllib.TOMLDecodeError:
            continue
        if _has_key(tables, key):
            return complete + 1
        complete = count
    return None


def _has_key(table: Any, key: KeyPath) -> bool:
    for name in key:
        if not isinstance(table, dict) or name not in table:
            return False
        table = table[name]
    return True
