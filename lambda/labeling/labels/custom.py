"""The labels of a custom job: what a function of the user's own makes of the answers, or the answers as they are.

Source: SageMaker developer guide, "Creating a custom worker task template" (Output data and your task template).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from labels import contract
from labels.contract import Annotation, ContractError
from labels.job import NOBODY
from labels.output import ObjectResult
from labels.request import Request

Line = Mapping[str, Any]
Consolidate = Callable[[Sequence[Mapping[str, Any]]], object]
"""Calls the user's function: given what the answers' file is to say, it returns what the function answered."""


def lines(
    request: Request, results: Sequence[ObjectResult], consolidate: Consolidate | None, *, when: datetime
) -> Iterator[Line]:
    """Yield the line of every object with its label, or with the reason why it has none.

    Without a function the label is empty and the line says where the answers are. What a function says of its label
    itself, as those of Ground Truth's do, stays. One that answers nothing readable leaves every object without a label.
    """
    answered = [each for each in results if each.latest and not each.reason]
    found: Mapping[str, Any] = {each.id: {request.attribute: {}} for each in answered}
    failed: Mapping[str, str] = {}
    if consolidate is not None and answered:
        found, failed = _consolidated_by(consolidate, request.attribute, answered)
    for each in results:
        kept = {
            name: value
            for name, value in each.line.items()
            if name not in {request.attribute, f"{request.attribute}-metadata"}
        }
        facts = contract.metadata(request.job, when, "" if consolidate else f"{request.folder}/{each.latest}")
        if each.id in found:
            own = found[each.id].get(f"{request.attribute}-metadata", {})
            yield kept | {**found[each.id], f"{request.attribute}-metadata": {**facts, **own}}
        else:
            reason = each.reason or failed.get(each.id, NOBODY)
            plain = contract.metadata(request.job, when)
            yield kept | {f"{request.attribute}-metadata": {"failure-reason": reason, **plain}}


def _consolidated_by(
    consolidate: Consolidate, attribute: str, answered: Sequence[ObjectResult]
) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    given = {
        each.id: (
            each.line,
            [
                Annotation(response.person.worker, response.content)
                for responses in each.responses.values()
                for response in responses
            ],
        )
        for each in answered
    }
    try:
        return contract.annotations(consolidate(contract.payload(given)), list(given), attribute)
    except ContractError as error:
        return {}, dict.fromkeys(given, str(error))
