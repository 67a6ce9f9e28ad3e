"""Nobody who deployed the last release loses what holds state or has a name of its own."""

import copy
import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from app import build
from checks.gates import Found
from checks.upgrade.losses import NOTHING_LOST, losses, upgrade
from checks.upgrade.release import DELIBERATE, Release, deliberate, last, read, release, write
from stacks.settings import USUAL, Environment, Feature
from tests.environments import CENSUS, DEV, ENVIRONMENTS, FRAUD, IMAGES, KNN, PROD, STAGING, SYSTEMS

Templates = dict[str, dict[str, Any]]


@pytest.fixture(autouse=True)
def _shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The systems that are declared are those of the release, whatever a team declares or deletes."""
    monkeypatch.setattr("checks.upgrade.omissions.every", lambda: SYSTEMS)


def refuse(environments: Sequence[Environment]) -> Templates:
    raise AssertionError(f"nothing is left out of {[each.name for each in environments]}")


def lost(found: Iterable[Found]) -> list[Found]:
    """What is lost without a reason. That a team gives reasons for other environments of its own is no loss."""
    return [each for each in found if not each.explained and each.rule != NOTHING_LOST]


def test_an_upgrade_from_the_last_release_loses_nothing(templates: Templates) -> None:
    assert lost(upgrade(templates, ENVIRONMENTS, refuse)) == []


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        ({"systems": (KNN, CENSUS, IMAGES)}, "dev leaves out fraud."),
        (
            {"features": frozenset({Feature.SERVING}), "systems": (FRAUD,)},
            "dev leaves out api, features, experiments, studio, knn, census, images.",
        ),
    ],
    ids=["a system", "features and systems"],
)
def test_what_an_environment_leaves_out_on_purpose_is_no_loss(
    left_out: dict[str, Any], sentence: str, templates: Templates, cdk_context: dict[str, Any], tmp_path: Path
) -> None:
    """A team that never had the release, or takes something out of an environment, need not explain it."""
    dev = dataclasses.replace(DEV, **left_out)
    assembly = build(App(outdir=str(tmp_path), context=cdk_context), [dev]).synth()
    stacks = assembly.get_nested_assembly("assembly-dev").stacks
    today = {name: template for name, template in templates.items() if not name.startswith("dev-")}
    today |= {stack.stack_name: stack.template for stack in stacks}

    def synthesize(environments: Sequence[Environment]) -> Templates:
        assert [(each.name, each.features) for each in environments] == [("dev", dev.features | USUAL)]
        assert [system.name for system in environments[0].systems] == [system.name for system in SYSTEMS]
        return {name: template for name, template in templates.items() if name.startswith("dev-")}

    found = list(upgrade(today, [dev, STAGING, PROD], synthesize))
    assert lost(found) == []
    assert {each.explained for each in found} == {sentence}


def test_an_environment_of_another_name_updates_nothing(templates: Templates) -> None:
    today = {name: template for name, template in templates.items() if not name.startswith("staging-")}
    found = list(upgrade(today, [DEV, PROD], refuse))
    assert lost(found) == []
    assert {each.explained for each in found} == {"No environment is called staging: none of its stacks is updated."}


def test_what_is_lost_beside_what_is_left_out_is_found_and_says_the_way_out(templates: Templates) -> None:
    """The network is in no feature: without it, dev has lost it whatever else it leaves out."""
    dev = dataclasses.replace(DEV, features=USUAL - {Feature.STUDIO})
    today = {name: template for name, template in templates.items() if name not in {"dev-network", "dev-studio"}}
    found = lost(
        upgrade(today, [dev, STAGING, PROD], lambda _: {n: t for n, t in templates.items() if n != "dev-network"})
    )
    assert {each.where.partition("/")[0] for each in found} >= {"dev-network"}
    assert not {each.where.partition("/")[0] for each in found if each.where.startswith(("staging", "prod"))}
    way_out = (
        "Release 0.1.0 has it: where nobody has deployed that release, or the loss is meant, say so in releases/0.1.0/"
    )
    assert all(way_out in each.message for each in found)


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
        (
            changed("prod-network", "NetworkFunctions", "GroupDescription", "Functions"),
            "replaced",
            "NetworkFunctions",
            "prod-serving, prod-steps, prod-vision read it",
        ),
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


@pytest.mark.parametrize("scope", ["prod", "prod-steps"])
def test_a_reason_may_be_a_stack_s_or_an_environment_s(scope: str, prod: Templates, released: Release) -> None:
    today = release(renamed("CensusRunsTable")(prod))
    reasons = {scope: "Nobody has deployed the release: ours is in another region."}
    assert {each.explained for each in losses(released, today, reasons)} == set(reasons.values())
    assert [each.rule for each in losses(released, released, reasons)] == [NOTHING_LOST]


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
