"""A request says what operation it asks for; held against every operation of every service, as botocore writes it."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from localcloud.faults.operations import Asked, Target, asked_for, target
from localsagemaker.errors import ServiceError
from tests.localcloud.every_request import Sent, every_request

PROVIDED = frozenset({"sagemaker", "s3", "lambda", "states", "monitoring", "logs"})
SCOPE = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/{}/aws4_request, SignedHeaders=host, Signature=0"
ALIKE = {"s3:ListDirectoryBuckets": "ListBuckets"}
"""Two that only the host tells apart."""


def asked(sent: Sent) -> Asked:
    url = urlsplit(sent.url)
    headers = {name.lower(): value for name, value in sent.headers.items()}
    query = parse_qs(url.query, keep_blank_values=True)
    headers["authorization"] = SCOPE.format(sent.service.signing_name)
    return Asked(sent.method, unquote(url.path), query, headers, sent.body)


@pytest.mark.slow
def test_every_request_names_its_operation() -> None:
    wrong = [
        f"{sent.name}: {named!r}"
        for sent in every_request("127.0.0.1:4566")
        if (named := asked_for(asked(sent))) != ALIKE.get(sent.name, sent.operation.name)
        and not sent.operation.deprecated  # another one has taken its way
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("method", "host", "path", "query", "headers", "operation"),
    [
        ("PUT", "127.0.0.1:1", "/bucket/a/key", {}, {}, "PutObject"),
        ("PUT", "127.0.0.1:1", "/bucket/a/key", {}, {"x-amz-copy-source": "b/c"}, "CopyObject"),
        ("PUT", "127.0.0.1:1", "/bucket/a/key", {"partNumber": ["1"], "uploadId": ["x"]}, {}, "UploadPart"),
        ("GET", "127.0.0.1:1", "/bucket/", {"list-type": ["2"]}, {}, "ListObjectsV2"),
        ("GET", "127.0.0.1:1", "/bucket", {"prefix": ["a/"]}, {}, "ListObjects"),
        ("DELETE", "bucket.s3.localhost:1", "/", {}, {}, "DeleteBucket"),
        ("DELETE", "bucket.s3.localhost:1", "/key", {}, {}, "DeleteObject"),
        ("POST", "127.0.0.1:1", "/bucket", {"delete": [""]}, {}, "DeleteObjects"),
    ],
)
def test_a_request_of_s3_is_told_by_path_query_and_headers(  # noqa: PLR0913, PLR0917 - a table
    method: str, host: str, path: str, query: dict[str, list[str]], headers: dict[str, str], operation: str
) -> None:
    scope = {"authorization": SCOPE.format("s3"), "host": host}
    assert asked_for(Asked(method, path, query, {**scope, **headers})) == operation


def test_a_presigned_request_is_one_of_its_service() -> None:
    query = {"X-Amz-Credential": ["AKIA/20260101/eu-west-1/s3/aws4_request"]}
    assert asked_for(Asked("GET", "/bucket/key", query, {"host": "127.0.0.1:1"})) == "GetObject"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CreateTrainingJob", Target("sagemaker", "CreateTrainingJob")),
        ("sagemaker-runtime:InvokeEndpoint", Target("sagemaker", "InvokeEndpoint")),
        ("s3:PutObject", Target("s3", "PutObject")),
        ("stepfunctions:StartExecution", Target("states", "StartExecution")),
        ("states:StartExecution", Target("states", "StartExecution")),
        ("cloudwatch:PutMetricData", Target("monitoring", "PutMetricData")),
        ("lambda", Target("lambda")),
        ("lambda:*", Target("lambda")),
    ],
)
def test_a_target_is_named_as_the_cli_or_iam_does(text: str, found: Target) -> None:
    assert target(text, PROVIDED) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CreateTrainingJobs", "sagemaker has no operation 'CreateTrainingJobs'; near: CreateTrainingJob,"),
        ("s3:putobject", "s3 has no operation 'putobject'; near: PutObject,"),
        ("lamda", "The local cloud has no service 'lamda'; near: lambda"),
        ("braket:CreateJob", "The local cloud has no service 'braket'."),
        ("", "The local cloud has no service ''."),
    ],
)
def test_what_there_is_not_is_refused_and_what_is_near_named(text: str, words: str) -> None:
    with pytest.raises(ServiceError) as refused:
        target(text, PROVIDED)
    assert str(refused.value).startswith(words)
