"""Draw the questions and their answers for somebody who knows no IAM."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from checks import provenance
from checks.access.questions.answers import Answer
from checks.access.second.evaluator import Statement
from checks.access.second.patterns import any_of, is_action, is_arn
from checks.pages import LOOK

SHOWN = 12
"""Resources of one statement that are shown at most."""


def write(answers: Sequence[Answer], file: Path, *, environment: str) -> None:
    """Write the page."""
    loader = FileSystemLoader([Path(__file__).parent, LOOK])
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    groups = [
        (_identifier(name), name, list(found)) for name, found in groupby(answers, key=lambda each: each.question.group)
    ]
    file.write_text(
        page.get_template("questions.html.jinja").render(
            answers=answers,
            groups=groups,
            environment=environment,
            asked=sum(each.counted["asked"] for each in answers),
            disagreements=sum(len(each.disagreements) for each in answers),
            wrong=[each for each in answers if not each.holds],
            accepted=sum(bool(each.question.accepted) for each in answers),
            identifier=_identifier,
            say=_say,
            made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            commit=provenance.commit(),
        ),
        encoding="utf-8",
    )


def _identifier(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _say(answer: Answer, statement: Statement) -> Mapping[str, Any]:
    """Return what a statement says of what is asked: effect, actions, resources and conditions."""
    requests = [verdict.request for verdict in answer.verdicts]
    actions = sorted({each.action for each in requests if _is_asked(statement, each.action)})
    given = statement.get("Resource", "its own resource")
    named = [given] if isinstance(given, str) else given
    asked = {each.resource for each in requests}
    about = (
        [each for each in named if any(is_arn(each, resource) for resource in asked)]
        if "Resource" in statement
        else named
    )
    return {
        "effect": "allows" if statement["Effect"] == "Allow" else "refuses",
        "actions": actions,
        "resources": about[:SHOWN],
        "more": len(about[SHOWN:]),
        "condition": json.dumps(statement["Condition"]) if "Condition" in statement else "",
    }


def _is_asked(statement: Statement, action: str) -> bool:
    member = "Action" if "Action" in statement else "NotAction"
    return any_of(statement[member], lambda each: is_action(each, action)) == (member == "Action")
