"""The base class of everything that can go wrong: a code, what happened, what to do next.

The problems of this package, each in the module of its rule:

| class | code | raised when | module |
|---|---|---|---|
| BadCardNumber | card.bad-number | a card number is not made of letters and digits | card_number |
| BadEntryNumber | declaration.bad-number | a text is not an 18-digit 报关单号 | entry_number |
| BadFileName | download.bad-file-name | a name is not that of a downloaded file | file_name |
| InvalidMark | mark.invalid | what a clerk notes about a declaration cannot be read | clerk_marks |
| Refusal | (its subclasses) | a rule forbids a request; nothing was sent | rules |
| QuerySpanTooLong | query.span-too-long | a query spans more than one month | rules |
| DownloadSpanTooLong | download.span-too-long | a download spans more than 30 days | rules |
| TooManyItems | download.too-many-items | a download of several days has more than 1000 items | rules |
| DownloadTooLarge | download.too-large | a download of several days has more than 8 MiB | rules |
| NothingSelected | batch.empty | a batch operation has no declaration | rules |
| BatchTooLarge | batch.too-large | a batch operation has more than ten declarations | rules |
"""


class Problem(Exception):
    """A failure that is shown to the operator.

    `code` is for scripts and the message log and never changes (`card.wrong-pin`). `message` says what happened and
    `hint` what to do next: Chinese sentences for the screen. `message` is the official text if the site has one.
    None of the three ever holds a PIN, a key, a cookie or a personal number.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.hint = hint
