"""Templates of the application, by name of their stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aws_cdk.cx_api import CloudAssembly


@pytest.fixture(scope="session")
def outdir(assembly: CloudAssembly) -> Path:
    """Folder of the cloud assembly."""
    return Path(assembly.directory)


@pytest.fixture(scope="session")
def sandbox_assembly(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> CloudAssembly:
    """The sandbox, under the same rules."""
    import aws_cdk as cdk  # noqa: PLC0415 - seconds, which only the tests of templates need

    from app import build  # noqa: PLC0415
    from stacks.environments import SANDBOX  # noqa: PLC0415

    app = cdk.App(outdir=str(tmp_path_factory.mktemp("sandbox")), context=cdk_context)
    return build(app, [SANDBOX]).synth()


@pytest.fixture(scope="session")
def templates(outdir: Path) -> dict[str, dict[str, Any]]:
    """Template of every stack of every environment."""
    found = {}
    for manifest_file in sorted(outdir.glob("assembly-*/manifest.json")):
        manifest = json.loads(manifest_file.read_text())
        for artifact in manifest["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                properties = artifact["properties"]
                found[properties["stackName"]] = json.loads(
                    (manifest_file.parent / properties["templateFile"]).read_text()
                )
    return found
