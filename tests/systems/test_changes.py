"""Changes that do not go straight: a tag on everything, a resource replaced under its readers, a feature left out."""

import dataclasses
import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

from app import build
from localcloud.cdk import Cdk
from localcloud.console import TIME_SCALE
from localcloud.ministack import DEPENDENCY_SECONDS
from stacks.settings import Environment, Feature
from tests.checks.upgrade.conftest import Platform, changed, quick_to_build
from tests.checks.upgrade.inventory import inventory
from tests.environments import DEV, KNN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
OURS = dataclasses.replace(DEV, systems=(KNN,), features=frozenset(Feature) - {Feature.EXPERIMENTS})
LONGER_THAN_CLOUDFORMATION_WAITS = DEPENDENCY_SECONDS / TIME_SCALE + 3
REPLACED = "another description replaces a security group"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("platform"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MDLC_ENGINE", "process")
        platform.local.up(account=DEV.account)
    Cdk(platform.variables, assembly=platform.folder).bootstrap(DEV.account, DEV.region)
    yield platform
    platform.local.down()


@pytest.fixture(scope="module")
def before(here: Platform) -> Mapping[str, list[str]]:
    return inventory(here.cloud)


def assembly(
    folder: Path, context: Mapping[str, Any], environment: Environment = OURS, tags: Mapping[str, str] | None = None
) -> Path:
    app = aws_cdk.App(outdir=str(folder), context=context)
    build(app, [environment])
    for key, value in (tags or {}).items():
        aws_cdk.Tags.of(app.node.find_child(environment.name)).add(key, value)
    return quick_to_build(Path(app.synth().directory) / f"assembly-{environment.name}")


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Path:
    return assembly(tmp_path_factory.mktemp("today"), cdk_context)


@pytest.fixture(scope="module")
def deployed(here: Platform, before: Mapping[str, list[str]], today: Path) -> Platform:
    assert before
    here.cdk(today, "deploy", "dev/*")
    return here


def test_a_tag_on_everything_replaces_nothing(deployed: Platform, tmp_path: Path, cdk_context: dict[str, Any]) -> None:
    ids = _ids(deployed)
    tagged = assembly(tmp_path / "tagged", cdk_context, tags={"cost-center": "4711"})
    deployed.cdk(tagged, "deploy", "dev/*")
    assert _ids(deployed) == ids
    client = deployed.client("lambda")
    pages = client.get_paginator("list_functions").paginate()
    functions = [each["FunctionArn"] for page in pages for each in page["Functions"]]
    assert {client.list_tags(Resource=arn)["Tags"]["cost-center"] for arn in functions} == {"4711"}


def test_who_reads_what_was_replaced_is_named_until_it_is_deployed(
    deployed: Platform, today: Path, tmp_path: Path
) -> None:
    """The group of functions is replaced: CloudFormation tells none of the stacks whose functions are in it.

    It finds no change in their templates either. A tag of the stack is one, of every resource that takes tags.
    """

    def describe(stack: str, template: dict[str, Any]) -> None:
        for name, resource in template["Resources"].items():
            if stack == "dev-network" and name.startswith("NetworkFunctions"):
                assert resource["Type"] == "AWS::EC2::SecurityGroup"
                resource["Properties"]["GroupDescription"] = REPLACED

    deployed.cdk(today, "deploy", "dev/*")
    assert deployed.local.stale() == []
    old = _groups_of_functions(deployed)
    replaced = changed(today, tmp_path / "replaced", describe)
    deployed.cdk(replaced, "deploy", "dev/*")
    readers = {each["stack"] for each in deployed.local.stale()}
    assert readers == {"dev-api", "dev-knn", "dev-labeling"}
    assert _groups_of_functions(deployed) == old
    deployed.cdk(replaced, "deploy", "--force", "dev/*")
    assert {each["stack"] for each in deployed.local.stale()} == readers
    deployed.cdk(replaced, "deploy", "--tags", "deployed=again", *sorted(name.replace("-", "/") for name in readers))
    assert deployed.local.stale() == []
    (group,) = _groups_of_functions(deployed)
    (shown,) = deployed.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert shown["Description"] == REPLACED


def test_a_feature_goes_from_the_assembly_that_has_it_and_leaves_nothing(
    deployed: Platform, before: Mapping[str, list[str]], today: Path, tmp_path: Path, cdk_context: dict[str, Any]
) -> None:
    less = dataclasses.replace(OURS, features=OURS.features - {Feature.STUDIO})
    without = assembly(tmp_path / "without", cdk_context, less)
    told = deployed.mdlc("doctor", "dev", "--assembly", str(without.parent))
    left = [each["text"] for each in told.answer["findings"] if each["about"] == "stack"]
    assert [text.partition(" is deployed")[0] for text in left] == ["dev-studio"]
    deployed.cdk(today, "destroy", "dev/studio")
    deployed.cdk(without, "deploy", "dev/*")
    assert "dev-studio" not in deployed.cloud.stack_names("dev-")
    told = deployed.mdlc("doctor", "dev", "--assembly", str(without.parent))
    assert [each for each in told.answer["findings"] if each["about"] == "stack"] == []
    services = json.dumps(deployed.client("ec2").describe_vpc_endpoints()["VpcEndpoints"], default=str)
    assert "codeartifact" not in services
    with _interface_that_outlives_its_job(deployed):
        deployed.cdk(without, "destroy", "dev/*")
    now = inventory(deployed.cloud)
    left = [f"{kind}: {name}" for kind, names in now.items() for name in names if name not in before[kind]]
    assert [each for each in left if "/aws/sagemaker/" not in each] == []


@contextmanager
def _interface_that_outlives_its_job(here: Platform) -> Iterator[None]:
    """Leave a network interface of SageMaker's in the group of jobs for longer than CloudFormation is patient."""
    ids, ec2 = here.cloud.physical_ids("dev"), here.client("ec2")
    group = next(id_ for place, id_ in ids.items() if place.startswith("dev-network/NetworkJobs"))
    subnet = next(id_ for id_ in ids.values() if id_.startswith("subnet-"))
    made = ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]

    def release() -> None:
        describe = here.client("cloudformation").describe_stacks
        while describe(StackName="dev-network")["Stacks"][0]["StackStatus"] != "DELETE_IN_PROGRESS":
            time.sleep(0.2)
        time.sleep(LONGER_THAN_CLOUDFORMATION_WAITS)
        ec2.delete_network_interface(NetworkInterfaceId=made)

    with ThreadPoolExecutor() as pool:
        released = pool.submit(release)
        yield
        released.result()


def _ids(here: Platform) -> dict[str, str]:
    """Physical ids but those of an API's deployments, which every change of the API makes anew."""
    return {place: id_ for place, id_ in here.cloud.physical_ids("dev").items() if "ApiDeployment" not in place}


def _groups_of_functions(here: Platform) -> set[str]:
    pages = here.client("lambda").get_paginator("list_functions").paginate()
    placed = [each.get("VpcConfig", {}).get("SecurityGroupIds", []) for page in pages for each in page["Functions"]]
    return {group for groups in placed for group in groups}
