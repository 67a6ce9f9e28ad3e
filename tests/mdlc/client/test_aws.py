import json

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, NoRegionError

from mdlc.client.aws import Cloud, sentence, split_s3_uri
from mdlc.errors import CommandError, InputError
from tests.mdlc.fake_aws import FakeAws, refuse


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refuse("GetObject", "AccessDenied", "no\n way"), "GetObject was refused: no way (AccessDenied)"),
        (NoRegionError(), "There is no AWS region to talk to: start the local cloud with mdlc local up, or choose"),
        (NoCredentialsError(), "There is no AWS account to talk to"),
        (
            EndpointConnectionError(endpoint_url="http://127.0.0.1:9/"),
            "Nothing answers at http://127.0.0.1:9/: start the",
        ),
        (EndpointConnectionError(endpoint_url="https://x/"), 'Could not connect to the endpoint URL: "https://x/"'),
        (ConnectTimeoutError(endpoint_url="https://x"), 'Connect timeout on endpoint URL: "https://x"'),
    ],
)
def test_every_error_of_aws_is_one_line(error: Exception, said: str) -> None:
    line = sentence(error)  # type: ignore[arg-type]
    assert line.startswith(said)
    assert "\n" not in line


@pytest.mark.parametrize(
    "uri", ["s3://bucket/a/b.json", "https://s3.eu-west-1.amazonaws.com/bucket/a/b.json"], ids=["s3", "https"]
)
def test_both_forms_of_an_s3_uri_are_read(uri: str) -> None:
    assert split_s3_uri(uri) == ("bucket", "a/b.json")


def test_an_output_that_an_environment_leaves_out_is_named(aws: FakeAws) -> None:
    aws.stacks["dev-api"] = {}
    with pytest.raises(InputError) as refused:
        Cloud().output("dev", "ApiUrl", "API")
    assert str(refused.value) == (
        "dev in AWS (eu-west-1) has no API: cdk deploy 'dev/*' brings it, unless stacks/environments.py leaves it out."
    )


def test_an_environment_that_is_not_deployed_is_not_said_to_leave_anything_out(aws: FakeAws) -> None:
    aws.stacks |= {"development-api": {"ApiUrl": "https://elsewhere"}, "development-storage": {}, "qa-storage": {}}
    with pytest.raises(InputError) as refused:
        Cloud().output("dev", "ApiUrl", "API")
    assert str(refused.value) == (
        "dev in AWS (eu-west-1) has no API: nothing of it is deployed, cdk deploy 'dev/*' does that where"
        " stacks/environments.py has such an environment; deployed here is development, qa."
    )


def test_all_stacks_are_asked_for_once(aws: FakeAws) -> None:
    aws.stacks |= {"dev-api": {"ApiUrl": "https://x"}, "dev-storage": {"DataBucketName": "data"}, "prod-api": {}}
    cloud = Cloud()
    assert cloud.outputs("dev") == {"ApiUrl": "https://x", "DataBucketName": "data"}
    assert cloud.outputs("prod") == {}
    assert len(aws.calls) == 1


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "does not exist"), (b"{", "is no JSON"), (b"[]", "is no JSON object")]
)
def test_a_document_that_is_none_is_named(aws: FakeAws, content: bytes | None, problem: str) -> None:
    if content is not None:
        aws.objects["b/k"] = content
    with pytest.raises(CommandError, match=f"s3://b/k {problem}"):
        Cloud().read_json("s3://b/k")


def test_variables_lead_to_their_cloud(aws: FakeAws) -> None:
    cloud = Cloud(
        {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
            "AWS_ACCESS_KEY_ID": "222222222222",
            "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_REGION": "eu-north-1",
        }
    )
    credentials = cloud.session.get_credentials()
    assert credentials is not None
    assert credentials.access_key == "222222222222"
    assert cloud.description == "http://127.0.0.1:4566 (eu-north-1)"
    assert cloud.s3.meta.endpoint_url == "http://127.0.0.1:4566"
    assert not aws.calls
    assert json.dumps(cloud.poll_seconds) == "0.5"


def test_the_region_may_come_from_the_variable_of_the_other_sdks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert Cloud().session.region_name == "eu-north-1"
    assert Cloud({"AWS_DEFAULT_REGION": "eu-west-3"}).session.region_name == "eu-west-3"
