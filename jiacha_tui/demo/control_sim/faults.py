"""The faults that can be injected into the next call."""

import enum


class Fault(enum.Enum):
    """What goes wrong in one call. The value is the name of the fault in a command."""

    GARBLE = "garble"
    """The reply is cut off in the middle."""

    NO_TEXT = "no-text"
    """The reply is in no encoding: it is neither UTF-8 nor GB18030."""

    NO_RESULT = "no-result"
    """The reply does not say whether the call succeeded."""

    SILENT = "silent"
    """The call is executed, but no reply is sent."""

    DROP = "drop"
    """The call is executed, but the control ends the connection before the reply."""

    PULL = "pull"
    """The card is removed during the call."""

    TWICE = "twice"
    """The reply is sent twice."""

    BLOCK = "block"
    """A `_nextBlock` and the reply to another call are sent before the reply."""

    FOREIGN = "foreign"
    """Another card is inserted during the call and signs."""

    ECHO = "echo"
    """The call fails with a text that repeats the arguments, the PIN included."""

    WRONG_SIGNATURE = "wrong-signature"
    """One bit of the signature is wrong."""

    RESET_FAILED = "50070"
    NO_CARD = "51590"
    NO_READER = "50200"
    """The call fails with this published error."""
