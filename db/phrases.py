"""pypinyin, with its dictionary of phrases in a quarter of the memory.

pypinyin keeps 47,000 phrases as lists of lists of texts of their own, 45 MB in all, although there are only some 1,500
different readings of a character. Here the phrases share them. Nothing changes them: pypinyin copies what it looks up.

Its import takes 0.2 s, and a cache that is only read does not need it. So this module is imported where it is used.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import msgspec


@contextmanager
def _without_phrases() -> Iterator[None]:
    """pypinyin's own switches: no dictionary of phrases, and no second copy of that of characters."""
    names = ("PYPINYIN_NO_PHRASES", "PYPINYIN_NO_DICT_COPY")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


with _without_phrases():
    from pypinyin import Style, lazy_pinyin, load_phrases_dict
    from pypinyin.contrib.mmseg import seg

__all__ = ["Style", "lazy_pinyin", "seg"]


def shared_phrases(content: bytes) -> dict[str, list[list[str]]]:
    """The phrases in pypinyin's JSON, each with its readings. Equal readings of a character are one object."""
    readings: dict[tuple[str, ...], list[str]] = {}
    phrases: Mapping[str, msgspec.Raw] = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    decoder = msgspec.json.Decoder(list[tuple[str, ...]])
    return {
        phrase: [readings.setdefault(reading, list(reading)) for reading in decoder.decode(raw)]
        for phrase, raw in phrases.items()
    }


def phrases_file() -> Path:
    """The file with the phrases. Raises ModuleNotFoundError if pypinyin is not installed as a folder."""
    spec = find_spec("pypinyin")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pypinyin")
    return Path(spec.submodule_search_locations[0], "phrases_dict.json")


load_phrases_dict(shared_phrases(phrases_file().read_bytes()))
