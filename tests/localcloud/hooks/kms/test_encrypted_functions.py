"""A function under a customer's key starts with the grant that who configured it made for its role.

Source: Lambda developer guide, "Securing environment variables"; botocore's model of KMSAccessDeniedException.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.keyed import Aws, allow, fresh, make_key, refusal

pytestmark = pytest.mark.slow
SOURCE = "import os\ndef handler(event, context):\n    return os.environ['WORD']\n"
CONFIGURE = allow("CreateGrant", "Encrypt")


@pytest.fixture
def role(aws: Aws) -> Iterator[str]:
    """ARN of a role for functions that may do nothing."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    name = fresh("role")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    yield aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    aws("iam").delete_role(RoleName=name)


@pytest.fixture
def request_(role: str) -> dict[str, Any]:
    """What makes a function that answers with a word of its environment."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", SOURCE)
    return {
        "FunctionName": fresh("f"),
        "Role": role,
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Code": {"ZipFile": packed.getvalue()},
        "Environment": {"Variables": {"WORD": "secret"}},
    }


def passing(role: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role}


def test_who_configures_a_function_makes_the_grant_that_it_starts_with(
    aws: Aws, acting: Callable[..., Any], role: str, request_: dict[str, Any]
) -> None:
    key, name = make_key(aws), request_["FunctionName"]
    for missing in ("CreateGrant", "Encrypt"):
        other = "Encrypt" if missing == "CreateGrant" else "CreateGrant"
        denied = refusal(acting("lambda", allow(other), passing(role)).create_function, **request_, KMSKeyArn=key)
        assert f"kms:{missing}" in denied
    maker = acting("lambda", CONFIGURE, passing(role))
    made = maker.create_function(**request_, KMSKeyArn=key)
    aws("lambda").get_waiter("function_active_v2").wait(FunctionName=name)
    (grant,) = aws("kms").list_grants(KeyId=key)["Grants"]
    assert grant["GranteePrincipal"] == role
    assert grant["Constraints"] == {"EncryptionContextEquals": {"aws:lambda:FunctionArn": made["FunctionArn"]}}
    assert json.load(maker.invoke(FunctionName=name)["Payload"]) == "secret"

    aws("kms").revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    with pytest.raises(ClientError) as refused:
        aws("lambda").invoke(FunctionName=name)
    assert refused.value.response["Error"]["Code"] == "KMSAccessDeniedException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502
    assert f"is not authorized to perform: kms:Decrypt on resource: {key}" in str(refused.value)

    maker.update_function_configuration(FunctionName=name, KMSKeyArn=key)
    assert json.load(aws("lambda").invoke(FunctionName=name)["Payload"]) == "secret"
    aws("lambda").delete_function(FunctionName=name)
    assert aws("kms").list_grants(KeyId=key)["Grants"] == []


def test_variables_are_read_with_decrypt(
    aws: Aws, acting: Callable[..., Any], role: str, request_: dict[str, Any]
) -> None:
    del role
    name = request_["FunctionName"]
    aws("lambda").create_function(**request_, KMSKeyArn=make_key(aws))
    reader, nobody = acting("lambda", allow("Decrypt")), acting("lambda")
    for read in ("get_function_configuration", "get_function", "list_functions"):
        for client, variables in ((reader, {"WORD": "secret"}), (nobody, None)):
            named = {} if read == "list_functions" else {"FunctionName": name}
            found = getattr(client, read)(**named)
            shown = found.get("Configuration", found)
            if read == "list_functions":
                (shown,) = [each for each in found["Functions"] if each["FunctionName"] == name]
            assert shown["Environment"].get("Variables") == variables
            denied = shown["Environment"].get("Error", {}).get("ErrorCode")
            assert denied == (None if variables else "AccessDeniedException")
    aws("lambda").delete_function(FunctionName=name)


def test_a_function_of_a_template_has_its_grant(
    aws: Aws, deploy: Callable[..., Any], role: str, function: Callable[..., Any]
) -> None:
    key = make_key(aws)
    made = function(SOURCE, "R", Environment={"Variables": {"WORD": "secret"}}, KmsKeyArn=key)
    made["Properties"]["Role"] = role
    stack = deploy({"F": made}, Name={"Ref": "F"})
    assert stack["Failed"] == {}
    (grant,) = aws("kms").list_grants(KeyId=key)["Grants"]
    assert grant["GranteePrincipal"] == role
    assert json.load(aws("lambda").invoke(FunctionName=stack["Outputs"]["Name"])["Payload"]) == "secret"
    made["Properties"]["Environment"] = {"Variables": {"WORD": "other"}}
    changed = deploy({"F": made}, stack["StackName"], Name={"Ref": "F"})
    assert changed["Failed"] == {}
    (grant,) = aws("kms").list_grants(KeyId=key)["Grants"]
    assert json.load(aws("lambda").invoke(FunctionName=changed["Outputs"]["Name"])["Payload"]) == "other"


@pytest.mark.parametrize("allowed", [True, False])
def test_a_function_is_given_messages_that_its_role_may_decrypt(
    aws: Aws, role: str, request_: dict[str, Any], *, allowed: bool
) -> None:
    """SQS developer guide, "Configuring a queue to trigger a Lambda function", "Permissions for encrypted queues"."""
    name, key = request_["FunctionName"], make_key(aws)
    queue: dict[str, Any] = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    with rights(aws, role, queue, *([allow("Decrypt")] if allowed else [])):
        aws("lambda").create_function(**request_)
        url = aws("sqs").create_queue(QueueName=fresh(), Attributes={"KmsMasterKeyId": key})["QueueUrl"]
        arn = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        mapping = aws("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=arn)["UUID"]
        aws("sqs").send_message(QueueUrl=url, MessageBody="x")
        assert holds(aws, url, 0, 20 if allowed else 3) == allowed
        aws("lambda").delete_event_source_mapping(UUID=mapping)
    aws("lambda").delete_function(FunctionName=name)


@pytest.mark.parametrize("allowed", [True, False])
def test_a_dead_letter_is_sent_by_the_functions_role(
    aws: Aws, role: str, request_: dict[str, Any], *, allowed: bool
) -> None:
    """Lambda developer guide, "Adding a dead-letter queue": it is the execution role that sends it."""
    name, key = request_["FunctionName"], make_key(aws)
    url = aws("sqs").create_queue(QueueName=fresh(), Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    queue: dict[str, Any] = {"Effect": "Allow", "Action": "sqs:*", "Resource": arn}
    with rights(aws, role, queue, *([allow("GenerateDataKey", "Decrypt")] if allowed else [])):
        aws("lambda").create_function(**{**request_, "Environment": {}}, DeadLetterConfig={"TargetArn": arn})
        aws("lambda").put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
        aws("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")  # it has no WORD, and fails
        assert holds(aws, url, 1, 20 if allowed else 4) == allowed
    aws("lambda").delete_function(FunctionName=name)


@contextmanager
def rights(aws: Aws, role: str, *statements: dict[str, Any]) -> Iterator[None]:
    """Let a role do what these statements say, for a moment."""
    name = role.rpartition("/")[2]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    aws("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    yield
    aws("iam").delete_role_policy(RoleName=name, PolicyName="p")


def holds(aws: Aws, url: str, messages: int, seconds: float) -> bool:
    """Whether a queue holds this many messages, seen and unseen, within some seconds."""
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"]
        if sum(map(int, found.values())) == messages:
            return True
        time.sleep(0.1)
    return False
