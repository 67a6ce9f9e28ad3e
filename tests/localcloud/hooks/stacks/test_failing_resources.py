"""A stack whose resource fails on purpose is taken back as CloudFormation does it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.lifecycle import LocalCloud

pytestmark = pytest.mark.slow
TOPIC = {"Type": "AWS::SNS::Topic"}


@pytest.fixture(autouse=True)
def straight(cloud: LocalCloud) -> Iterator[None]:
    """Nothing fails after a test."""
    yield
    cloud.clear_faults()


def queue(name: str, policy: str = "Delete", **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "DeletionPolicy": policy, "Properties": {"QueueName": name, **properties}}


def names(aws: Any, prefix: str) -> list[str]:
    found = aws("sqs").list_queues(QueueNamePrefix=prefix).get("QueueUrls", [])
    return sorted(url.rpartition("/")[2] for url in found)


def test_a_resource_that_fails_last_takes_the_stack_back(
    cloud: LocalCloud, aws: Any, deploy: Callable[..., Any]
) -> None:
    cloud.fail_resource("takes-back/Last")
    last = {**queue("back-last"), "DependsOn": ["First", "Kept", "KeptLater"]}
    resources = {
        "First": queue("back-first"),
        "Kept": queue("back-kept", "Retain"),
        "KeptLater": queue("back-kept-later", "RetainExceptOnCreate"),
        "Last": last,
    }
    stack = deploy(resources, "takes-back")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stack["Failed"]["Last"].startswith(
        'Resource handler returned message: "Last fails on purpose" (RequestToken'
    )
    assert names(aws, "back-") == ["back-kept"], "a policy of Retain holds also for what a create made that fails"
    aws("sqs").delete_queue(QueueUrl=aws("sqs").get_queue_url(QueueName="back-kept")["QueueUrl"])


def test_the_end_of_a_stack_fails_when_all_is_there(cloud: LocalCloud, aws: Any, deploy: Callable[..., Any]) -> None:
    cloud.fail_resource("at-the-end")
    stack = deploy({"Q": queue("end-q"), "Topic": TOPIC}, "at-the-end")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    created = {
        event["LogicalResourceId"]
        for event in aws("cloudformation").describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        if event["ResourceStatus"] == "CREATE_COMPLETE"
    }
    assert created == {"Q", "Topic"}
    assert names(aws, "end-") == []


def test_an_update_that_fails_has_the_old_properties_again(
    cloud: LocalCloud, aws: Any, deploy: Callable[..., Any]
) -> None:
    before = deploy({"Q": queue("changed-q", DelaySeconds=1)}, "changed")
    cloud.fail_resource("changed/Q", "update")
    changed = {"Q": queue("changed-q", DelaySeconds=2), "Topic": TOPIC}
    assert deploy(changed, before["StackName"])["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    url = aws("sqs").get_queue_url(QueueName="changed-q")["QueueUrl"]
    attributes = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    assert attributes == {"DelaySeconds": "1"}
    assert deploy(changed, before["StackName"])["StackStatus"] == "UPDATE_COMPLETE"


def test_a_resource_that_is_not_deleted_leaves_the_stack_to_be_deleted_again(
    cloud: LocalCloud, aws: Any, deploy: Callable[..., Any]
) -> None:
    stack = deploy({"Q": queue("stays-q"), "Topic": TOPIC}, "stays")
    cloud.fail_resource("stays/AWS::SQS::Queue", "delete")
    cloudformation = aws("cloudformation")
    cloudformation.delete_stack(StackName="stays")
    waiter = cloudformation.get_waiter("stack_delete_complete")
    waiter.config.delay = 0.2
    with pytest.raises(Exception, match="DELETE_FAILED"):
        waiter.wait(StackName=stack["StackId"])
    assert names(aws, "stays-") == ["stays-q"]
    cloudformation.delete_stack(StackName="stays")
    waiter.wait(StackName=stack["StackId"])
    assert names(aws, "stays-") == []
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName="stays")
