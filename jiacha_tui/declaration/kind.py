"""What kind a declaration is and where it comes from. Apart from the model, which takes long to import."""

import enum


class Kind(enum.Enum):
    """报关单类型, the type of a declaration. The value is the port's `decType`."""

    CLEARED = "1"
    DEPARTURE_PORT = "2"

    @property
    def label(self) -> str:
        return "结关报关单" if self is Kind.CLEARED else "启运港退税报关单"


class Origin(enum.Enum):
    """The source of a declaration in the cache: the port's list, or an imported file."""

    PORT = "port"
    FILE = "file"
