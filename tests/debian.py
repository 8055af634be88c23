"""Programs that tests run as they are, from Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def program(*names: str, package: str) -> str:
    """Where the program is, by the first of its names on the path; installed where that can be done. Raises OSError otherwise."""
    found = _found(names)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(package)
        found = _found(names)
    if found is None:
        raise OSError(f"there is no {names[0]} on the path, and only root can install it (apt-get install {package})")
    return found


def _install(package: str) -> None:
    """Install it; a machine that has no lists of packages yet fetches them."""
    install = ["apt-get", "install", "--yes", "--no-install-recommends", package]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        subprocess.run(["apt-get", "update"], capture_output=True, check=False)
        done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"apt-get install {package}: {done.stderr.strip()[-200:]}")


def required(*names: str, package: str) -> str:
    """The same; where there is none the test is skipped, with the reason in the summary; under CI it fails."""
    try:
        return program(*names, package=package)
    except OSError as error:
        reason = f"no {names[0]} could be started: {error}"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def _found(names: tuple[str, ...]) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)
