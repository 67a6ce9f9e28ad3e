"""Every template of every environment, pinned."""

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

ASSET_HASH = re.compile(r"[0-9a-f]{64}")
STACKS = (
    "storage",
    "budget",
    "network",
    "images",
    "training",
    "steps",
    "serving",
    "knn",
    "vision",
    "api",
    "features",
    "labeling",
    "notices",
    "experiments",
    "studio",
)
ENVIRONMENTS = ("dev", "staging", "prod", "sandbox")


@pytest.mark.parametrize("name", [f"{environment}-{stack}" for environment in ENVIRONMENTS for stack in STACKS])
def test_template(name: str, templates: dict[str, dict[str, Any]], snapshot: SnapshotAssertion) -> None:
    template = json.loads(ASSET_HASH.sub("<asset>", json.dumps(templates[name])))
    assert template == snapshot(name=name, extension_class=JSONSnapshotExtension)


def test_all_templates_are_pinned(templates: dict[str, dict[str, Any]]) -> None:
    assert set(templates) == {f"{environment}-{stack}" for environment in ENVIRONMENTS for stack in STACKS}
