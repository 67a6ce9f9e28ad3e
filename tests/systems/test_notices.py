"""People are told on the local cloud: a run fails, a roll-out is refused, a dead letter comes and is put back.

What they are told is read from a queue that is subscribed to the topic, as a mailbox would be.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PACKAGE = "arn:aws:sagemaker:eu-west-1:111111111111:model-package/dev-knn/1"


@dataclass
class Mailbox:
    """What was published to the topic so far."""

    here: Workplace
    url: str
    messages: list[Mapping[str, Any]] = field(default_factory=list)

    def wait_for(self, text: str, seconds: float = 90) -> str:
        """Return the message whose subject ends so, once it is there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self.here.client("sqs").receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for each in answer.get("Messages", []):
                self.messages.append(json.loads(each["Body"]))
                self.here.client("sqs").delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
            for message in self.messages:
                if message["Subject"].endswith(text):
                    self.messages.remove(message)
                    return str(message["Message"])
        raise AssertionError(f"no {text!r} among {[each['Subject'] for each in self.messages]}")


@pytest.fixture(scope="module")
def mailbox(demo: Workplace) -> Iterator[Mailbox]:
    """A queue that is subscribed to the notices of dev."""
    sqs, sns = demo.client("sqs"), demo.client("sns")
    url = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    send = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    topic = demo.output("dev-notices", "NoticesTopicArn")
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    yield Mailbox(demo, url)
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.end_to_end
def test_a_failed_run_is_told_with_its_reason_and_the_command(
    demo: Workplace, mailbox: Mailbox, tmp_path: Path
) -> None:
    demo.done("data", "generate", "knn", str(tmp_path / "shuffled"), "--shuffle-labels")
    version = demo.done("data", "publish", "knn", str(tmp_path / "shuffled"))["version"]
    execution = demo.done("pipeline", "start", "knn", "--data", version)["execution_id"]
    body = mailbox.wait_for("dev knn: a training run failed")
    assert f"The execution {execution} of the pipeline dev-knn failed." in body
    assert "is below the gate 0.9: nothing was registered" in body
    command = next(line.strip() for line in body.splitlines() if "pipeline status" in line)
    assert command == f"mdlc pipeline status knn {execution} -e dev"
    assert demo.done(*command.split()[1:])["status"] == "Failed", "what it says can be typed"
    listed = demo.done("notices")["notices"]
    assert [each["subject"] for each in listed if execution in each["body"]] == ["dev knn: a training run failed"]


@pytest.mark.end_to_end
def test_a_refused_roll_out_is_told_once_for_all_the_events_about_it(demo: Workplace, mailbox: Mailbox) -> None:
    sagemaker = demo.client("sagemaker")
    sagemaker.update_model_package(ModelPackageArn=PACKAGE, CustomerMetadataProperties={"deploy-instance-count": "two"})
    try:
        demo.mdlc("model", "reject", "knn", "1")
        demo.mdlc("model", "approve", "knn", "1", "--wait")
        body = mailbox.wait_for("dev knn: the roll-out of version 1 was refused")
        assert "its deploy-instance-count is two and must be a whole number from 1" in body
        assert "mdlc model approve knn 1 -e dev --wait" in body
        # Every later answer of the roll-out names it again, and nobody hears of it again.
        sagemaker.update_model_package(ModelPackageArn=PACKAGE, ApprovalDescription="looked at")
        time.sleep(5)
        with pytest.raises(AssertionError):
            mailbox.wait_for("was refused", seconds=3)
    finally:
        sagemaker.update_model_package(
            ModelPackageArn=PACKAGE, CustomerMetadataPropertiesToRemove=["deploy-instance-count"]
        )


@pytest.mark.end_to_end
def test_a_dead_letter_is_told_and_put_back_by_the_command_that_it_names(demo: Workplace, mailbox: Mailbox) -> None:
    """Lambda tries an event three times; the local cloud's minutes are seconds."""
    demo.mdlc("local", "fail", "DescribeModelPackage", "--with", "deny", "--for", "60", "--by", "Rollout")
    demo.mdlc("model", "reject", "knn", "1")
    body = mailbox.wait_for("dev knn: events failed for good and wait as dead letters")
    demo.done("local", "fail", "clear")
    command = next(line.strip() for line in body.splitlines() if "mdlc redrive" in line)
    queue = command.split()[2]
    assert queue.startswith("dev-knn-RolloutDeadLetters")
    assert any(queue in each["what"] for each in demo.done("notices")["open"])

    put = demo.done(*command.split()[1:])["letters"]
    assert put
    assert {each["fate"] for each in put} == {"put back"}
    assert demo.done(*command.split()[1:])["letters"] == [], "twice is safe"
    assert not any(queue in each["what"] for each in demo.done("notices")["open"])
    demo.done("model", "approve", "knn", "1", "--wait", timeout=300)
    assert demo.done("model", "show", "knn", "1")["rollout"] == "serving"


def test_a_letter_that_nobody_can_take_stays_until_it_is_thrown_away(demo: Workplace) -> None:
    sqs = demo.client("sqs")
    urls = sqs.list_queues(QueueNamePrefix="dev-storage-DeadLetters")["QueueUrls"]
    request = {"RequestType": "Create", "ResponseURL": "https://gone", "StackId": "arn:aws:cloudformation:x"}
    sqs.send_message(QueueUrl=urls[0], MessageBody=json.dumps(request))
    left = demo.mdlc("redrive", "platform")
    assert left.code == 1
    assert "CloudFormation asked, and has given up on the answer" in json.dumps(left.answer) + left.said
    [thrown] = demo.done("redrive", "platform", "--discard")["letters"]
    assert thrown["fate"] == "discarded"
    assert demo.mdlc("redrive", "nothing-such").code == 2


def test_nobody_publishes_but_the_function(demo: Workplace) -> None:
    topic = demo.output("dev-notices", "NoticesTopicArn")
    everything = {"Effect": "Allow", "Action": ["sns:*", "kms:*"], "Resource": "*"}
    with pytest.raises(ClientError, match=r"AuthorizationError|AccessDenied"):
        demo.somebody(everything).client("sns").publish(TopicArn=topic, Message="a phishing mail")


def test_what_costs_has_tags_also_what_jobs_and_roll_outs_make(demo: Workplace) -> None:
    sagemaker = demo.client("sagemaker")

    def tags(arn: str) -> dict[str, str]:
        found = {each["Key"]: each["Value"] for each in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
        return {name: found.get(name, "") for name in ("environment", "system", "owner")}

    config = sagemaker.describe_endpoint(EndpointName="dev-fraud")["EndpointConfigName"]
    shown = sagemaker.describe_endpoint_config(EndpointConfigName=config)
    model = shown["ProductionVariants"][0]["ModelName"]
    run = demo.summary("fraud")["execution"]
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=run)["PipelineExecutionSteps"]
    jobs = {kind: job["Arn"] for step in steps for kind, job in step["Metadata"].items() if kind.endswith("Job")}
    for arn in (
        sagemaker.describe_endpoint(EndpointName="dev-fraud")["EndpointArn"],
        shown["EndpointConfigArn"],
        sagemaker.describe_model(ModelName=model)["ModelArn"],
        jobs["TrainingJob"],
        jobs["ProcessingJob"],
        sagemaker.describe_pipeline(PipelineName="dev-fraud")["PipelineArn"],
    ):
        assert tags(arn) == {"environment": "dev", "system": "fraud", "owner": "ml-platform"}, arn
