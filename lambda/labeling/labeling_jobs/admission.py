"""What becomes of a request: a job whose people can be asked, or one sentence that says why not."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from labels import adjustment, categories, objects, request, steering, template
from labels.job import Purpose
from labels.objects import DataObject, LineError
from labels.request import Request
from labels.service_model import RequestError
from labels.task import Terms
from labels.task_types import TaskType
from reach.files import Files
from reach.functions import Functions
from reach.settings import Settings
from task_store.jobs import Job
from task_store.store import Store

MOST_MANIFEST: Final = 50_000_000
MOST_OBJECTS: Final = 10_000
"""What one function ends within its time; more are more than one job."""
MOST_TEMPLATE: Final = 1_000_000
MOST_CATEGORIES: Final = 1_000_000


def admit(body: Mapping[str, Any], store: Store, files: Files, functions: Functions, settings: Settings) -> Job:
    """Return the job of a request whose every part was looked at, with its own copies of what may change.

    Raises ValueError of the part that is refused.
    """
    asked = request.read(body)
    if asked.team not in settings.teams:
        known = ", ".join(settings.teams)
        raise RequestError(
            f"HumanTaskConfig.WorkteamArn names {asked.team}: the teams of this environment are {known}."
        )
    if asked.streaming:
        settings.streams.require(asked.streaming)
    for arn, what in ((asked.before, "PreHumanTaskLambdaArn"), (asked.after, "AnnotationConsolidationLambdaArn")):
        if arn:
            functions.require(arn, f"HumanTaskConfig.{what}")
    if "KmsKeyId" in body["OutputConfig"]:
        raise RequestError("OutputConfig.KmsKeyId is not kept: the data bucket has a key of its own, leave it out.")
    if not asked.template:
        raise RequestError("HumanTaskConfig.UiConfig needs UiTemplateS3Uri: give the worker template.")
    files.require_output(asked.output)
    page = files.read(asked.template, "The worker template", MOST_TEMPLATE)
    template.check(page, settings.template_hosts)
    kind, way = asked.kind(page), steering.steering(asked)
    steering.check(way, kind, asked)
    purpose = adjustment.purpose_of(asked, page)
    classes = _classes(asked, kind, files)
    manifest = files.read(asked.manifest, "The manifest", MOST_MANIFEST) if asked.manifest else ""
    found = _objects(manifest, kind.source, purpose) if asked.manifest else []
    first = found[0].value.get("source-ref") if found else None
    if first:
        files.require(str(first), "The first object")
    digest, lines = (sha256(text.encode()).hexdigest() for text in (page, manifest))
    return Job(
        name=asked.job,
        terms=Terms(asked.limit, min(settings.patience, asked.limit), asked.available),
        wanted=steering.first_people(way, asked.workers),
        request=json.dumps(body, ensure_ascii=False),
        team=asked.team,
        title=asked.title,
        description=asked.description,
        template=store.keep(page, f"{asked.job}/template-{digest}.liquid.html"),
        template_sha256=digest,
        manifest=store.keep(manifest, f"{asked.job}/manifest-{lines}.jsonl") if manifest else "",
        stream=asked.streaming.objects if asked.streaming else "",
        publishes=asked.streaming.labels if asked.streaming else "",
        categories=tuple(classes),
        concurrent=asked.concurrent,
        stops_at=_stops_at(asked, len(found)),
        objects=len(found),
        known=tuple(steering.known_objects(way, kind, {each.id: each.value for each in found}, classes)),
    )


def _classes(asked: Request, kind: TaskType, files: Files) -> Sequence[str]:
    if asked.categories:
        text = files.read(asked.categories, "The label category file", MOST_CATEGORIES)
        return categories.read(text, kind.kind)
    if not kind.custom:
        raise RequestError(f"LabelCategoryConfigS3Uri is missing: {kind.name} needs the classes to choose from.")
    return ()


def _objects(manifest: str, source: str, purpose: Purpose) -> list[DataObject]:
    """Return the objects of a manifest in which every line is one, and one at least has what people are shown."""
    found: list[DataObject] = []
    for each in objects.read(objects.split(manifest), source):
        if isinstance(each, LineError):
            raise LineError(f"The manifest is refused: {each}")
        found.append(each)
    if not found:
        raise LineError("The manifest has no line: write one object a line.")
    shown = purpose.adjusts or purpose.verifies
    if shown and all(why := [adjustment.missing(each.value, shown) for each in found]):
        raise LineError(f"Line 1 of the manifest, like all others, has {why[0]}")
    if len(found) > MOST_OBJECTS:
        raise LineError(f"The manifest has {len(found):,} objects: split it into jobs of {MOST_OBJECTS:,} at most.")
    return found


def _stops_at(asked: Request, count: int) -> int:
    """Return with how many answered objects the job stops; 0 where nothing stops it before its end."""
    share = asked.most_percent
    bounds = [each for each in (asked.most_labeled, share and max(1, count * share // 100)) if each]
    return min(bounds) if bounds and min(bounds) < count else 0
