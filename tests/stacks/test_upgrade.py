"""Nobody who deployed the last release loses what holds state or has a name of its own."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.upgrade.losses import losses, upgrade
from checks.upgrade.release import DELIBERATE, Release, deliberate, last, read, release, write

Templates = dict[str, dict[str, Any]]


def test_an_upgrade_from_the_last_release_loses_nothing(templates: Templates) -> None:
    assert [found for found in upgrade(templates) if not found.explained] == []


@pytest.fixture(scope="module")
def prod(templates: Templates) -> Templates:
    return {stack: template for stack, template in templates.items() if stack.startswith("prod-")}


@pytest.fixture(scope="module")
def released(prod: Templates) -> Release:
    return release(prod)


def logical_id(name: str, templates: Templates) -> str:
    """Return the logical id that begins with `name` and ends with the CDK's hash."""
    names: set[str] = {name for template in templates.values() for name in template["Resources"]}
    (found,) = (each for each in names if re.fullmatch(f"{name}[0-9A-F]{{8}}", each))
    return found


def changed(stack: str, name: str, property_name: str, value: Any) -> Callable[[Templates], Templates]:
    def change(templates: Templates) -> Templates:
        broken = copy.deepcopy(templates)
        resource = broken[stack]["Resources"][logical_id(name, templates)]
        resource.setdefault("Properties", {})[property_name] = value
        return broken

    return change


def renamed(name: str) -> Callable[[Templates], Templates]:
    def change(templates: Templates) -> Templates:
        broken: Templates = json.loads(json.dumps(templates).replace(logical_id(name, templates), "Renamed"))
        return broken

    return change


def without_a_feature(templates: Templates) -> Templates:
    broken = copy.deepcopy(templates)
    group = broken["prod-features"]["Resources"][logical_id("CustomersGroup", templates)]
    del group["Properties"]["FeatureDefinitions"][1]
    return broken


@pytest.mark.parametrize(
    ("change", "rule", "at", "says"),
    [
        (changed("prod-storage", "DataBucket", "BucketName", "claims"), "replaced", "DataBucket", "BucketName"),
        (renamed("DataBucket"), "deleted", "DataBucket", "stays in the account"),
        (renamed("CensusRunsTable"), "deleted", "CensusRunsTable", "stays in the account"),
        (renamed("TabularBuild"), "deleted", "TabularBuild", "Custom::ContainerImage"),
        (changed("prod-storage", "Key", "KeySpec", "RSA_2048"), "refused", "Key", "KeySpec"),
        (renamed("Key"), "replaced", "CustomersGroup", "KmsKeyId"),
        (changed("prod-experiments", "MlflowApp", "Name", "runs"), "replaced", "MlflowApp", "Name"),
        (changed("prod-experiments", "MlflowRole", "Path", "/ml/"), "replaced", "MlflowApp", "MlflowRole"),
        (changed("prod-features", "CustomersGroup", "OnlineStoreConfig", {}), "replaced", "CustomersGroup", "Online"),
        (without_a_feature, "refused", "CustomersGroup", "city_code"),
        (renamed("MetadataWriterFunction"), "refused", "MetadataCustomers", "ServiceToken"),
        (lambda templates: {**templates, "prod-images": {}}, "deleted", "TabularRepository", "AWS::ECR::Repository"),
    ],
)
def test_a_planted_loss_is_found(  # noqa: PLR0913, PLR0917 - what is planted, and what must be found
    change: Callable[[Templates], Templates], rule: str, at: str, says: str, prod: Templates, released: Release
) -> None:
    found = list(losses(released, release(change(prod)), {}))
    assert any(each.rule == rule and f"/{at}" in each.where and says in each.message for each in found), found


@pytest.mark.parametrize(
    "change",
    [
        changed("prod-storage", "DataBucket", "Tags", [{"Key": "team", "Value": "risk"}]),
        changed("prod-steps", "CensusRunsTable", "PointInTimeRecoverySpecification", {}),
        changed("prod-features", "CustomersRole", "Description", "Of the feature group"),
        lambda templates: {**templates, "prod-more": {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}},
    ],
)
def test_other_changes_are_none(change: Callable[[Templates], Templates], prod: Templates, released: Release) -> None:
    assert list(losses(released, release(change(prod)), {})) == []


def test_a_reason_explains_a_loss_and_is_refused_where_nothing_is_lost(prod: Templates, released: Release) -> None:
    place = f"prod-steps/{logical_id('CensusRunsTable', prod)}"
    today = release(renamed("CensusRunsTable")(prod))
    reasons = {place: "Runs are in the table of a later release.", "prod-steps/Gone": "It was not."}
    found = {each.where: each for each in losses(released, today, reasons)}
    assert found[place].explained == reasons[place]
    assert found["prod-steps/Gone"].rule == "nothing-lost"
    assert not found["prod-steps/Gone"].explained


def test_a_release_reads_as_it_was_written(released: Release, tmp_path: Path) -> None:
    folder = tmp_path / "1.2.0"
    assert [file.name for file in write(released, folder)] == ["prod.json"]
    assert read(folder) == released


def test_the_last_release_is_the_highest(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="make release"):
        last(tmp_path)
    for version in ("0.9.0", "0.10.0"):
        (tmp_path / version).mkdir()
    assert last(tmp_path).name == "0.10.0"


def test_a_reason_is_a_sentence(tmp_path: Path) -> None:
    assert deliberate(tmp_path) == {}
    (tmp_path / DELIBERATE).write_text('"dev-steps/Table" = "wanted"\n')
    with pytest.raises(RuntimeError, match="dev-steps/Table needs a reason in a full sentence"):
        deliberate(tmp_path)
