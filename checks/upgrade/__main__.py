"""python -m checks.upgrade: keep today's templates as the release that pyproject.toml names (`make release`).

With a version and a folder, as in `python -m checks.upgrade 0.1.0 build/0.1.0`, it unpacks what users of that release
have deployed, for the CDK command line: `cdk deploy --app build/0.1.0/assembly-dev 'dev/*'`.
"""

import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.access.__main__ import synthesize_templates
from checks.synthesis import ROOT
from checks.upgrade.assembly import pack, unpack
from checks.upgrade.release import RELEASES, ReleaseError, release, write


def main(arguments: list[str]) -> int:
    """Write today's release, or unpack one; return 2 and say why where that cannot be."""
    try:
        match arguments:
            case []:
                files = _keep()
            case [version, folder]:
                files = [unpack(version, Path(folder))]
            case _:
                raise ReleaseError("Give nothing to keep a release, or a version and a folder to unpack one.")  # noqa: TRY301
    except ReleaseError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    for file in files:
        print(file)  # noqa: T201 - the result
    return 0


def _keep() -> list[Path]:
    """Write the release; raise `ReleaseError` where it is there already, because a release does not change."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if (RELEASES / version).exists():
        raise ReleaseError(f"releases/{version} is there: raise the version in pyproject.toml first.")
    with TemporaryDirectory() as folder:
        found = release(synthesize_templates(Path(folder)))
        files = [*write(found, RELEASES / version), pack(Path(folder), RELEASES / version)]
    return [file.relative_to(ROOT) for file in files]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
