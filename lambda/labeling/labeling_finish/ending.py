"""What a job leaves in its folder: labels of all answers, as Ground Truth lays them out."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from labels import adjustment, contract, custom, job, output
from labels.job import JobError
from labels.manifest import Origin
from labels.output import ObjectResult
from labels.request import Request
from reach.files import Files
from reach.functions import Functions
from reach.settings import Settings
from task_store.jobs import Job
from task_store.results import Pool, results
from task_store.store import Store

BATCH: Final = 50
"""Objects that a user's function gets at once, whose answer may have 6 MB."""
AT_ONCE: Final = 16
Line = Mapping[str, Any]


@dataclass
class Ending:
    """The end of one job: what became of its objects, the labels, and the files."""

    store: Store
    job: Job
    request: Request
    files: Files
    functions: Functions
    settings: Settings
    _lines: Sequence[Line] = field(default_factory=list)
    _results: Sequence[ObjectResult] = field(default_factory=list)

    def results(self) -> Sequence[ObjectResult]:
        """Return what became of each object."""
        self._results = results(self.store, self.job.name, Pool(self.settings.region, self.settings.issuer))
        return self._results

    def label(self, found: Sequence[ObjectResult], when: datetime) -> Mapping[str, str]:
        """Make the lines of the output manifest; return why objects have no label, by their ids."""
        attribute = self.request.attribute
        if self.request.after or self.request.kind(self.store.template(self.job)).custom:
            self._lines = self._custom(found, when)
        else:
            self._lines = self._built_in(found, when)
        reasons = [line.get(f"{attribute}-metadata", {}).get("failure-reason") for line in self._lines]
        return {each.id: str(reason) for each, reason in zip(found, reasons, strict=True) if reason}

    def write(self) -> None:
        """Write the people's answers, and then the manifest."""
        files = [file for each in self._results for file in each.files()]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(lambda file: self.files.write(f"{self.request.folder}/{file[0]}", file[1]), files):
                pass
        self.files.write(f"{self.request.folder}/{output.MANIFEST}", output.manifest(self._lines))

    def _built_in(self, found: Sequence[ObjectResult], when: datetime) -> Sequence[Line]:
        attribute, classes = self.request.attribute, self.job.categories
        try:
            purpose = adjustment.purpose_of(self.request, self.store.template(self.job))
            return job.consolidate(output.tree(self.job.name, found), attribute, classes, purpose, when=when).lines
        except JobError as error:
            origin = Origin(self.job.name, attribute, classes, when)
            return [{**each.line, **origin.failure(each.reason or str(error))} for each in found]

    def _custom(self, found: Sequence[ObjectResult], when: datetime) -> Sequence[Line]:
        """Return lines of labels that the user's function makes of a batch of objects, if there is one."""
        lines: list[Line] = []
        for first in range(0, len(found), BATCH):
            name = f"{when:%Y-%m-%d_%H:%M:%S}{f'-{first}' if first else ''}.json"
            made = partial(self._consolidate, name) if self.request.after else None
            lines += custom.lines(self.request, found[first : first + BATCH], made, when=when)
        return lines

    def _consolidate(self, name: str, payload: Sequence[Mapping[str, Any]]) -> object:
        place = f"{self.request.folder}/annotations/consolidated-annotation"
        asked = f"{place}/consolidation-request/iteration-1/{name}"
        self.files.write(asked, json.dumps(payload, ensure_ascii=False))
        event = contract.after(
            job_arn=self.settings.arn(self.job.name),
            attribute=self.request.attribute,
            categories=self.job.categories,
            role=self.request.role,
            payload=asked,
            folder=self.request.folder,
            workers=self.request.workers,
            kms_key=self.request.body["OutputConfig"].get("KmsKeyId", ""),
        )
        answer = self.functions.call(self.request.after, "AnnotationConsolidationLambdaArn", event)
        made = f"{place}/consolidation-response/iteration-1/{name}"
        self.files.write(made, json.dumps(answer, ensure_ascii=False))
        return answer
