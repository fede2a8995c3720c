"""Keys: the names that an operator reads, and which of them a text field takes as text. Keys are Textual's names."""

_NAMES = {
    "slash": "/",
    "question_mark": "?",
    "enter": "Enter",
    "escape": "Esc",
    "space": "空格",
    "tab": "Tab",
    "backspace": "退格",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def key_name(key: str) -> str:
    """The name that an operator reads: `f1` gives F1, `ctrl+p` gives ^P, `slash` gives /."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+').upper()}"
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


def is_typed(key: str) -> bool:
    """Whether a text field takes the key as text."""
    return len(key) == 1 or key in ("slash", "question_mark", "space")
