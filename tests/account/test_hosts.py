"""Which hosts clients call, by what the SDK calls, and whether they have a name inside of a network."""

from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest

from account.hosts import host_of, hosts

CLIENTS = {
    "cloudwatch": "cloudwatch",
    "elasticfilesystem": "efs",
    "states": "stepfunctions",
    "sagemaker:InvokeEndpoint": "sagemaker-runtime",
    "sagemaker:PutRecord": "sagemaker-featurestore-runtime",
    "sagemaker:BatchPutMetrics": "sagemaker-metrics",
}
"""Clients of the SDK that are not called like the service of the action."""
OWN = ("codeartifact:ReadFromRepository", "ecr:BatchGetImage", "execute-api", "sagemaker-mlflow")
"""Hosts that no client of the SDK calls: package managers, container engines, callers of an API, MLflow."""


@pytest.mark.parametrize("called", [each for each in hosts() if ":" not in each or each in CLIENTS])
def test_a_host_is_the_one_that_the_sdk_calls(called: str) -> None:
    if called in OWN:
        return
    connect: Any = botocore.session.get_session().create_client
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    client = connect(CLIENTS.get(called, called), region_name="eu-west-1", **keys)
    assert hosts()[called].name.format(region="eu-west-1", account="") == urlsplit(client.meta.endpoint_url).hostname


def test_every_host_but_that_of_mlflow_apps_has_a_name_inside() -> None:
    outside = {called for called, host in hosts().items() if not host.resolves_inside}
    assert outside == {"sagemaker:CallMlflowAppApi"}
    assert not [called for called, host in hosts().items() if not host.source]


def test_an_action_has_a_host_of_its_own_or_that_of_its_service() -> None:
    runtime, api = host_of("sagemaker:InvokeEndpoint"), host_of("sagemaker:CreateModel")
    assert runtime
    assert api
    assert (runtime.endpoint, api.endpoint) == ("sagemaker.runtime", "sagemaker.api")
    assert host_of("moon:Land") is None
