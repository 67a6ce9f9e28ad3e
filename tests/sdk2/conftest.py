"""A notebook of version 2 on the local cloud: its session, its role and its image, and jobs that run one command."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from sagemaker.estimator import Estimator
from sagemaker.session import Session

from tests.sdk2.notebook import BUCKET, Make


@pytest.fixture(scope="session")
def session() -> Session:
    """The SDK's session; its bucket is named, since the SDK asks STS at AWS's own address for one."""
    session = Session(default_bucket=BUCKET)
    session.default_bucket()
    return session


@pytest.fixture(scope="session")
def outputs() -> Mapping[str, str]:
    """Outputs of the platform's stacks."""
    stacks = boto3.client("cloudformation").describe_stacks()["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for stack in stacks for item in stack.get("Outputs", ())}


@pytest.fixture(scope="session")
def image(outputs: Mapping[str, str]) -> str:
    """Our image for tables."""
    return outputs["TabularImageUri"]


@pytest.fixture(scope="session")
def role() -> str:
    """ARN of a role that jobs of a notebook may have."""
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allowed = ["s3:*", "logs:*", "ecr:*", "cloudwatch:PutMetricData", "sagemaker:*"]
    iam = boto3.client("iam")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": allowed, "Resource": "*"}]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=BUCKET, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    own = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": arn}
    policy["Statement"] = [*policy["Statement"], own]
    iam.put_role_policy(RoleName=BUCKET, PolicyName="all", PolicyDocument=json.dumps(policy))
    return str(arn)


@pytest.fixture(scope="session")
def estimator(image: str, role: str, session: Session) -> Make:
    """Make an estimator whose job runs one command."""

    def make(command: str, **settings: Any) -> Estimator:
        given = {"instance_count": 1, "base_job_name": "second", **settings}
        return Estimator(
            image_uri=image,
            role=role,
            instance_type="ml.m5.large",
            sagemaker_session=session,
            container_entry_point=["/bin/sh", "-c"],
            container_arguments=[command],
            disable_profiler=True,
            **given,
        )

    return make
