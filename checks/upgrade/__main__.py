"""python -m checks.upgrade: keep today's templates as the release that pyproject.toml names (`make release`)."""

import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.access.__main__ import synthesized
from checks.synthesis import ROOT
from checks.upgrade.release import RELEASES, release, write


def main() -> int:
    """Write the release; return 2 where it is there already, because a release does not change."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if (RELEASES / version).exists():
        print(f"releases/{version} is there: raise the version in pyproject.toml first.", file=sys.stderr)  # noqa: T201
        return 2
    with TemporaryDirectory() as folder:
        found = release(synthesized(Path(folder)))
    for file in write(found, RELEASES / version):
        print(file.relative_to(ROOT))  # noqa: T201 - the result
    return 0


if __name__ == "__main__":
    sys.exit(main())
