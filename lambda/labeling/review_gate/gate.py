"""From predictions that were written down to human loops: of unsure ones, and of some at random.

The API's function writes down what may be reviewed, as an endpoint's data capture would. Here it is decided over all
that came since the last time, so that where there is no room for all the least confident are reviewed. What was
decided is deleted: a picture that nobody reviews is not kept. Done twice, it is done once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools import Logger

from human_loops.admission import FLOW_ARN, PAGE_ARN, arn_of
from human_loops.operations import Operations
from labels.review import capture, gate, loop
from labels.review.capture import Captured
from labels.review.gate import GateError, Rule
from labels.task import RefusedError
from reach.settings import OUTPUT
from task_store.jobs import Job

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREDICTIONS: Final = "labeling-predictions"
"""The folder of the data bucket that predictions are written to, each system's by its name."""
AT_ONCE: Final = 500
"""How many predictions are decided over at once, which are in memory."""
PAGE: Final = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-image-classifier name="kind" src="{{ task.input.taskObject | grant_read_access }}"
    categories="{{ task.input.labels | to_json }}" header="What is this?">
    <full-instructions header="A model was not sure">
      <p>Choose what the picture shows. You are not told what the model takes it for.</p>
    </full-instructions>
    <short-instructions><p>Choose what the picture shows.</p></short-instructions>
  </crowd-image-classifier>
</crowd-form>
"""
"""What people are shown where nobody has made a flow definition of the name."""
logger = Logger(service="review-gate")


@dataclass(frozen=True)
class Gate:
    """The gate of an environment."""

    operations: Operations
    s3: "S3Client"
    rule: Rule
    team: str
    """Who reviews where nobody has made a flow definition,"""
    role: str
    """and the RoleArn of that."""
    classes: Sequence[str] = ()
    """What people can choose beside the classes of the model."""
    at_once: int = AT_ONCE
    counts: Counter[str] = field(default_factory=Counter)

    def look(self, system: str, now: datetime) -> Mapping[str, int]:
        """Decide over the predictions of a system that were written down; return how many became what."""
        self.counts.clear()
        keys = [key for _, key in zip(range(self.at_once), self._keys(system), strict=False)]
        if not keys:
            return {}
        job = self._flow(f"{system}-reviews")
        captured = [each for key in keys for each in self._read(key)]
        self._open(system, job, captured, f"{now:%Y-%m-%d}")
        for key in keys:
            self.s3.delete_object(Bucket=self._bucket, Key=key)
        return dict(self.counts)

    def _open(self, system: str, job: Job, captured: Sequence[Captured], day: str) -> None:
        store, flow = self.operations.store, f"{system}-reviews"
        arn = arn_of(flow, FLOW_ARN, self.operations.settings)
        names = [gate.name(each.prediction, arn) for each in captured]
        others = [name for name in store.loops_of_day(flow, day) if name not in names]
        there = {each.prediction.identity for each, name in zip(captured, names, strict=True) if store.has_loop(name)}
        decided = gate.decide([each.prediction for each in captured], self.rule, reviewed=there, today=len(others))
        for decision in decided:
            self.counts["opened" if decision.opens else "left"] += 1
            logger.debug("decided", extra={"inference": decision.prediction.inference, "why": decision.why})
        chosen = [name for name, each in zip(names, decided, strict=True) if each.opens]
        allowed = set(store.reserve(flow, day, chosen, self.rule.most))
        for each, name, decision in zip(captured, names, decided, strict=True):
            if decision.opens and name in allowed:
                self._start(system, job, arn, each)

    def _start(self, system: str, job: Job, arn: str, each: Captured) -> None:
        key = f"{OUTPUT}/reviews/{system}/pictures/{each.name}"
        self.s3.put_object(Bucket=self._bucket, Key=key, Body=each.picture)
        classes = list(dict.fromkeys((*each.prediction.classes, *self.classes)))
        body = gate.start(each.prediction, arn, f"s3://{self._bucket}/{key}", classes, each.prediction.label)
        self.operations.store.start(loop.read(body), job)

    def _flow(self, name: str) -> Job:
        """Return the flow definition of a system's predictions; one of our own where nobody has made one."""
        store, settings = self.operations.store, self.operations.settings
        try:
            return store.flow(name)
        except RefusedError:
            logger.info("nobody has made %s: it is made", name)
        self.operations.do("CreateHumanTaskUi", {"HumanTaskUiName": name, "UiTemplate": {"Content": PAGE}})
        team = f"{settings.arns.rpartition(':')[0]}:workteam/private-crowd/{self.team}"
        self.operations.do(
            "CreateFlowDefinition",
            {
                "FlowDefinitionName": name,
                "HumanLoopConfig": {
                    "WorkteamArn": team,
                    "HumanTaskUiArn": arn_of(name, PAGE_ARN, settings),
                    "TaskTitle": "Review pictures",
                    "TaskDescription": "What is on the pictures that the model is not sure about",
                    "TaskCount": 1,
                },
                "OutputConfig": {"S3OutputPath": f"s3://{self._bucket}/{OUTPUT}/reviews"},
                "RoleArn": self.role,
            },
        )
        return store.flow(name)

    def _read(self, key: str) -> Sequence[Captured]:
        """Return the pictures of what was written down; what cannot be read is said, and left."""
        line = self.s3.get_object(Bucket=self._bucket, Key=key)["Body"].read().decode(errors="replace")
        try:
            return list(capture.read(line))
        except GateError as error:
            logger.warning("%s is left: %s", key, error)
            self.counts["unread"] += 1
            return ()

    def _keys(self, system: str) -> Iterator[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{PREDICTIONS}/{system}/"
        )
        for page in pages:
            yield from (each["Key"] for each in page.get("Contents", ()))

    @property
    def _bucket(self) -> str:
        return self.operations.settings.bucket
