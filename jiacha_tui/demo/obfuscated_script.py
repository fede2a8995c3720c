"""The port's script in the shape that it has had since 2023: obfuscated JavaScript that defines a cipher of its own.

It defines `MuData_KXC(text, key)` (decrypts), `CaData_KXC(text, key)` (encrypts) and `loadAESDecryptStr(text)`, and
expects `window`, `console`, `setInterval` and `base64js` of its page (observed). Like the real one it keeps its words
in a rotated list, tests whether it was reformatted, silences the console and calls a debugger; no regular expression
finds tables or key in it.
"""

import re
from importlib.resources import files
from random import Random

from jiacha_tui.demo.variant_cipher import VariantCipher

_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'")
_LOCAL_NAME = re.compile(r"\$(\w+)")
_PROPERTY = re.compile(r"\.(\w+)")
_NUMBER = re.compile(r"(?<![\w$'.])(\d+)\b")
_BLANKS = re.compile(r"\s+")
_SHIFT = 7
"""Added to each character of a hidden word."""


def obfuscated_script(cipher: VariantCipher, key: str, random: Random) -> str:
    """The script for `cipher`; `loadAESDecryptStr` decrypts under `key`, 16 Latin-1 characters."""
    source = files(__package__).joinpath("script_source.js").read_text("utf-8")
    tables = {"SBOX": cipher.sbox, "FK": cipher.fk, "CK": cipher.ck, "ORDER": cipher.order}
    for name, values in tables.items():
        source = source.replace(f"@{name}@", f"[{','.join(str(value) for value in values)}]")
    source = source.replace("@KEY@", key)
    words: dict[str, int] = {}

    def hidden(word: str) -> str:
        return f"$word({words.setdefault(word, len(words))})"

    source = _STRING.sub(lambda found: hidden(found[1]), source)
    source = _PROPERTY.sub(lambda found: f"[{hidden(found[1])}]", source)
    turns = random.randrange(1, len(words))
    listed = [_shifted(word) for word in words]
    rotated = listed[-turns:] + listed[:-turns]
    prologue = files(__package__).joinpath("script_words.js").read_text("utf-8")
    prologue = prologue.replace("@WORDS@", ",".join(f"'{word}'" for word in rotated))
    prologue = prologue.replace("@TURNS@", str(turns)).replace("@SHIFT@", str(_SHIFT))
    return _renamed(_NUMBER.sub(lambda found: hex(int(found[1])), _BLANKS.sub(" ", prologue + source)), random)


def _shifted(word: str) -> str:
    return "".join(f"\\x{ord(character) + _SHIFT:02x}" for character in word)


def _renamed(source: str, random: Random) -> str:
    """`$name` becomes a name that says nothing."""
    names = sorted(set(_LOCAL_NAME.findall(source)))
    numbers = random.sample(range(0x100000, 0xFFFFFF), len(names))
    renamed = {name: f"_0x{number:x}" for name, number in zip(names, numbers, strict=True)}
    return _LOCAL_NAME.sub(lambda found: renamed[found[1]], source)
