"""The Chromium that tests show pages to: the machine's own, or one that is installed for them."""

import fcntl
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

from mdlc.templates.check import BROWSERS

LOCK = Path(__file__).parents[1] / "build" / "chromium.lock"
DEBIAN = ("chromium", "fonts-dejavu-core")


@cache
def installed() -> str:
    """Return the path of a Chromium. A machine without one gets Debian's package, or else Playwright's own build."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:  # of several workers one installs it
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _found() or (_of_debian() if _is_debian() else _of_playwright())


def _found() -> str:
    return next(filter(None, map(shutil.which, BROWSERS)), "")


def _is_debian() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _of_debian() -> str:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *DEBIAN]):
        subprocess.run(["apt-get", *command], check=True, env=quiet)
    found = _found()
    assert found, "Debian's package chromium brought no browser."
    return found


def _of_playwright() -> str:
    subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=True)
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path
