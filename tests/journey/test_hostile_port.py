"""The whole program at a port that sends too much: it says so, and its memory is bounded."""

import json
import subprocess
import sys
from pathlib import Path

from tests.app_contexts import serve_port

_MAX_BYTES = 400_000_000
"""The peak of the program's memory, whatever the port sends."""

_FAULTS = """\
many-cookies@session many-items@detail:1 long-texts@detail:2- many-rows@list:1
many-values@list:3 deep-json@list:4 expanding@list:5 many-comments@list:6 gigantic@list:7 huge-headers@list:8
"""


def test_memory_is_bounded_whatever_the_port_sends(
    port_home: Path, project: Path, child_environment: dict[str, str]
) -> None:
    faults = [option for fault in _FAULTS.split() for option in ("--fault", fault)]
    with serve_port(port_home, child_environment, "--declarations", "8", "--script", "plain", *faults) as (url, ca):
        program = subprocess.run(
            [sys.executable, "-m", "tests.journey.measured_program", str(port_home), url, str(ca)],
            cwd=project,
            env=child_environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    measured = json.loads(program.stdout)
    assert "没有取全" in measured["result"]
    assert "没有收" in measured["detail"]
    assert measured["peak"] < _MAX_BYTES, measured
