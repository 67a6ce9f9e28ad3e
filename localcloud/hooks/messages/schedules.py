"""EventBridge of MiniStack: rules that are none, in requests and in templates.

Source: user guide of EventBridge, "Setting a schedule pattern for scheduled rules"; API reference, PutRule.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

RATE: Final = re.compile(r"rate\((1 (minute|hour|day)|(?!0*1 )0*[1-9]\d* (minutes|hours|days))\)$")
"""One minute, and two minutes."""
INVALID: Final = "ValidationException"


def refuse_rules() -> None:
    """Refuse a rule whose schedule is none, and one that neither a time nor an event begins."""
    eventbridge._RATE_RE = RATE
    put, handler = eventbridge._put_rule, provisioners._RESOURCE_HANDLERS["AWS::Events::Rule"]

    def checked(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's answer
        said = wrong(data)
        return error_response_json(INVALID, said, 400) if said else put(data)

    def judged(act: Any, place: int) -> Any:  # noqa: ANN401 - MiniStack's
        def acted(*given: Any) -> Any:  # noqa: ANN401 - MiniStack's
            if said := wrong(given[place]):
                raise ValueError(said)
            return act(*given)

        return acted

    eventbridge._put_rule = checked
    handler["create"], handler["update"] = judged(handler["create"], 1), judged(handler["update"], 2)


def wrong(rule: Mapping[str, Any]) -> str:
    """Return what EventBridge says of a rule that is none; an empty text for one that is."""
    schedule = rule.get("ScheduleExpression") or ""
    if not schedule and not rule.get("EventPattern"):
        return "Parameter(s) EventPattern or ScheduleExpression must be specified."
    if schedule and not eventbridge._validate_schedule_expression(schedule):
        return "Parameter ScheduleExpression is not valid."
    return ""
