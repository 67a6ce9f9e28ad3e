"""What becomes of requests of reviews: templates and flow definitions that people can be asked with, or a sentence."""

import json
from collections.abc import Mapping
from typing import Any, Final

from labels import template
from labels.review import flow
from labels.review.flow import FlowError
from labels.task import Terms
from reach.files import Files
from reach.settings import Settings
from task_store.items import REVIEWS
from task_store.jobs import Job, State
from task_store.reviews import ReviewStore

PAGE_ARN: Final = "human-task-ui"
FLOW_ARN: Final = "flow-definition"


def require_page(content: str, settings: Settings) -> None:
    """Refuse a worker template that people are not shown. Raises TemplateError."""
    template.check(content, settings.template_hosts)


def flow_of(body: Mapping[str, Any], store: ReviewStore, files: Files, settings: Settings) -> Job:
    """Return the job that a flow definition is, with its own copy of the template.

    Raises ValueError of the part that is refused, and RefusedError for a template that is not there.
    """
    asked = flow.read(body)
    if asked.team not in settings.teams:
        known = ", ".join(settings.teams)
        raise FlowError(f"HumanLoopConfig.WorkteamArn names {asked.team}: the teams of this environment are {known}.")
    if "KmsKeyId" in body["OutputConfig"]:
        raise FlowError("OutputConfig.KmsKeyId is not kept: the data bucket has a key of its own, leave it out.")
    files.require_output(asked.output)
    page = store.page(name_of(asked.page, PAGE_ARN, settings))
    return Job(
        name=f"{REVIEWS}{asked.name}",
        terms=Terms(asked.limit, min(settings.patience, asked.limit), asked.available),
        wanted=asked.people,
        request=json.dumps(body, ensure_ascii=False),
        team=asked.team,
        title=asked.title,
        description=asked.description,
        template=page.template,
        template_sha256=page.sha256,
        state=State.IN_PROGRESS,
    )


def arn_of(name: str, kind: str, settings: Settings) -> str:
    """Return the ARN of a human task UI or a flow definition of this environment."""
    return f"{settings.arns.rpartition(':')[0]}:{kind}/{name}"


def name_of(arn: str, kind: str, settings: Settings) -> str:
    """Return the name that an ARN of this environment's has. Raises FlowError."""
    name = arn.rpartition("/")[2]
    if arn != arn_of(name, kind, settings):
        raise FlowError(f"{arn} is none of this environment: its ARNs begin with {arn_of('', kind, settings)}.")
    return name
