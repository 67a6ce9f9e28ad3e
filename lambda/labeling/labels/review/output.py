"""What a loop leaves, `output.json`, and the line of a manifest that its answers become.

Source: SageMaker developer guide, "Amazon A2I Output Data" (a2i-output-data), "Output Data From Custom Task Types".
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from labels.answers import AnswerError, read
from labels.job import consolidate
from labels.objects import SOURCES
from labels.review.loop import Start
from labels.tree import Tree
from labels.worker_response import Response

PICTURE: Final = "taskObject"
"""The member of InputContent with the URI of the picture, or the text, that people were shown, as A2I's samples do."""


class OutputError(ValueError):
    """An output that is none; one sentence."""


def write(start: Start, responses: Iterable[Response]) -> str:
    """Return the text of `output.json`, with all members in A2I's order, which is the alphabet's."""
    document = {
        "flowDefinitionArn": start.flow,
        "humanAnswers": [each.value for each in responses],
        "humanLoopName": start.name,
        "inputContent": start.content,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def lines(
    documents: Sequence[Mapping[str, Any]], attribute: str, categories: Sequence[str] = (), *, when: datetime
) -> Sequence[Mapping[str, Any]]:
    """Return a line of a manifest for each output of one flow, with the label that its answers give.

    People may give classes that the model never said: `categories` are all there are. How reliable each person is, is
    told from all outputs together. An answer that cannot be right spoils its own line alone. Raises OutputError.
    """
    if not documents:
        return []
    answers, unread = {}, {}
    objects = [_object(each) for each in documents]
    for number, document in enumerate(documents):
        try:
            answers[number] = read({"answers": document["humanAnswers"]})
        except AnswerError as error:
            unread[number] = str(error)
    flow = str(documents[0]["flowDefinitionArn"]).rpartition("/")[2]
    labels = consolidate(Tree(flow, objects, answers, unread), attribute, categories, when=when)
    beside = f"{attribute}-metadata"
    return [
        {**line, beside: {**line[beside], "job-name": f"human-loop/{document['humanLoopName']}"}}
        for line, document in zip(labels.lines, documents, strict=True)
    ]


def _object(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the object that a loop was about: a source of its input, or its taskObject. Raises OutputError."""
    match document:
        case {
            "humanLoopName": str(name),
            "flowDefinitionArn": str(),
            "humanAnswers": list(),
            "inputContent": dict(shown),
        }:
            if not (found := source_of(shown)):
                raise OutputError(
                    f"The input of {name} has no source-ref, source or taskObject: say there what it shows."
                )
            return found
    raise OutputError("The output has not the members of A2I's output.json: give one as it lies in S3.")


def source_of(shown: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what the input of a loop shows, as a line of a manifest would name it; empty where it does not say."""
    for source in SOURCES:
        if isinstance(shown.get(source), str):
            return {source: shown[source]}
    if isinstance(shown.get(PICTURE), str):
        return {"source-ref" if shown[PICTURE].startswith("s3://") else "source": shown[PICTURE]}
    return {}
