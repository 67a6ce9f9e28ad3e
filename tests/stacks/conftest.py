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
def templates(outdir: Path) -> dict[str, dict[str, Any]]:
    """Template of every stack of every environment."""
    return read(outdir)


def read(outdir: Path) -> dict[str, dict[str, Any]]:
    """Templates of an assembly by names of stacks."""
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
