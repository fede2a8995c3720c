"""Installs with apt, as root, the parts of `tests.needs` that this machine lacks; says what stays away and why.

Exits with 1 only where apt was asked to install something and failed.
"""

import os
import shutil
import subprocess
import sys

from tests.needs import Part, in_distribution, missing

_APT = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def _why_not_installed() -> str:
    if shutil.which("apt-get") is None:
        return "this is no Debian or Ubuntu"
    if os.geteuid() != 0:
        return "only root can install them"
    return ""


def _say(parts: tuple[Part, ...], why: str) -> None:
    sys.stdout.write(f"Tests that use these are left out, for {why}:\n")
    for part in parts:
        sys.stdout.write(f"  {part.name:<14} apt install {part.package:<24} {part.reason}\n")


def main() -> int:
    wanted = missing()
    if not wanted:
        return 0
    if why := _why_not_installed():
        _say(wanted, why)
        return 0
    subprocess.run(["apt-get", "update", "-qq"], env=_APT, check=False)
    packages = sorted({part.package for part in wanted if in_distribution(part.package)})
    if packages:
        sys.stdout.write(f"Installing what the tests use: {' '.join(packages)}\n")
        sys.stdout.flush()
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        installed = subprocess.run(command, env=_APT, stdout=subprocess.DEVNULL, check=False)
        if installed.returncode != 0:
            return 1
    if absent := tuple(part for part in missing() if not in_distribution(part.package)):
        _say(absent, "this distribution does not have them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
