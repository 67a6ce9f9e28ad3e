"""What a team writes into stacks/environments.py is judged by the rules, and by the templates that it accepted.

`make snapshots` accepts them. None are kept while the environments are those that came with the platform, which
tests/environments.py repeats: their templates are pinned by test_snapshots.py.
"""

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks.environments import ALL_ENVIRONMENTS
from tests import environments
from tests.conftest import synthesized
from tests.stacks.conftest import read
from tests.stacks.test_snapshots import ASSET_HASH
from tests.stacks.test_synthesis import contents, synthesize

ACCEPTED = Path(__file__).parent / "__snapshots__" / "test_own_environments"


def described(value: Any) -> Any:
    """A value that is equal for equal environments: durations are objects of the CDK's, and never are."""
    if isinstance(value, Duration):
        return value.to_seconds()
    if dataclasses.is_dataclass(value):
        return [described(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, tuple):
        return [described(each) for each in value]
    return value


def shipped() -> bool:
    return bool(described(ALL_ENVIRONMENTS) == described(environments.ALL_ENVIRONMENTS))


@pytest.fixture(scope="module")
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assembly of the team's own environments."""
    if shipped():
        return Path(request.getfixturevalue("assembly").directory)
    outdir, context = tmp_path_factory.mktemp("own") / "cdk.out", request.getfixturevalue("cdk_context")
    return Path(synthesized(ALL_ENVIRONMENTS, "stacks.environments", outdir, context).directory)


def test_no_rule_finds_anything(own: Path) -> None:
    reports = json.loads((own / "validation-report.json").read_text())["pluginReports"]
    assert reports
    assert [violation for report in reports for violation in report.get("violations", [])] == []


def test_templates_are_those_that_were_accepted(
    own: Path, snapshot: SnapshotAssertion, pytestconfig: pytest.Config
) -> None:
    accepts = pytestconfig.option.update_snapshots
    if shipped() and accepts:
        shutil.rmtree(ACCEPTED, ignore_errors=True)
    if shipped() or not (accepts or ACCEPTED.exists()):
        assert not ACCEPTED.exists(), "make snapshots forgets what was accepted of other environments"
        return
    for name, template in read(own).items():
        found = json.loads(ASSET_HASH.sub("<asset>", json.dumps(template)))
        assert found == snapshot(name=name, extension_class=JSONSnapshotExtension)


@pytest.mark.slow
def test_two_syntheses_are_byte_identical(own: Path, tmp_path: Path, cdk_context: dict[str, Any]) -> None:
    done = synthesize("app.py", tmp_path, cdk_context, PYTHONHASHSEED="7", TZ="Pacific/Auckland")
    assert done.returncode == 0, done.stderr
    first, second = contents(own), contents(tmp_path)
    assert first
    assert first == second
