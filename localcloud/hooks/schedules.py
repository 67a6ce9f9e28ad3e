"""EventBridge of MiniStack: rules that are none, in requests and in templates.

Source: user guide of EventBridge, "Setting a schedule pattern for scheduled rules"; API reference, PutRule.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import eventbridge

from localcloud.hooks.stacks import cloudformation

RATE: Final = re.compile(r"rate\((1 (minute|hour|day)|(?!0*1 )0*[1-9]\d* (minutes|hours|days))\)$")
"""One minute, and two minutes."""
INVALID: Final = "ValidationException"


def refuse_rules() -> None:
    """Refuse a rule whose schedule is none, and one that neither a time nor an event begins."""
    eventbridge._RATE_RE = RATE
    put = eventbridge._put_rule

    def checked(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's answer
        said = wrong(data)
        return error_response_json(INVALID, said, 400) if said else put(data)

    eventbridge._put_rule = checked
    cloudformation.before("AWS::Events::Rule", _check)


def _check(properties: Mapping[str, Any]) -> None:
    if said := wrong(properties):
        raise ValueError(said)


def wrong(rule: Mapping[str, Any]) -> str:
    """Return what EventBridge says of a rule that is none; an empty text for one that is."""
    schedule = rule.get("ScheduleExpression") or ""
    if not schedule and not rule.get("EventPattern"):
        return "Parameter(s) EventPattern or ScheduleExpression must be specified."
    if schedule and not eventbridge._validate_schedule_expression(schedule):
        return "Parameter ScheduleExpression is not valid."
    return ""
