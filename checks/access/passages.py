"""Which requests the closed network's endpoints and the buckets let through, whatever rights the caller has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.access.operation import SAGEMAKER
from checks.access.policies import Environment
from ml_constructs.foundation.bucket import INSIDE

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
ANOTHER_ACCOUNT = "999999999999"
OWNER = "aws:VpceAccount"


@dataclass(frozen=True)
class Passage:
    """A call from inside the network, and whether it passes when a principal of this account makes it.

    For a principal of another account, with every right and everything open to it, nothing passes but ECR's layers.
    """

    name: str
    action: str
    resource: str
    passes: bool
    anybody: bool = False


PASSAGES = (
    Passage("read objects of the data bucket", "s3:GetObject", "arn:aws:s3:::{data}/x", passes=True),
    Passage("write objects of the artifacts bucket", "s3:PutObject", "arn:aws:s3:::{artifacts}/x", passes=True),
    Passage("list the data bucket", "s3:ListBucket", "arn:aws:s3:::{data}", passes=True),
    Passage("change the data bucket's policy", "s3:PutBucketPolicy", "arn:aws:s3:::{data}", passes=False),
    Passage("read the access logs", "s3:GetObject", "arn:aws:s3:::{access_logs}/data/x", passes=True),
    Passage("write the access logs", "s3:PutObject", "arn:aws:s3:::{access_logs}/data/x", passes=False),
    Passage("read a foreign bucket", "s3:GetObject", "arn:aws:s3:::somebody-elses-bucket/x", passes=False),
    Passage("carry data to a foreign bucket", "s3:PutObject", "arn:aws:s3:::somebody-elses-bucket/x", passes=False),
    Passage("list a foreign bucket", "s3:ListBucket", "arn:aws:s3:::somebody-elses-bucket", passes=False),
    Passage(
        "read the layers of images",
        "s3:GetObject",
        "arn:aws:s3:::prod-{region}-starport-layer-bucket/x",
        passes=True,
        anybody=True,
    ),
    Passage(
        "write among the layers", "s3:PutObject", "arn:aws:s3:::prod-{region}-starport-layer-bucket/x", passes=False
    ),
    Passage("read the table of runs", "dynamodb:GetItem", "{any_runs}", passes=True),
    Passage("decide in the table of runs", "dynamodb:UpdateItem", "{any_runs}", passes=True),
    Passage("delete the table of runs", "dynamodb:DeleteTable", "{any_runs}", passes=False),
    Passage(
        "write a foreign table", "dynamodb:PutItem", "arn:aws:dynamodb:{region}:999999999999:table/t", passes=False
    ),
    Passage("start a training job", "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/j", passes=True),
    Passage(
        "start a training job of another account",
        "sagemaker:CreateTrainingJob",
        "arn:aws:sagemaker:{region}:999999999999:training-job/j",
        passes=False,
    ),
    Passage("list training jobs", "sagemaker:ListTrainingJobs", "*", passes=True),
    Passage("update an endpoint", "sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/e", passes=True),
)


@dataclass(frozen=True)
class BucketRequest:
    """A request to the data or the artifact bucket, by somebody of this account with every right."""

    who: str
    passes: bool
    inside: bool = False
    """Whether it is a role that works inside the network."""
    context: Mapping[str, str] = field(default_factory=dict)


BUCKET_REQUESTS = (
    BucketRequest(
        "a role of the network, through its endpoints", passes=True, inside=True, context={OWNER: "{account}"}
    ),
    BucketRequest("a role of the network, from the internet", passes=False, inside=True),
    BucketRequest(
        "a role of the network, through others' endpoints", passes=False, inside=True, context={OWNER: ANOTHER_ACCOUNT}
    ),
    BucketRequest(
        "AWS, in the name of a role of the network", passes=True, inside=True, context={"aws:ViaAWSService": "true"}
    ),
    BucketRequest("a person with a browser", passes=True),
    BucketRequest("a person whose connection is not encrypted", passes=False, context={"aws:SecureTransport": "false"}),
)


BUCKET_ACTIONS = {
    "read": ("s3:GetObject", "/x"),
    "write": ("s3:PutObject", "/x"),
    "delete from": ("s3:DeleteObject", "/x"),
    "list": ("s3:ListBucket", ""),
}
"""What each of these asks for, and where in the bucket: a bucket that refuses one of them alone would be seen."""


def requests(environment: Environment, own: Mapping[str, str]) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    """Yield what is asserted in words, whether it passes, and the simulation that tells.

    `own` are the names of its things. A sandbox has no endpoint but the gateway of S3, which is free and gives no
    access to anything else.
    """
    for passage in PASSAGES if environment.closed else (each for each in PASSAGES if each.action.startswith("s3:")):
        for account, whose in ((environment.account, "this account"), (ANOTHER_ACCOUNT, "another account")):
            passes = passage.anybody or (passage.passes and account == environment.account)
            told = f"from inside, {whose} {'may' if passes else 'may not'} {passage.name}"
            yield told, passes, _request(environment, passage, own, account)
    for case in BUCKET_REQUESTS:
        for bucket in ("data", "artifacts"):
            for verb, (action, place) in BUCKET_ACTIONS.items():
                told = f"{case.who} {'may' if case.passes else 'may not'} {verb} the {bucket} bucket"
                yield told, case.passes, _of_bucket(environment, case, action, f"arn:aws:s3:::{own[bucket]}{place}")


def _of_bucket(environment: Environment, case: BucketRequest, action: str, resource: str) -> dict[str, Any]:
    tags = {f"aws:PrincipalTag/{INSIDE[0]}": INSIDE[1]} if case.inside else {}
    own = {"aws:SecureTransport": "true", "aws:ViaAWSService": "false", "aws:PrincipalAccount": environment.account}
    given = {key: value.format(account=environment.account) for key, value in case.context.items()}
    return {
        "request": {
            "principal": f"arn:aws:iam::{environment.account}:role/everything",
            "action": action,
            "resource": {"resource": resource, "accountId": environment.account},
            "contextVariables": own | tags | given,
        },
        "identityPolicies": [{"name": "everything", "policy": EVERYTHING}],
        "resourcePolicy": environment.resource_policy(resource),
    }


def _request(environment: Environment, passage: Passage, own: Mapping[str, str], account: str) -> dict[str, Any]:
    resource = passage.resource.format(**own)
    owner = ANOTHER_ACCOUNT if "somebody-elses" in resource or ANOTHER_ACCOUNT in resource else environment.account
    return {
        "request": {
            "principal": f"arn:aws:iam::{account}:role/everything",
            "action": passage.action,
            "resource": {"resource": resource, "accountId": owner},
            "contextVariables": {
                "aws:SecureTransport": "true",
                "aws:PrincipalAccount": account,
                **({} if resource == "*" else {"aws:ResourceAccount": owner}),
            },
        },
        "identityPolicies": [{"name": "everything", "policy": EVERYTHING}],
        "resourcePolicy": OPEN,
        "vpcEndpointPolicies": [{"name": "endpoint", "policy": environment.endpoint_policy(passage.action)}],
    }
