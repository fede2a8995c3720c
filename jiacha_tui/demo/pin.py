"""The PIN of every demo card, in a module that the login screen can import before the first frame.

It is no secret: the demo login screen shows it.
"""

from typing import Final

DEMO_PIN: Final = "12345678"
