"""Ground Truth's operations on labeling jobs, with the members that SageMaker's service model gives them."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from labeling_jobs.admission import admit
from labels import output, request
from labels.lead.progress import progress_of
from labels.lead.why import why
from labels.objects import order
from labels.redundancy import MOST_PEOPLE
from labels.streaming.identity import digest
from labels.task import RefusedError, Stage, Why
from reach.files import Files
from reach.functions import Functions
from reach.settings import Settings
from task_store.items import REVIEWS
from task_store.jobs import Job, State
from task_store.lookout import Lookout
from task_store.reopening import reopen
from task_store.results import Pool
from task_store.stream_store import StreamStore

STOPPED: Final = "The job was stopped."
PAGE: Final = 100
LONGEST: Final = 2_000
"""Characters of the answer to a question."""
LOOKS: Final = 40
"""Seconds for reading what has changed in a job; what is left is read by the next request."""
Body = Mapping[str, Any]


class OperationError(Exception):
    """An operation that is refused, with the name that SageMaker has for it, and one sentence."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


@dataclass(frozen=True)
class Operations:
    """The operations, by their names in SageMaker's API and a few of our own."""

    store: StreamStore
    files: Files
    functions: Functions
    settings: Settings

    def do(self, operation: str, body: Body) -> Body:
        """Return what an operation answers. Raises OperationError."""
        known = {
            "CreateLabelingJob": self.create,
            "DescribeLabelingJob": self.describe,
            "ListLabelingJobs": self.list,
            "StopLabelingJob": self.stop,
            "DescribeLabelingProgress": self.progress,
            "ExplainLabelingObject": self.explain,
            "ReopenLabelingObject": self.reopen,
            "ListLabelingQuestions": self.questions,
            "AnswerLabelingQuestion": self.answer,
        }
        if operation not in known:
            raise OperationError("UnknownOperationException", f"There is no operation {operation}.")
        try:
            return known[operation](body)
        except RefusedError as error:
            raise OperationError("ResourceNotFound", str(error)) from error
        except ValueError as error:
            raise OperationError("ValidationException", str(error)) from error

    def create(self, body: Body) -> Body:
        """Make a job; the same request again is the same job again."""
        job = admit(body, self.store, self.files, self.functions, self.settings)
        if job.stream:
            self.store.listen(job)
        if not self.store.create(job) and json.loads(self.store.job(job.name).request) != body:
            raise OperationError("ResourceInUse", f"There is a job {job.name} already: give this one another name.")
        return {"LabelingJobArn": self.settings.arn(job.name)}

    def describe(self, body: Body) -> Body:
        """Return what there is to know of a job."""
        job = self._job(body)
        asked = request.read(json.loads(job.request))
        copied = (
            *("LabelAttributeName", "InputConfig", "OutputConfig", "RoleArn", "LabelCategoryConfigS3Uri"),
            *("StoppingConditions", "HumanTaskConfig", "Tags"),
        )
        members = {name: asked.body[name] for name in copied if name in asked.body}
        return {**self._summary(job), **members, "JobReferenceCode": job.template_sha256[:16]}

    def list(self, body: Body) -> Body:
        """Return a page of the jobs; by time of creation, the newest first, unless asked for otherwise."""
        found = [job for job in self.store.jobs() if _fits(job, body)]
        by_name = body.get("SortBy") == "Name"
        found.sort(key=lambda job: (job.name,) if by_name else (job.created, job.name))
        if body.get("SortOrder", "Ascending" if by_name else "Descending") == "Descending":
            found.reverse()
        begin, size = int(body.get("NextToken", 0)), int(body.get("MaxResults", PAGE))
        page = [self._list_entry(self.store.job(job.name)) for job in found[begin : begin + size]]
        more = {"NextToken": str(begin + size)} if begin + size < len(found) else {}
        return {"LabelingJobSummaryList": page, **more}

    def stop(self, body: Body) -> Body:
        """Ask nobody any more; what was answered becomes labels."""
        while True:
            job = self._job(body)
            if job.ended and job.state is not State.STOPPED:
                raise OperationError("ValidationException", f"The job {job.name} is {job.state}: it cannot be stopped.")
            if job.ended or job.state is State.STOPPING or job.reason:
                return {}
            new = {} if job.state is State.INITIALIZING else {"state": State.STOPPING}
            if self.store.update(job, reason=STOPPED, **new):
                return {}

    def progress(self, body: Body) -> Body:
        """Return how many objects are in each stage, and when the last answer is given at the pace of the last day."""
        job, end = self._job(body), time.monotonic() + LOOKS
        sight = Lookout(self.store).look(job.name, lambda: time.monotonic() < end)
        found = progress_of(
            [each.thing for each in sight.objects.values()], [lease for _, lease in sight.leases()], self.store.time()
        )
        counts = {stage.value: found.stages.get(stage, 0) for stage in Stage}
        forecast = found.forecast
        times = {"Ends": forecast.ends, "Earliest": forecast.earliest, "Latest": forecast.latest}
        objects = job.objects
        if job.stream and not job.ended:  # those that have come, and those to be prepared
            objects += found.objects + sight.unread - job.prepared
        return {
            "LabelingJobName": job.name,
            "LabelingJobStatus": _status(job),
            "Objects": objects,
            "Stages": {"unprepared": objects - found.objects - sight.unread, **counts},
            "Answers": found.answers,
            "Missing": found.missing,
            "Forecast": {"Sentence": forecast.why, **{name: when for name, when in times.items() if when is not None}},
            **({"Closing": found.closing} if found.closing else {}),
            **({"Unread": sight.unread} if sight.unread else {}),
            **({"Barred": job.barred} if job.barred else {}),
        }

    def explain(self, body: Body) -> Body:
        """Return in a sentence each what keeps objects from their labels: one object, or all that have none."""
        job = self._job(body)
        if "ObjectId" in body:
            identity = self._identity(job, str(body["ObjectId"]))
            return {"Objects": [{"ObjectId": identity, "Sentence": self._why(job, identity)}]}
        unlabeled = [each for stage in Stage if stage is not Stage.LABELED for each in self.store.at(job.name, stage)]
        found = sorted(unlabeled, key=order)[:PAGE]
        said = [{"ObjectId": each, "Sentence": self._why(job, each)} for each in found]
        return {"Objects": said, "Unlabeled": len(unlabeled)}

    def _identity(self, job: Job, given: str) -> str:
        """Return the id of an object, which may be given by what a message is known again by. Raises OperationError."""
        if given.isdecimal() and (int(given) < job.objects if not job.stream else self.store.has(job, given)):
            return given
        if not job.stream:
            last = job.objects - 1
            raise OperationError("ResourceNotFound", f"{job.name} has the objects 0 to {last}: give one of these.")
        for each in (given, digest(given)):
            if self.store.has(job, each):
                return each
        raise OperationError(
            "ResourceNotFound",
            f"{job.name} has no object {given}: give its id in the line of the output, or the number of its line in the"
            " manifest that the job began with.",
        )

    def reopen(self, body: Body) -> Body:
        """Ask more people about an object: one, unless `More` says how many."""
        job, more = self._job(body), body.get("More", 1)
        if not isinstance(more, int) or not 1 <= more <= MOST_PEOPLE:
            raise OperationError("ValidationException", f"More must be a number from 1 to {MOST_PEOPLE}.")
        try:
            reopen(self.store, job, str(body.get("ObjectId", "")), more)
        except RefusedError as error:
            kind = "ResourceNotFound" if error.why is Why.NOT_YOURS else "ValidationException"
            raise OperationError(kind, str(error)) from error
        return {}

    def questions(self, body: Body) -> Body:
        """Return what people asked about the objects of a job, the oldest first."""
        job = self._job(body)
        found = [
            {
                "QuestionId": each.id,
                "ObjectId": each.object,
                "WorkerId": self._pool.person(each.asker).worker,
                "Text": each.text,
                "Asked": each.asked,
                **({"Answer": each.answer, "Answered": each.answered} if each.answer else {}),
            }
            for each in self.store.questions.of_job(job.name)
        ]
        return {"Questions": found}

    def answer(self, body: Body) -> Body:
        """Answer a question; who asked sees it where they asked."""
        job, text = self._job(body), body.get("Text")
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
            raise OperationError("ValidationException", f"Text must have 1 to {LONGEST:,} characters.")
        self.store.questions.answer(job.name, str(body.get("QuestionId", "")), text, "", self.store.time())
        return {}

    @property
    def _pool(self) -> Pool:
        return Pool(self.settings.region, self.settings.issuer)

    def _why(self, job: Job, identity: str) -> str:
        try:
            thing = self.store.read(job, identity, "").task.object
        except RefusedError:
            return "It is not prepared yet: its job begins."
        leases = self.store.leases(job.name, identity) if thing.stage is Stage.OPEN else ()
        named = {self._pool.person(worker).worker: lease for worker, lease in leases}
        return why(thing, named, self.store.time(), paused=job.barred, ended=job.ended, flows=bool(job.stream))

    def _job(self, body: Body) -> Job:
        name = body.get("LabelingJobName")
        if not isinstance(name, str) or not name:
            raise OperationError("ValidationException", "LabelingJobName is missing: give the name of a job.")
        if name.startswith(REVIEWS):
            raise OperationError("ResourceNotFound", f"There is no job {name}: it is a flow definition, mdlc reviews.")
        return self.store.job(name)

    def _list_entry(self, job: Job) -> Body:
        asked = request.read(json.loads(job.request))
        config = asked.body["HumanTaskConfig"]
        after = config.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn")
        functions = {
            "PreHumanTaskLambdaArn": config.get("PreHumanTaskLambdaArn"),
            "AnnotationConsolidationLambdaArn": after,
        }
        own = {name: value for name, value in functions.items() if value}
        return {**self._summary(job), "WorkteamArn": asked.workteam, "InputConfig": asked.body["InputConfig"], **own}

    def _summary(self, job: Job) -> Body:
        labeled, failed, objects = job.labeled, job.failed, job.objects
        if not job.ended:
            stages = self.store.stages(job.name)
            objects = _objects(job, stages)
            labeled, failed = stages[Stage.ANSWERED] + stages[Stage.LABELED], stages[Stage.FAILED]
        asked = request.read(json.loads(job.request))
        counters = {
            "TotalLabeled": labeled,
            "HumanLabeled": labeled,
            "MachineLabeled": 0,
            "FailedNonRetryableError": failed,
            "Unlabeled": objects - labeled - failed,
        }
        made = {"LabelingJobOutput": {"OutputDatasetS3Uri": f"{asked.folder}/{output.MANIFEST}"}}
        return {
            "LabelingJobName": job.name,
            "LabelingJobArn": self.settings.arn(job.name),
            "LabelingJobStatus": _status(job),
            "LabelCounters": counters,
            "CreationTime": job.created,
            "LastModifiedTime": job.modified,
            **({"FailureReason": job.reason} if job.state is State.FAILED else {}),
            **(made if job.ended else {}),
        }


def _objects(job: Job, stages: Counter[Stage]) -> int:
    """Return how many objects there are; of a streaming job those that have come, and those to be prepared."""
    return stages.total() + job.objects - job.prepared if job.stream and not job.ended else job.objects


def _status(job: Job) -> str:
    """Return the status that people see: a new job that was stopped is stopping."""
    return State.STOPPING.value if job.reason and not job.ended else job.state.value


def _fits(job: Job, body: Body) -> bool:
    return all(_conditions(job, body))


def _conditions(job: Job, body: Body) -> Iterator[bool]:
    yield str(body.get("NameContains", "")) in job.name
    yield body.get("StatusEquals", _status(job)) == _status(job)
    yield float(body.get("CreationTimeAfter", 0)) <= job.created <= float(body.get("CreationTimeBefore", job.created))
    yield (
        float(body.get("LastModifiedTimeAfter", 0))
        <= job.modified
        <= float(body.get("LastModifiedTimeBefore", job.modified))
    )
