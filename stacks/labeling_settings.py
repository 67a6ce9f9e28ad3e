"""Who labels in an environment, and what labeling jobs may reach."""

import re
from dataclasses import dataclass
from typing import Final

_TEAM: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")  # SageMaker API, "CreateWorkteam"
_FOLDER: Final = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_FUNCTION: Final = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+")
LEADS: Final = "leads"
"""The group of those who lead jobs."""
OWN: Final = "labeling-tasks"
"""The folder of the data bucket that the engine keeps its work in."""
JOBS: Final = "labeling"
"""The folder of the data bucket in which jobs find what their requests name, and write what they make."""


@dataclass(frozen=True, kw_only=True)
class Labeling:
    """Teams of people who label, and what their jobs may reach beside the folder `labeling` of the data bucket.

    `inputs` are folders of the data bucket that jobs may read manifests, templates and objects in. `functions` are the
    users' own before and after people answer, by their ARNs: no others are called. Worker templates load scripts and
    styles of `template_hosts` alone. Who gives no sign of life for `patience_minutes` loses the task to somebody else.
    With `tells_ends` the account's bus is told when a job ends; in a closed network that takes an endpoint.
    """

    workteams: tuple[str, ...] = ("annotators",)
    inputs: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    template_hosts: tuple[str, ...] = ()
    patience_minutes: int = 10
    tells_ends: bool = False

    def __post_init__(self) -> None:
        """Refuse what no job could be made with."""
        if not self.workteams:
            raise ValueError("Nobody labels without a team: name one in Labeling(workteams=...).")
        for what, names, form, remedy in (
            ("name a team", self.workteams, _TEAM, "use up to 63 letters, digits and inner hyphens"),
            ("be a folder of the data bucket", self.inputs, _FOLDER, "write it as images/versions, without s3://"),
            ("be a host of templates", self.template_hosts, _HOST, "write it as cdn.example.com"),
            ("be a function", self.functions, _FUNCTION, "give its ARN without a version"),
        ):
            if wrong := [name for name in names if not form.fullmatch(name)]:
                raise ValueError(f"{wrong[0]!r} cannot {what}: {remedy}.")
            if twice := [name for name in names if names.count(name) > 1]:
                raise ValueError(f"{twice[0]} is named twice in the settings of labeling.")
        if LEADS in self.workteams:
            raise ValueError(f"{LEADS} is the group of those who lead jobs: give the team another name.")
        if taken := [name for name in self.inputs if name.split("/")[0] in {OWN, JOBS}]:
            raise ValueError(f"Jobs read {taken[0]} anyway, or never: leave it out of the inputs of labeling.")
        if self.patience_minutes < 1:
            raise ValueError(f"People have a minute at least between two signs of life, not {self.patience_minutes}.")
