"""Runs a real CUPS scheduler with its configuration, socket, queues and printed documents in one folder.

It needs no root.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SERVER_BIN = Path("/usr/lib/cups")
_START_TIMEOUT_SECONDS = 15.0

_CUPSD = """\
Listen {root}/cups.sock
Browsing No
WebInterface No
DefaultAuthType None
LogLevel warn
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
_CUPS_FILES = """\
ServerRoot {root}/etc
ServerBin {root}/bin
RequestRoot {root}/spool
TempDir {root}/spool/tmp
CacheDir {root}/cache
StateDir {root}/state
ServerKeychain {root}/keys
AccessLog {root}/log/access
ErrorLog {root}/log/error
PageLog {root}/log/page
SystemGroup root
"""
_QUEUE = """\
<{kind}Printer {name}>
Info {info}
DeviceURI {device}
State {state}
Accepting {accepting}
ErrorPolicy abort-job
</{kind}Printer>
"""

_BACKEND = """\
#!/bin/sh
[ $# -eq 0 ] && exit 0
case "$DEVICE_URI" in
  test:/works)
    printf '%s' "$3" > '{root}/paper/title'
    cat ${{6:+"$6"}} > '{root}/paper/document.pdf' ;;
  test:/jams)
    echo 'STATE: +media-jam-error' >&2
    trap 'exit 0' TERM
    while :; do sleep 0.05; done ;;
  test:/slow)
    trap 'exit 0' TERM
    while :; do sleep 0.05; done ;;
  *)
    exit 1 ;;
esac
"""
"""A CUPS back end. Its arguments are job, user, title, copies, options and perhaps a file; it "prints" to `paper`."""

QUEUES = {
    "works": ("一楼打印机 <b>", "test:/works", "Idle", "Yes"),
    "broken": ("", "test:/broken", "Idle", "Yes"),
    "jams": ("", "test:/jams", "Idle", "Yes"),
    "slow": ("", "test:/slow", "Idle", "Yes"),
    "stopped": ("", "test:/works", "Stopped", "Yes"),
    "refusing": ("", "test:/works", "Idle", "No"),
}
DEFAULT = "works"


@dataclass(frozen=True, slots=True)
class PrintServer:
    """A running scheduler. `environment` leads a client to it; the folder `paper` holds the printed documents."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"CUPS_SERVER": str(self.root / "cups.sock")}

    @property
    def paper(self) -> Path:
        return self.root / "paper"


@contextmanager
def running_print_server() -> Iterator[PrintServer]:
    """A scheduler with QUEUES, in a folder with a short path: the path of its socket may have at most 108 bytes."""
    with tempfile.TemporaryDirectory(prefix="jc-cups-") as folder, _running_in(Path(folder)) as server:
        yield server


@contextmanager
def _running_in(root: Path) -> Iterator[PrintServer]:
    for folder in ("etc/ppd", "spool/tmp", "cache", "state", "keys", "log", "paper", "bin/backend"):
        (root / folder).mkdir(parents=True)
    for part in ("cgi-bin", "daemon", "filter", "notifier"):
        (root / "bin" / part).symlink_to(_SERVER_BIN / part)
    backend = root / "bin/backend/test"
    backend.write_text(_BACKEND.format(root=root))
    # CUPS runs a back end that only its owner may run as its owner; it would run any other one as the user `lp`.
    backend.chmod(0o700)
    (root / "etc/cupsd.conf").write_text(_CUPSD.format(root=root))
    (root / "etc/cups-files.conf").write_text(_CUPS_FILES.format(root=root))
    queues = (
        _QUEUE.format(
            kind="Default" if name == DEFAULT else "",
            name=name,
            info=info,
            device=uri,
            state=state,
            accepting=accepting,
        )
        for name, (info, uri, state, accepting) in QUEUES.items()
    )
    (root / "etc/printers.conf").write_text("".join(queues))
    program = shutil.which("cupsd", path="/usr/local/sbin:/usr/sbin:/sbin")
    assert program
    command = [program, "-f", "-c", str(root / "etc/cupsd.conf"), "-s", str(root / "etc/cups-files.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for_connection(root / "cups.sock", process)
        yield PrintServer(root)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for_connection(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    with socket.socket(socket.AF_UNIX) as client:
        while client.connect_ex(str(path)) != 0:
            assert process.poll() is None, f"cupsd ended with {process.returncode}"
            assert time.monotonic() < deadline, "cupsd does not open its socket"
            time.sleep(0.02)
