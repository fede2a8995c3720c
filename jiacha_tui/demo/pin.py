"""The PIN of every demo card. No secret: the demo login screen shows it."""

from typing import Final

DEMO_PIN: Final = "12345678"
