"""The local cloud says what AWS's documents say: every documented answer is asked for, and what differs is listed."""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config

from localcloud.console import Running
from localcloud.differences.answers import DIFFERENCES
from localcloud.lifecycle import LocalCloud
from localsagemaker.images import Images
from tests.localcloud.answers import (
    buckets,
    endpoint_configurations,
    endpoints,
    events,
    features,
    functions,
    keys_and_secrets,
    messages,
    model_packages,
    models,
    notebooks_and_tags,
    pipelines,
    processing,
    roles_and_machines,
    stacks,
    studio,
    tables,
    training,
)
from tests.localcloud.answers.asking import WAIT_S, Asking
from tests.localcloud.answers.case import Case
from tests.localsagemaker.small_image import URI, write_context

pytestmark = pytest.mark.slow

CASES: tuple[Case, ...] = (
    *models.CASES,
    *endpoint_configurations.CASES,
    *endpoints.CASES,
    *training.CASES,
    *processing.CASES,
    *model_packages.CASES,
    *pipelines.CASES,
    *features.CASES,
    *studio.CASES,
    *notebooks_and_tags.CASES,
    *buckets.CASES,
    *tables.CASES,
    *keys_and_secrets.CASES,
    *messages.CASES,
    *events.CASES,
    *functions.CASES,
    *stacks.CASES,
    *roles_and_machines.CASES,
)
AT_ONCE = 4
SERVICES = ("sagemaker.amazonaws.com", "lambda.amazonaws.com", "states.amazonaws.com")


@pytest.fixture(scope="module")
def as_written(running: Running) -> Callable[[str], Any]:
    """Clients that send requests as they are: what is no valid request must be refused by the service."""
    settings = Config(parameter_validation=False, inject_host_prefix=False, retries={"total_max_attempts": 1})
    made: dict[str, Any] = {}
    connect: Any = boto3.client

    def client(service: str) -> Any:
        if service not in made:
            made[service] = connect(
                service,
                running.region,
                endpoint_url=running.endpoint,
                aws_access_key_id=running.account,
                aws_secret_access_key=running.secret,
                config=settings,
            )
        return made[service]

    return client


def of_domain(sagemaker: Any, name: str) -> str:
    """Wait until a domain is in service, before which it has no profiles and apps: its id."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        domain = next(each for each in sagemaker.list_domains()["Domains"] if each["DomainName"] == name)
        if domain["Status"] == "InService":
            return str(domain["DomainId"])
        time.sleep(0.1)
    raise TimeoutError(f"domain {name} is {domain['Status']}")


@pytest.fixture(scope="module")
def asking(
    cloud: LocalCloud,
    running: Running,
    as_written: Callable[[str], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Asking:
    """The cloud with what the cases share: an image, a role that may do everything, a bucket, a Studio domain."""
    context = write_context(tmp_path_factory.mktemp("context"))
    Images(cloud.root / "images", "process").build(context, "small/Dockerfile", URI, print)
    iam, ec2 = as_written("iam"), as_written("ec2")
    trust = {"Effect": "Allow", "Principal": {"Service": list(SERVICES)}, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    role = iam.create_role(
        RoleName="answers", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="answers",
        PolicyName="everything",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
    )
    as_written("s3").create_bucket(
        Bucket="answers-bucket", CreateBucketConfiguration={"LocationConstraint": running.region}
    )
    as_written("s3").put_object(Bucket="answers-bucket", Key="in/claims.csv", Body=b"claim,amount\n")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    as_written("sagemaker").create_domain(
        DomainName="answers",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": role},
        SubnetIds=[subnet],
        VpcId=vpc,
    )
    domain = of_domain(as_written("sagemaker"), "answers")
    account = {
        "account": running.account,
        "region": running.region,
        "role": role,
        "bucket": "answers-bucket",
        "image": URI,
        "domain": domain,
    }
    return Asking(client=as_written, account=account)


@pytest.fixture(scope="module")
def differing(asking: Asking) -> dict[str, str]:
    """What differs, by the names of the cases."""
    with ThreadPoolExecutor(AT_ONCE) as workers:
        found = list(workers.map(asking.difference, CASES))
    return {case.name: difference for case, difference in zip(CASES, found, strict=True) if difference}


def test_nineteen_of_twenty_documented_answers_agree(
    differing: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    agree = len(CASES) - len(differing)
    with capsys.disabled():
        sys.stdout.write(f"\n{agree} of {len(CASES)} documented answers agree\n")
    assert agree >= 0.95 * len(CASES)


def test_what_differs_is_what_is_listed(differing: dict[str, str]) -> None:
    unknown = {name: difference for name, difference in differing.items() if name not in DIFFERENCES}
    assert not unknown
    assert set(differing) == set(DIFFERENCES)


def test_every_answer_has_a_source_and_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 150
    assert all(case.source for case in CASES)
    assert all(DIFFERENCES.values())
