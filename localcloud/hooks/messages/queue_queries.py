"""SQS of MiniStack: requests of the Query protocol, as older SDKs and integrations of API Gateway send them, are whole.

MiniStack reads and answers some operations and members of that protocol alone; in JSON it has them all.

Sources: API reference of SQS, "Request Parameters" of each operation, whose lists are numbered from 1 in a query;
answers that localstack/localstack recorded from AWS with both protocols (tests/aws/services/sqs/, Apache-2.0).
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import sqs

Query = Mapping[str, Any]
MEMBERS = ("Label", "SourceArn", "DestinationArn", "TaskHandle", "MaxNumberOfMessagesPerSecond")
LISTS: Mapping[str, str] = {
    "AWSAccountId": "AWSAccountIds",
    "ActionName": "Actions",
    "MessageSystemAttributeName": "MessageSystemAttributeNames",
}
BATCHES = ("SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")
SYSTEM = "MessageSystemAttribute"
_DIGEST = "MD5OfMessageSystemAttributes"


def complete() -> None:
    """Read every member of a query, and answer every operation."""
    read, write = sqs._normalise, sqs._to_xml

    def normalised(action: str, query: Query) -> dict[str, Any]:
        data: dict[str, Any] = read(action, query)
        data |= {name: value for name in MEMBERS if (value := sqs._p(query, name))}
        data |= {name: listed for member, name in LISTS.items() if (listed := list(_numbered(query, member)))}
        if attributes := dict(_attributes(query)):
            data[f"{SYSTEM}s"] = attributes
        if action in BATCHES:
            data["Entries"] = [*data["Entries"], *_without_id(query, f"{action}RequestEntry", len(data["Entries"]))]
        return data

    def answered(action: str, result: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        if members := ANSWERS.get(action):
            inner = "".join(members(result))
            return sqs._xml_resp(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")
        status, headers, body = write(action, result)
        if digest := result.get(_DIGEST):
            end = b"</SendMessageResult>"
            body = body.replace(end, f"<{_DIGEST}>{digest}</{_DIGEST}>".encode() + end)
        return status, headers, body

    sqs._normalise, sqs._to_xml = normalised, answered


def _numbered(query: Query, member: str) -> Iterator[str]:
    for number in count(1):
        if not (value := sqs._p(query, f"{member}.{number}")):
            return
        yield value


def _attributes(query: Query) -> Iterator[tuple[str, dict[str, str]]]:
    for number in count(1):
        place = f"{SYSTEM}.{number}"
        if not (name := sqs._p(query, f"{place}.Name")):
            return
        members = ("DataType", "StringValue", "BinaryValue")
        yield name, {member: value for member in members if (value := sqs._p(query, f"{place}.Value.{member}"))}


def _without_id(query: Query, entry: str, read: int) -> Iterator[dict[str, str]]:
    """Yield the entry of a batch at which MiniStack stops to read, as its Id is empty: an answer names it."""
    if any(name.startswith(f"{entry}.{read + 1}.") for name in query):
        yield {"Id": ""}


def _sources(result: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"<QueueUrl>{escape(url)}</QueueUrl>" for url in result.get("queueUrls", ()))


def _move(result: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"<{name}>{escape(str(value))}</{name}>" for name, value in result.items())


def _moves(result: Mapping[str, Any]) -> Iterator[str]:
    for each in result.get("Results", ()):
        yield f"<ListMessageMoveTasksResultEntry>{''.join(_move(each))}</ListMessageMoveTasksResultEntry>"


ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "ListDeadLetterSourceQueues": _sources,
    "StartMessageMoveTask": _move,
    "CancelMessageMoveTask": _move,
    "ListMessageMoveTasks": _moves,
}
