"""The cloud assembly of a release: what its users deployed, whole, so that an upgrade from it can be rehearsed.

Templates, the code of their functions and the sources of their images are in one archive, from which the CDK command
line deploys the release as it was.
"""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from checks.upgrade.release import RELEASES, ReleaseError

ENVIRONMENT: Final = "dev"
"""The environment that is rehearsed: it leaves nothing behind."""
ARCHIVE: Final = f"{ENVIRONMENT}.tar.xz"
_STAGE: Final = f"assembly-{ENVIRONMENT}"


def pack(assembly: Path, folder: Path) -> Path:
    """Write what deploys dev, of the cloud assembly at `assembly`, into the release in `folder`."""
    archive, assembly = folder / ARCHIVE, assembly.resolve()
    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for file in sorted(set(_files(assembly))):
            tar.add(file, file.relative_to(assembly), filter=_without_its_origin)
    return archive


def unpack(version: str, folder: Path, releases: Path = RELEASES) -> Path:
    """Unpack a release into `folder`, which is made; return the assembly for the `--app` of the CDK command line.

    Raises `ReleaseError` for a version that was not released or has no assembly, and for a folder that is there.
    """
    versions = sorted(found.name for found in releases.glob("*") if found.is_dir())
    if version not in versions:
        raise ReleaseError(f"There is no release {version!r}: {releases.name}/ has {', '.join(versions) or 'none'}.")
    archive = releases / version / ARCHIVE
    if not archive.exists():
        raise ReleaseError(f"The release {version} has no {ARCHIVE}: only what `make release` packed can be deployed.")
    if folder.exists():
        raise ReleaseError(f"{folder} is there: name a folder that is not, so that nothing of it is deployed as well.")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / _STAGE


def _files(assembly: Path) -> Iterator[Path]:
    """Yield every file of the stage, and of the assets that its manifests publish."""
    stage = assembly / _STAGE
    for manifest in stage.glob("*.assets.json"):
        for asset in json.loads(manifest.read_text(encoding="utf-8"))["files"].values():
            path = (stage / asset["source"]["path"]).resolve()
            yield from (file for file in (path, *path.rglob("*")) if file.is_file())
    yield from (file for file in stage.glob("*") if file.is_file())


def _without_its_origin(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Forget who packed the file and when, so that the same assembly gives the same archive."""
    return member.replace(mtime=0, mode=0o644, uid=0, gid=0, uname="", gname="", deep=False)
