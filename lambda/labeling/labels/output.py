"""What a finished job leaves in its folder: answers and labels, laid out as Ground Truth does, for `labels.tree`.

Source: SageMaker developer guide, "Output data" (sms-data-output, Output Directories).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labels import worker_response
from labels.answers import Answer, AnswerError, read
from labels.tree import Tree
from labels.worker_response import Response

MANIFEST: Final = "manifests/output/output.manifest"


@dataclass(frozen=True)
class ObjectResult:
    """What became of an object: its line, what people answered in each round, and why nobody's answers are used."""

    id: str
    line: Mapping[str, Any]
    responses: Mapping[int, Sequence[Response]]
    reason: str = ""

    @property
    def latest(self) -> str:
        """The name of the file of the last round's answers; empty where nobody answered."""
        rounds = [number for number, given in self.responses.items() if given]
        return self._file(max(rounds)) if rounds else ""

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the names of the files of answers, and what they say."""
        for number, given in self.responses.items():
            if given:
                yield self._file(number), json.dumps(worker_response.file(given), ensure_ascii=False)

    def _file(self, number: int) -> str:
        return worker_response.key(number, self.id, max(each.submitted for each in self.responses[number]))


def tree(job: str, results: Sequence[ObjectResult]) -> Tree:
    """Return the job for `labels.job.consolidate`. An answer that has not its form spoils its own object alone."""
    answers: dict[int, list[Answer]] = {}
    unread: dict[int, str] = {}
    for number, each in enumerate(results):
        if each.reason:
            unread[number] = each.reason
            continue
        try:
            for given in each.responses.values():
                answers.setdefault(number, []).extend(read(worker_response.file(given)))
        except AnswerError as error:
            unread[number] = str(error)
    return Tree(job, [each.line for each in results], answers, unread)


def manifest(lines: Iterable[Mapping[str, Any]]) -> str:
    """Return the lines of a manifest as its text."""
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
