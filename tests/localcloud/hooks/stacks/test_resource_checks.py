"""Before a resource is made, its properties are its type's and its name is free."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.console import Running
from tests.localcloud.conftest import settled

pytestmark = pytest.mark.slow
Deploy = Callable[..., dict[str, Any]]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
TABLE = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
}
BY_API: dict[str, tuple[str, dict[str, Any], Callable[[Any], object]]] = {
    "topic": ("AWS::SNS::Topic", {"TopicName": "api"}, lambda aws: aws("sns").create_topic(Name="api")),
    "queue": ("AWS::SQS::Queue", {"QueueName": "api"}, lambda aws: aws("sqs").create_queue(QueueName="api")),
    "group": (
        "AWS::Logs::LogGroup",
        {"LogGroupName": "api"},
        lambda aws: aws("logs").create_log_group(logGroupName="api"),
    ),
    "role": (
        "AWS::IAM::Role",
        {"RoleName": "api", "AssumeRolePolicyDocument": TRUST},
        lambda aws: aws("iam").create_role(RoleName="api", AssumeRolePolicyDocument=json.dumps(TRUST)),
    ),
    "table": (
        "AWS::DynamoDB::Table",
        {"TableName": "api", **TABLE},
        lambda aws: aws("dynamodb").create_table(TableName="api", **TABLE),
    ),
    "registry": (
        "AWS::ECR::Repository",
        {"RepositoryName": "api"},
        lambda aws: aws("ecr").create_repository(repositoryName="api"),
    ),
}


def test_properties_are_judged_when_a_resource_is_made_and_changed(aws: Any, deploy: Deploy) -> None:
    stack = deploy({"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueNam": "q"}}})
    assert stack["Failed"]["Queue"] == (
        "Properties validation failed for resource Queue with message:\n#: extraneous key [QueueNam] is not permitted"
    )
    topic = deploy({"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": {"a": "b"}}}})
    assert "#/Tags: expected type: JSONArray, found: JSONObject" in topic["Failed"]["Topic"]
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}
    made = deploy({"Queue": queue}, "changed-wrongly")
    assert made["StackStatus"] == "CREATE_COMPLETE"
    wrong = {"Resources": {"Queue": {**queue, "Properties": {"DelaySeconds": "soon"}}}}
    aws("cloudformation").update_stack(StackName="changed-wrongly", TemplateBody=json.dumps(wrong))
    assert settled(aws("cloudformation"), "changed-wrongly")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    url = aws("sqs").list_queues(QueueNamePrefix="changed-wrongly")["QueueUrls"][0]
    attributes = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    assert attributes == {"DelaySeconds": "1"}


def test_a_name_that_a_resource_of_another_stack_has_is_taken(deploy: Deploy) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "two-stacks"}}
    first = deploy({"Topic": topic}, "first-of-two")
    second = deploy({"Topic": topic}, "second-of-two")
    assert second["StackStatus"] == "ROLLBACK_COMPLETE"
    assert second["Failed"]["Topic"] == f"two-stacks already exists in stack {first['StackId']}"


def test_a_name_is_free_again_when_its_stack_is_gone(aws: Any, deploy: Deploy) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "free-again"}}
    deploy({"Queue": queue}, "had-the-name")
    aws("cloudformation").delete_stack(StackName="had-the-name")
    aws("cloudformation").get_waiter("stack_delete_complete").wait(StackName="had-the-name", WaiterConfig={"Delay": 1})
    assert deploy({"Queue": queue}, "has-the-name")["StackStatus"] == "CREATE_COMPLETE"


def test_a_name_is_of_a_region_or_of_the_account(running: Running, deploy: Deploy) -> None:
    elsewhere = boto3.client(
        "cloudformation",
        region_name="us-east-1",
        endpoint_url=running.endpoint,
        aws_access_key_id=running.account,
        aws_secret_access_key=running.secret,
    )

    def there(name: str, resource: dict[str, Any]) -> dict[str, Any]:
        template = json.dumps({"Resources": {"Mine": resource}})
        elsewhere.create_stack(StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
        return settled(elsewhere, name)

    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "two-regions"}}
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "two-regions", "AssumeRolePolicyDocument": TRUST}}
    here = deploy({"Queue": queue, "Role": role})
    assert here["StackStatus"] == "CREATE_COMPLETE"
    assert there("a-queue-elsewhere", queue)["StackStatus"] == "CREATE_COMPLETE"
    assert there("a-role-elsewhere", role)["Failed"]["Mine"] == f"two-regions already exists in stack {here['StackId']}"


@pytest.mark.parametrize("what", BY_API)
def test_a_name_that_the_service_knows_already_is_taken(aws: Any, deploy: Deploy, what: str) -> None:
    kind, properties, make = BY_API[what]
    make(aws)
    stack = deploy({"Mine": {"Type": kind, "Properties": properties}})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    identifier = json.dumps({f"/properties/{next(iter(properties))}": "api"}, separators=(",", ":"))
    assert stack["Failed"]["Mine"].startswith(
        f"Resource handler returned message: \"Resource of type '{kind}' with identifier '{identifier}' already exists."
    )


def test_resources_that_wait_for_each_other_are_refused_before_anything_is_made(aws: Any) -> None:
    topic = {"Type": "AWS::SNS::Topic"}
    template = {"Resources": {"A": {**topic, "DependsOn": "B"}, "B": {**topic, "DependsOn": "A"}}}
    with pytest.raises(ClientError, match=r"Circular dependency between resources: \[A, B\]"):
        aws("cloudformation").create_stack(StackName="in-circles", TemplateBody=json.dumps(template))


def test_a_type_that_is_misspelt_and_one_that_only_aws_has(aws: Any) -> None:
    def template(kind: str) -> str:
        return json.dumps({"Resources": {"A": {"Type": kind}}})

    cloudformation = aws("cloudformation")
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::SNS::Topc\]"):
        cloudformation.validate_template(TemplateBody=template("AWS::SNS::Topc"))
    cloudformation.validate_template(TemplateBody=template("AWS::QLDB::Ledger"))
    with pytest.raises(ClientError, match=r"The local cloud cannot create these resources: A \(AWS::QLDB::Ledger\)"):
        cloudformation.create_stack(StackName="ledger", TemplateBody=template("AWS::QLDB::Ledger"))
