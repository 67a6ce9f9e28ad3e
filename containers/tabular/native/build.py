"""python build.py TARGET: compile the core for this machine's kind of processor, as the image's first stage does.

The compiler is Zig's, which is a package like any other; it makes code that runs on every processor of the kind, and
with every glibc since 2.17. Where it is not installed, cc is taken.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("core.c")
FLAGS: Final = ("-O3", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror")


def build(target: Path, *flags: str) -> None:
    """Compile the core into the file `target`."""
    subprocess.run([*_compiler(), *FLAGS, *flags, str(SOURCE), "-o", str(target), "-lm"], check=True)  # noqa: S603 - ours


def _compiler() -> list[str]:
    try:
        metadata.version("ziglang")
    except metadata.PackageNotFoundError:
        if not shutil.which("cc"):
            raise SystemExit("There is no C compiler: install cc, or the package ziglang beside this Python.") from None
        return ["cc"]
    return [sys.executable, "-m", "ziglang", "cc", "-target", f"{platform.machine()}-linux-gnu.2.17", "-mcpu=baseline"]


if __name__ == "__main__":
    build(Path(sys.argv[1]))
