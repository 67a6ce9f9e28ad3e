"""Shared fixtures; what needs the CDK imports it when it is asked for, so that other tests start at once."""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.loaders import create_loader
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aws_cdk.cx_api import CloudAssembly
    from xdist.remote import Producer

    from stacks.settings import Environment

ROOT = Path(__file__).parents[1]
TOGETHER = (
    "tests/systems/step_functions",
    "tests/systems",
    "tests/mdlc/commands/test_demo.py",
    "tests/checks/upgrade/test_rehearsal.py",
    "tests/stacks",
    "tests/test_",
)
"""Tests that share a platform, deployed or synthesized, and so a worker; the longest first."""

collect_ignore = ["sdk", "sdk2"]  # in environments of their own: `make sdk`, `make sdk2`

settings.register_profile("untimed", deadline=None)  # how fast an example is says more of the machine than of the code
settings.load_profile("untimed")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # XGBoost's threads of two workers wait for each other's cores
os.environ.setdefault("CDK_VALIDATION", "false")  # the rules of CloudFormation have a test of their own
if (node := Path(sys.executable).with_name("node")).exists():
    os.environ.setdefault("JSII_NODE", str(node))


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow and no end-to-end run as deep, and begin with the longest, beside which all others fit."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("end_to_end"):
            item.add_marker("deep")
    order = [*TOGETHER, ""]
    items.sort(key=lambda item: next(n for n, part in enumerate(order) if item.nodeid.startswith(part)))


class _Together(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Which tests one worker runs: those that share a platform, or else a file."""

    def _split_scope(self, nodeid: str) -> str:
        return next((part for part in TOGETHER if nodeid.startswith(part)), nodeid.partition("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Divide tests ourselves: xdist 3.8 passes over groups of pytest 9.2's, whose nodes have no name of their own."""
    return _Together(config, log)


@pytest.fixture(scope="session", autouse=True)
def _one_loader() -> Iterator[None]:
    """Sessions of boto3 share the models of AWS's services, which each would parse anew: a third of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", functools.cache(create_loader))
        yield


@pytest.fixture(scope="session")
def cdk_context() -> dict[str, Any]:
    """The flags that the CLI would pass."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return context


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> CloudAssembly:
    """The environments of tests/environments.py, synthesized once for the same sources."""
    from tests.environments import ALL_ENVIRONMENTS  # noqa: PLC0415 - seconds, which only the tests of templates need

    return synthesized(
        ALL_ENVIRONMENTS, "tests.environments", tmp_path_factory.mktemp("assembly") / "cdk.out", cdk_context
    )


def synthesized(
    environments: Iterable[Environment], module: str, outdir: Path, context: dict[str, Any]
) -> CloudAssembly:
    """The assembly of the environments that a module declares, in a new folder `outdir`."""
    import aws_cdk as cdk  # noqa: PLC0415

    from app import build  # noqa: PLC0415
    from mdlc.demos.assembly import digest, keep  # noqa: PLC0415

    def make(folder: Path) -> None:
        build(cdk.App(outdir=str(folder), context=context), environments).synth()

    declared = (ROOT / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8")
    keep(digest(module, declared), make, outdir)
    return cdk.cx_api.CloudAssembly(str(outdir))
