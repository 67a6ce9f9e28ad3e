"""Dead letters: events that functions could not take, and how they are put back to whom they were for.

SQS moves messages back by itself only between queues ("StartMessageMoveTask": "Non-SQS queue sources of dead-letter
queues, such as Lambda or Amazon SNS topics, are currently not supported"). Here the function is started with the event
again, as Lambda and EventBridge would; the letter goes only when Lambda has taken the event.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from mdlc.client.aws import Cloud, sentence
from mdlc.errors import InputError

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

QUEUE: Final = "AWS::SQS::Queue"
FUNCTION: Final = "AWS::Lambda::Function"
HIDDEN_S: Final = 300
"""How long a letter is hidden from others who put letters back, while this one is at work."""
BATCH: Final = 10
TOPICS: Final = ("arn:aws:sns:", "arn:aws-cn:sns:", "arn:aws-us-gov:sns:")
"""How the ARN of a topic begins, to which a rule could not publish an event."""
SYSTEM: Final = "system"
"""The tag that says of which system a queue is."""


@dataclass(frozen=True)
class Letters:
    """A queue of an environment that keeps dead letters, and how many wait in it."""

    name: str
    url: str
    arn: str
    system: str
    waiting: int
    hidden: int
    """Letters that somebody has received and not yet put back."""

    def as_json(self) -> dict[str, Any]:
        """Return it as --json shows it."""
        return {"queue": self.name, "system": self.system, "waiting": self.waiting, "hidden": self.hidden}


@dataclass(frozen=True)
class Put:
    """What became of one letter: put back to `function`, or topic, or left (or thrown away) for a reason."""

    queue: str
    function: str
    reason: str = ""
    discarded: bool = False

    @property
    def went_back(self) -> bool:
        """Whether its function was started with it."""
        return not self.reason

    def as_json(self) -> dict[str, Any]:
        """Return it as --json shows it."""
        fate = "put back" if self.went_back else "discarded" if self.discarded else "left"
        return {"queue": self.queue, "function": self.function or None, "fate": fate, "reason": self.reason or None}


def queues(cloud: Cloud, environment: str) -> list[Letters]:
    """Return the dead-letter queues of an environment: those that its functions or rules give what failed to."""
    found = []
    for _, resource in cloud.resources(environment):
        if resource["ResourceType"] == QUEUE and "DeadLetters" in resource["LogicalResourceId"]:
            url = resource.get("PhysicalResourceId", "")
            told = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            tags = cloud.sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
            found.append(
                Letters(
                    name=url.rpartition("/")[2],
                    url=url,
                    arn=told["QueueArn"],
                    system=tags.get(SYSTEM, ""),
                    waiting=int(told.get("ApproximateNumberOfMessages", "0")),
                    hidden=int(told.get("ApproximateNumberOfMessagesNotVisible", "0")),
                )
            )
    return found


def find(cloud: Cloud, environment: str, name: str) -> list[Letters]:
    """Return the queue of this name, or those of a system; raise `InputError` where there is none."""
    known = queues(cloud, environment)
    if chosen := [each for each in known if name in {each.name, each.system}]:
        return chosen
    systems = sorted({each.system for each in known if each.system})
    there = f"of {', '.join(systems)}: {', '.join(each.name for each in known)}" if known else "none"
    raise InputError(f"{cloud.place(environment)} has no dead-letter queue of {name!r}; it has {there}.")


def put_back(
    cloud: Cloud, environment: str, letters: Letters, *, discard: bool, say: Callable[[str], None]
) -> Iterator[Put]:
    """Start the functions again with the letters that wait in a queue now, and yield what became of each.

    A letter stays where it is when nobody can take it any more, unless `discard` throws it away, and when Lambda does
    not take it. One that comes while this goes on is left for the next time: it may be one that has failed again.
    """
    functions = _functions(cloud, environment, letters.arn)
    begun, kept = datetime.now(UTC), list[str]()
    try:
        for number, message in enumerate(_receive(cloud, letters.url), start=1):
            sent = datetime.fromtimestamp(int(message.get("Attributes", {}).get("SentTimestamp", "0")) / 1000, UTC)
            if sent > begun:
                kept.append(message["ReceiptHandle"])
                continue
            put = _put(cloud, letters.name, message, functions)
            say(f"{letters.name}: {number} of about {letters.waiting}")
            if put.went_back or discard:
                cloud.sqs.delete_message(QueueUrl=letters.url, ReceiptHandle=message["ReceiptHandle"])
                put = put if put.went_back else Put(put.queue, put.function, put.reason, discarded=True)
            else:
                kept.append(message["ReceiptHandle"])
            yield put
    finally:
        for handle in kept:
            cloud.sqs.change_message_visibility(QueueUrl=letters.url, ReceiptHandle=handle, VisibilityTimeout=0)


def _receive(cloud: Cloud, url: str) -> "Iterator[MessageTypeDef]":
    """Yield the messages of a queue, each once, as they stay hidden."""
    seen = set[str]()
    while True:
        answer = cloud.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=HIDDEN_S,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        new = [each for each in answer.get("Messages", []) if each["MessageId"] not in seen]
        if not new:
            return
        seen.update(each["MessageId"] for each in new)
        yield from new


def _put(cloud: Cloud, queue: str, message: "MessageTypeDef", functions: list[str]) -> Put:
    body = message["Body"]
    attributes: Mapping[str, Any] = message.get("MessageAttributes") or {}
    target = str(attributes.get("TARGET_ARN", {}).get("StringValue", ""))
    if _is_of_cloudformation(body):
        reason = "CloudFormation asked, and has given up on the answer: deploy the stack again"
        return Put(queue, target, reason)
    if not target and len(functions) != 1:
        told = "no function" if not functions else f"{len(functions)} functions"
        return Put(queue, "", f"{told} of the environment give their events to this queue, and the letter names none")
    function = target or functions[0]
    try:
        if target.startswith(TOPICS):
            cloud.sns.publish(TopicArn=target, Message=body)
            return Put(queue, target)
        cloud.functions.invoke(FunctionName=function, InvocationType="Event", Payload=body.encode())
    except ClientError as error:
        return Put(queue, function, sentence(error))
    return Put(queue, function)


def _is_of_cloudformation(body: str) -> bool:
    """Return whether a letter is a custom resource's request, whose answer nobody awaits any more."""
    try:
        event = json.loads(body)
    except ValueError:
        return False
    return isinstance(event, Mapping) and {"RequestType", "ResponseURL", "StackId"} <= event.keys()


def _functions(cloud: Cloud, environment: str, queue: str) -> list[str]:
    """Return the functions of an environment whose dead letters go to the queue of this ARN."""
    names = [
        resource.get("PhysicalResourceId", "")
        for _, resource in cloud.resources(environment)
        if resource["ResourceType"] == FUNCTION
    ]
    configurations = [cloud.functions.get_function_configuration(FunctionName=name) for name in names]
    targets = {each["FunctionName"]: each.get("DeadLetterConfig") or {} for each in configurations}
    return [name for name, config in targets.items() if config.get("TargetArn") == queue]
