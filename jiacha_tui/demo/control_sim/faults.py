"""The ways in which the next call can go wrong."""

import enum


class Fault(enum.Enum):
    """What befalls one call; the value is its name in a command."""

    GARBLE = "garble"
    """The answer is cut off in the middle."""

    SILENT = "silent"
    """It is carried out and never answered."""

    DROP = "drop"
    """It is carried out, and the control is gone before it answers."""

    PULL = "pull"
    """The card is pulled while it runs."""

    TWICE = "twice"
    """The answer comes two times."""

    BLOCK = "block"
    """A `_nextBlock` and the answer to another call come before the answer."""

    FOREIGN = "foreign"
    """Another card signs, put in while the call runs."""

    ECHO = "echo"
    """It fails with words that repeat the arguments, the PIN among them."""

    WRONG_SIGNATURE = "wrong-signature"
    """One bit of the signature is not what it should be."""

    RESET_FAILED = "50070"
    NO_CARD = "51590"
    NO_READER = "50200"
    """It fails with this published error."""
