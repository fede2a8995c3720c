"""What can go wrong, said the same way everywhere: a code, what happened, what to do next."""


class Problem(Exception):
    """A failure that an operator is told about.

    `code` is stable and made for scripts and the message log (`card.wrong-pin`), `message` and `hint` are
    Chinese sentences for the screen. `message` is the official text wherever the site has one. None of the
    three ever holds a PIN, a key, a cookie or a personal number.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.hint = hint
