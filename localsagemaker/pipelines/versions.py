"""Versions of pipelines: every definition that a pipeline has had, by number, the latest being the pipeline's own."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.listing import created_within, page
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Resources, now
from localsagemaker.pipelines.kinds import PIPELINE

_NAMES = ("PipelineVersionDisplayName", "PipelineVersionDescription")


@dataclass
class Version:
    """One definition of a pipeline, with what people call it and the execution that it last started."""

    number: int
    definition: str
    created: datetime = field(default_factory=now)
    names: dict[str, str] = field(default_factory=dict)
    last_execution: str | None = None


class Versions:
    """The versions of every pipeline, by its ARN; may be called from any thread."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._lock = threading.Lock()
        self._versions: dict[str, list[Version]] = {}

    def operations(self) -> dict[str, Handler]:
        """Return every operation of this part."""
        return {"ListPipelineVersions": self._list, "UpdatePipelineVersion": self._update}

    def add(self, arn: str, definition: str) -> int:
        """Keep a definition as the latest version, unless it is the latest already; the version's number."""
        with self._lock:
            versions = self._versions.setdefault(arn, [])
            if not versions or versions[-1].definition != definition:
                versions.append(Version(len(versions) + 1, definition))
            return versions[-1].number

    def find(self, arn: str, number: int | None = None) -> Version:
        """Return a version, or the latest; `ResourceNotFound` when the pipeline has none of that number."""
        with self._lock:
            versions = self._versions.get(arn, [])
            latest = len(versions)
            wanted = latest if number is None else number
            if not 1 <= wanted <= latest:
                raise ServiceError(
                    "ResourceNotFound", f"Pipeline '{arn}' has no version {wanted}: its latest is {latest}."
                )
            return versions[wanted - 1]

    def forget(self, arn: str) -> None:
        """Drop the versions of a pipeline that is gone."""
        with self._lock:
            self._versions.pop(arn, None)

    def _list(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        arn = self._resources.get(PIPELINE, request.scope, parameters["PipelineName"])["PipelineArn"]
        with self._lock:
            found = list(self._versions.get(arn, ()))
        found = created_within(request, found, lambda item: item.created)
        if parameters.get("SortOrder", "Descending") == "Descending":
            found.reverse()
        return page(request, "PipelineVersionSummaries", [_summary(arn, item) for item in found])

    def _update(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        arn = self._resources.get(PIPELINE, request.scope, parameters["PipelineArn"])["PipelineArn"]
        version = self.find(arn, parameters["PipelineVersionId"])
        version.names |= {name: parameters[name] for name in _NAMES if name in parameters}
        return {"PipelineArn": arn, "PipelineVersionId": version.number}


def _summary(arn: str, version: Version) -> Mapping[str, Any]:
    last = {"LastExecutionPipelineExecutionArn": version.last_execution} if version.last_execution else {}
    return {
        "PipelineArn": arn,
        "PipelineVersionId": version.number,
        "CreationTime": version.created,
        **version.names,
        **last,
    }
