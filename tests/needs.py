"""External programs and files that some tests need, each with the Debian package that has it.

A test names what it needs. It is skipped where a part is missing, and fails in CI:

    @needs("wkhtmltopdf")
    def test_the_form_becomes_a_pdf() -> None: ...

`python -m tests.install_parts` installs them.
"""

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
"""Folders of daemons that are not in the PATH of an ordinary user."""


@dataclass(frozen=True, slots=True)
class Part:
    """`name` is a program in the PATH, unless `path` names the file to look for."""

    name: str
    package: str
    reason: str
    path: str = ""

    def is_there(self) -> bool:
        if self.path:
            return Path(self.path).exists()
        return shutil.which(self.name, path=f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_FOLDERS}") is not None


PARTS = (
    Part("tmux", "tmux", "a real terminal around the program"),
    Part("openssl", "openssl", "a second opinion on certificates, signatures and the demo card's file"),
    Part("ssh", "openssh-client", "a really forwarded port to the client control"),
    Part("sshd", "openssh-server", "the server's end of that port"),
    Part("pcscd", "pcscd", "the real service for card readers; the tests start their own instance"),
    Part(
        "vpcd",
        "vsmartcard-vpcd",
        "a reader for virtual cards",
        "/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
    ),
    Part("libpcsclite-dev", "libpcsclite-dev", "needed to build pyscard", "/usr/include/PCSC/winscard.h"),
    Part("gcc", "gcc", "builds pyscard, and libraries for tests of file locks and of a failing disk"),
    Part("Python.h", "python3-dev", "needed to build pyscard", f"{sysconfig.get_path('include')}/Python.h"),
    Part("opensc-tool", "opensc", "a second opinion on the tests' PIV card"),
    Part("yubico-piv-tool", "yubico-piv-tool", "a second opinion on the tests' PIV card"),
    Part("xmlsec1", "xmlsec1", "a second opinion on the signature of an encrypted file"),
    Part("xsec-cipher", "xml-security-c-utils", "a second opinion on the encryption of an encrypted file"),
    Part("xsec-checksig", "xml-security-c-utils", "a second opinion on the signature of an encrypted file"),
    Part("wkhtmltopdf", "wkhtmltopdf", "the first of the two PDF engines; not in Debian 13 and later"),
    Part("pdftoppm", "poppler-utils", "a second renderer of the PDF"),
    Part("zbarimg", "zbar-tools", "a scanner for the barcode and the QR code on the form"),
    Part("cupsd", "cups-daemon", "a real print server"),
)

_BY_NAME = {part.name: part for part in PARTS}


def needs(*names: str) -> pytest.MarkDecorator:
    """Marks a test, a class or (as `pytestmark`) a module that needs these parts. KeyError for one not in `PARTS`."""
    return pytest.mark.needs(*(_BY_NAME[name] for name in names))


def missing(parts: Iterable[Part] = PARTS) -> tuple[Part, ...]:
    return tuple(part for part in parts if not part.is_there())


def in_distribution(package: str) -> bool:
    """Whether apt could install the package, according to the package lists on this machine."""
    if shutil.which("apt-cache") is None:
        return False
    policy = subprocess.run(
        ["apt-cache", "policy", package], capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"}
    )
    return "Candidate:" in policy.stdout and "Candidate: (none)" not in policy.stdout


def require(parts: Iterable[Part]) -> None:
    """Skips the running test if a part is missing. In CI it fails instead, if the part could have been installed."""
    absent = missing(parts)
    if not absent:
        return
    text = ", ".join(f"{part.name} (Debian package {part.package})" for part in absent)
    if os.environ.get("CI") == "true" and any(in_distribution(part.package) for part in absent):
        pytest.fail(f"not installed: {text}", pytrace=False)
    pytest.skip(f"not installed: {text}")
