"""A run as it is recorded, wherever it was made: by a training job alone, a SageMaker pipeline or a state machine."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

VERSION = re.compile(r"/versions/([0-9a-f]{16})(?:/|$)")
"""Where `mdlc data publish` puts a version of a data set."""


class Status(StrEnum):
    """How a run ended, in MLflow's words."""

    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


class Tag(StrEnum):
    """Tags of a recorded run."""

    ARN = "arn"
    """What made the run: the ARN of an execution or of a training job. No two runs have the same."""
    COMMENT = "comment"
    NOTE = "mlflow.note.content"
    """The comment again, where MLflow shows it."""
    DATA_VERSION = "data_version"
    CODE_VERSION = "code_version"
    IMAGE = "image"
    REASON = "reason"
    """Why it failed."""
    MODEL = "artifact.model"
    EVALUATION = "artifact.evaluation"
    TRAINING_JOB = "training_job"
    IS_BEST = "is_best"
    """`true` for the best run of its experiment so far, `false` for the others; single training jobs have none."""
    RECORDED = "recorded"
    """There when the run is complete."""


@dataclass(frozen=True)
class Point:
    """One value of a metric: `step` counts from 0, `timestamp` is in milliseconds since 1970."""

    step: int
    timestamp: int
    value: float


@dataclass(frozen=True)
class Dataset:
    """Data that a run was trained on: its name, version and place in S3."""

    name: str
    version: str
    uri: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """All that is recorded of one run. Metrics are single figures, series the curves of the training."""

    arn: str
    experiment: str
    name: str
    status: Status
    started: datetime
    ended: datetime
    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    tags: Mapping[Tag, str] = field(default_factory=dict)
    """Those without a value are left out when the run is recorded."""
    datasets: tuple[Dataset, ...] = ()


def data_version(uri: str) -> str:
    """Return the version in the URI of a published data set; of other data the last part of their URI."""
    found = VERSION.search(uri)
    return found[1] if found else uri.rstrip("/").rsplit("/", 1)[-1]


def image_version(uri: str) -> str:
    """Return the tag or digest of a container image."""
    name = uri.rsplit("/", 1)[-1]
    return name.partition("@")[2] or name.partition(":")[2] or "latest"
