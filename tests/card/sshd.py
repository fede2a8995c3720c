"""A real SSH server and client over loopback, for cards that an operator forwards from a PC."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

SshServer = tuple[int, Path]
"""The port of a server for the user who runs the tests, and the file with that user's key."""

# On a machine without a running SSH server, sshd of root lacks a folder. It gets one in a mount namespace of its own.
_PRIVATE_RUN = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && mkdir /run/sshd && exec "$@"', "sh")


def _new_key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@contextlib.contextmanager
def running_sshd(folder: Path) -> Iterator[SshServer]:
    host_key, user_key = _new_key(folder / "host"), _new_key(folder / "user")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": host_key,
        "AuthorizedKeysFile": user_key.with_suffix(".pub"),
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "prohibit-password",
    }
    arguments = [argument for name, value in options.items() for argument in ("-o", f"{name}={value}")]
    program = shutil.which("sshd", path="/usr/local/sbin:/usr/sbin:/sbin")
    assert program is not None
    lacks_folder = os.geteuid() == 0 and not Path("/run/sshd").is_dir()
    command = [*(_PRIVATE_RUN if lacks_folder else ()), program, "-D", "-e", "-f", "/dev/null", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
            assert "Server listening" in line, line
            yield port, user_key
        finally:
            server.terminate()


@contextlib.contextmanager
def forwarding(server: SshServer, forwarded: str) -> Iterator["subprocess.Popen[str]"]:
    """Runs `ssh -R forwarded`. The connection may not be established yet. Its stderr is a pipe."""
    port, key = server
    options = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ExitOnForwardFailure=yes")
    target = ("-p", str(port), "-i", str(key), f"{getpass.getuser()}@127.0.0.1")
    command = ["ssh", "-F", "none", "-N", *options, "-R", forwarded, *target]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as client:
        try:
            yield client
        finally:
            client.kill()
