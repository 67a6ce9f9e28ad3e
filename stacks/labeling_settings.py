"""Who labels in an environment, and what labeling jobs may reach."""

import re
from dataclasses import dataclass, field
from typing import Final

_TEAM: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")  # SageMaker API, "CreateWorkteam"
_STREAM: Final = re.compile(r"[a-z](-?[a-z0-9]){0,31}")
_FOLDER: Final = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
MOST_REVIEWS: Final = 5_000
"""A day: their names are in one item of a table."""
_FUNCTION: Final = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+")
LEADS: Final = "leads"
"""The group of those who lead jobs."""
OWN: Final = "labeling-tasks"
"""The folder of the data bucket that the engine keeps its work in."""
PREDICTIONS: Final = "labeling-predictions"
"""The folder of the data bucket for predictions of which nobody has decided yet whether people review them."""
JOBS: Final = "labeling"
"""The folder of the data bucket in which jobs find what their requests name, and write what they make."""


@dataclass(frozen=True, kw_only=True)
class Reviews:
    """Which predictions of classifiers of pictures people review.

    They are those of less confidence than `below`, and a `share` of the others, `a_day` at most. People choose of the
    classes of the model, and of `classes` besides, such as "none of these".
    """

    below: float = 0.9
    share: float = 0.02
    a_day: int = 100
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a rule that asks for the impossible."""
        for name, value in (("below", self.below), ("share", self.share)):
            if not 0 <= value <= 1:
                raise ValueError(f"{name} of the reviews is {value}: give a number between 0 and 1.")
        if not 0 <= self.a_day <= MOST_REVIEWS:
            raise ValueError(f"{self.a_day} reviews a day are impossible: give 0 to {MOST_REVIEWS:,}.")
        if unnamed := [name for name in self.classes if not name.strip()]:
            raise ValueError(f"{unnamed[0]!r} cannot be a class of the reviews: give it a name.")


@dataclass(frozen=True, kw_only=True)
class Labeling:
    """Teams of people who label, and what their jobs may reach beside the folder `labeling` of the data bucket.

    `inputs` are folders of the data bucket that jobs may read manifests, templates and objects in. `functions` are the
    users' own before and after people answer, by their ARNs: no others are called. Worker templates load scripts and
    styles of `template_hosts` alone. `streams` have two topics each, by which objects of streaming jobs come and labels
    leave; a job that nobody sends anything for `idle_days` ends. Who gives no sign of life for `patience_minutes` loses
    the task to somebody else. The first team reviews predictions as `reviews` say; with None nobody does. With
    `tells_ends` the account's bus is told when a job ends, and with `called_from_studio` annotation leads call the
    service from Studio: in a closed network each takes an endpoint.
    """

    workteams: tuple[str, ...] = ("annotators",)
    inputs: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    template_hosts: tuple[str, ...] = ()
    patience_minutes: int = 10
    streams: tuple[str, ...] = ()
    idle_days: int = 10
    reviews: Reviews | None = field(default_factory=Reviews)
    tells_ends: bool = False
    called_from_studio: bool = False

    def __post_init__(self) -> None:
        """Refuse what no job could be made with."""
        if not self.workteams:
            raise ValueError("Nobody labels without a team: name one in Labeling(workteams=...).")
        for what, names, form, remedy in (
            ("name a team", self.workteams, _TEAM, "use up to 63 letters, digits and inner hyphens"),
            ("be a folder of the data bucket", self.inputs, _FOLDER, "write it as images/versions, without s3://"),
            ("be a host of templates", self.template_hosts, _HOST, "write it as cdn.example.com"),
            ("name a stream", self.streams, _STREAM, "use up to 32 small letters, digits and inner hyphens"),
            ("be a function", self.functions, _FUNCTION, "give its ARN without a version"),
        ):
            if wrong := [name for name in names if not form.fullmatch(name)]:
                raise ValueError(f"{wrong[0]!r} cannot {what}: {remedy}.")
            if twice := [name for name in names if names.count(name) > 1]:
                raise ValueError(f"{twice[0]} is named twice in the settings of labeling.")
        if LEADS in self.workteams:
            raise ValueError(f"{LEADS} is the group of those who lead jobs: give the team another name.")
        if taken := [name for name in self.inputs if name.split("/")[0] in {OWN, PREDICTIONS, JOBS}]:
            raise ValueError(f"Jobs read {taken[0]} anyway, or never: leave it out of the inputs of labeling.")
        if self.idle_days < 1:
            raise ValueError(f"A streaming job waits a day at least for another object, not {self.idle_days}.")
        if self.patience_minutes < 1:
            raise ValueError(f"People have a minute at least between two signs of life, not {self.patience_minutes}.")
