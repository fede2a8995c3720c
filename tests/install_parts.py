"""Installs the parts of `tests.needs` that this machine lacks. It needs apt and root.

It prints the parts that it cannot install, and why. The exit code is 1 only where apt failed to install something.
"""

import os
import shutil
import subprocess
import sys

from tests.needs import Part, in_distribution, missing

_APT = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def _reason_not_to_install() -> str:
    if shutil.which("apt-get") is None:
        return "this is not Debian or Ubuntu"
    if os.geteuid() != 0:
        return "only root can install them"
    return ""


def _print_missing(parts: tuple[Part, ...], reason: str) -> None:
    sys.stdout.write(f"Tests that need these parts are skipped, because {reason}:\n")
    for part in parts:
        sys.stdout.write(f"  {part.name:<14} apt install {part.package:<24} {part.reason}\n")


def main() -> int:
    wanted = missing()
    if not wanted:
        return 0
    if reason := _reason_not_to_install():
        _print_missing(wanted, reason)
        return 0
    subprocess.run(["apt-get", "update", "-qq"], env=_APT, check=False)
    packages = sorted({part.package for part in wanted if in_distribution(part.package)})
    if packages:
        sys.stdout.write(f"Installing parts that the tests need: {' '.join(packages)}\n")
        sys.stdout.flush()
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        installed = subprocess.run(command, env=_APT, stdout=subprocess.DEVNULL, check=False)
        if installed.returncode != 0:
            return 1
    if absent := tuple(part for part in missing() if not in_distribution(part.package)):
        _print_missing(absent, "this distribution does not have them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
