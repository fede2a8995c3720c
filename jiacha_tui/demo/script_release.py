"""The scripts that the port serves at present."""

from dataclasses import dataclass

from jiacha_tui.demo.envelope import EnvelopeWriter


@dataclass(slots=True)
class ScriptRelease:
    """`envelope` is that of the sessions that open from now on; a session keeps the one with which it opened."""

    envelope: EnvelopeWriter
