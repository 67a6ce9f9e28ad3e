"""A local cloud with the last release in it, and somebody's state in that: what today's templates are deployed over."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

from app import build
from checks.upgrade.assembly import unpack
from checks.upgrade.release import last
from localcloud.cdk import Cdk
from localcloud.lifecycle import DEFAULT_ROOT, LocalCloud
from localsagemaker.images import Images
from mdlc.client.aws import Cloud
from tests.checks.upgrade.holdings import Holdings
from tests.checks.upgrade.inventory import inventory
from tests.environments import DEV
from tests.localsagemaker.small_image import URI, write_context
from tests.systems.workplace import Workplace


@dataclass(frozen=True)
class Platform(Workplace):
    """A local cloud that assemblies are deployed to."""

    @property
    def local(self) -> LocalCloud:
        return LocalCloud(self.folder / DEFAULT_ROOT)

    @property
    def variables(self) -> Mapping[str, str]:
        return self.local.running().environment(DEV.account)

    @property
    def cloud(self) -> Cloud:
        return Cloud(self.variables)

    def cdk(self, assembly: Path, *command: str, log: Callable[[str], None] = print) -> None:
        """Run the CDK command line on an assembly. Raises `CdkError`."""
        Cdk(self.variables, assembly=assembly, log=log)(*command)


@dataclass(frozen=True)
class Upgrade:
    """What there was before today's templates came: the account, the release's resources, and what people kept."""

    here: Platform
    before: Mapping[str, list[str]]
    ids: Mapping[str, str]
    holdings: Holdings
    held: Mapping[str, Any]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrade]:
    """The last release, and in it what somebody keeps."""
    here = Platform(tmp_path_factory.mktemp("platform"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MDLC_ENGINE", "process")
        here.local.up()
    try:
        Cdk(here.variables, assembly=here.folder).bootstrap(DEV.account, DEV.region)
        before = inventory(here.cloud)
        here.cdk(quick_to_build(unpack(last().name, here.folder / "released")), "deploy", "dev/*")
        images = Images(here.local.root / "images", "process")
        images.build(write_context(here.folder / "context"), "small/Dockerfile", URI, print)
        holdings = Holdings(here.cloud, URI)
        holdings.put()
        yield Upgrade(here, before, here.cloud.physical_ids("dev"), holdings, holdings.held())
    finally:
        here.local.down()


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Path:
    """The assembly of today's templates."""
    app = aws_cdk.App(outdir=str(tmp_path_factory.mktemp("today")), context=cdk_context)
    return quick_to_build(Path(build(app, [DEV]).synth().directory) / "assembly-dev")


@pytest.fixture(scope="module")
def upgraded(released: Upgrade, today: Path) -> Upgrade:
    """The release with today's templates deployed over it."""
    released.here.cdk(today, "deploy", "dev/*")
    return released


def quick_to_build(assembly: Path) -> Path:
    """Take the packages from the sources of images: none of them runs here, and they take longer than all else."""
    for lock in assembly.parent.glob("asset.*/*/requirements.txt"):
        lock.write_text("")
    return assembly


def changed(assembly: Path, folder: Path, change: Callable[[str, dict[str, Any]], None]) -> Path:
    """A copy of an assembly, its templates changed and published under the names of their new content."""
    copy = Path(shutil.copytree(assembly.parent, folder)) / assembly.name
    manifest = copy / "manifest.json"
    for artifact in json.loads(manifest.read_text())["artifacts"].values():
        if artifact["type"] != "aws:cloudformation:stack":
            continue
        file = copy / artifact["properties"]["templateFile"]
        template = json.loads(file.read_text())
        change(artifact["properties"]["stackName"], template)
        file.write_text(json.dumps(template))
        url: str = artifact["properties"]["stackTemplateAssetObjectUrl"]
        old, new = Path(url).stem, hashlib.sha256(file.read_bytes()).hexdigest()
        for naming in (manifest, file.with_name(file.name.replace(".template.", ".assets."))):
            naming.write_text(naming.read_text().replace(old, new))
    return copy
