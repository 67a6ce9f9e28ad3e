"""Notices to people: what could be done with them, and who may."""

from collections.abc import Iterator, Sequence

from checks.access.operation import Operation
from checks.access.rights import SEEN, TABLE
from checks.access.trained import Trained
from checks.access.workload import Workload, workload

BUS = "arn:aws:events:{region}:{account}:event-bus/default"


def operations() -> Iterator[Operation]:
    """Yield what could be done to what people are told, and to what tells them."""
    yield Operation("tell people", "sns:Publish", "{notices_topic}")
    yield Operation("be told", "sns:Subscribe", "{notices_topic}")
    yield Operation("write down notices", "dynamodb:PutItem", "{notices_ledger}")
    yield Operation("change notices", "dynamodb:UpdateItem", "{notices_ledger}")
    yield Operation("delete notices", "dynamodb:DeleteItem", "{notices_ledger}")
    yield Operation("read notices", "dynamodb:Scan", "{notices_ledger}")
    yield Operation("send to the dead-letter queue of notices", "sqs:SendMessage", "{notices_letters}")
    yield Operation("take dead letters", "sqs:ReceiveMessage", "{notices_letters}")
    yield Operation("put events on the account's bus", "events:PutEvents", BUS)
    ends = {"events:source": ["mdlc.labeling"]}
    yield Operation("tell of the ends of labeling jobs", "events:PutEvents", BUS, ends)
    job = "arn:aws:sagemaker:{region}:{account}:transform-job/any"
    yield Operation("read the tags of transform jobs", "sagemaker:ListTags", job)
    yield Operation("list rules", "events:ListRules", "*")
    yield Operation("disable rules", "events:DisableRule", "arn:aws:events:{region}:{account}:rule/any")
    via = {"kms:ViaService": "sns.{region}.amazonaws.com"}
    yield Operation("read with the data key through SNS", "kms:Decrypt", "{key}", via)
    yield Operation("encrypt with the data key through SNS", "kms:GenerateDataKey", "{key}", via)


def workloads(systems: Sequence[Trained], served: Sequence[Trained]) -> Iterator[Workload]:
    """Yield the row of what tells people."""
    yield workload(
        "notices",
        "Tells people what failed",
        {"tell people", "write down notices", "change notices", "list rules", "read the tags of transform jobs"},
        {"read with the data key through SNS", "encrypt with the data key through SNS"},
        {"send to the dead-letter queue of notices"} | TABLE | SEEN,
        {f"see executions of {system.name}" for system in systems if not system.scripted},
        {f"see the roll-back alarm of {system.name}" for system in served},
    )
