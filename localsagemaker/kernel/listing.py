"""Answers of List operations: filters, order and pages, with the defaults of the API reference."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from botocore.model import ListShape, StructureShape

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.requests import Request, operation_model
from localsagemaker.kernel.resources import Record

T = TypeVar("T")
PAGE = 100
FILTERS_A_PAGE = frozenset({"ListTrainingJobs"})
"""Operations that cut a page first and filter it by status then, as their reference says."""
_BY_NAME = re.compile(r"default is (?:<code>)?Name")
_MOMENT = re.compile(r"(\w+)(?:After|Before)")
_ASCENDING = re.compile(r"default(?: value)? is (?:<code>)?Ascending")


def page(request: Request, member: str, items: list[Any]) -> dict[str, Any]:
    """Return one page of a list, with the token of the next; tokens are positions."""
    start = _start(request)
    result: dict[str, Any] = {member: items[start : start + _size(request)]}
    if start + _size(request) < len(items):
        result["NextToken"] = str(start + _size(request))
    return result


def listing(request: Request, records: list[Record], kind: Kind) -> dict[str, Any]:
    """Answer a List operation: its filters on name, times and status, its order and its pages."""
    output = operation_model(request.operation).output_shape
    members = output.members if isinstance(output, StructureShape) else {}
    member, shape = next((name, shape) for name, shape in members.items() if isinstance(shape, ListShape))
    shown = shape.member.members if isinstance(shape.member, StructureShape) else {}
    late = {"StatusEquals"} if request.operation in FILTERS_A_PAGE else set()
    asked = {name: value for name, value in request.parameters.items() if name not in late}
    kept = [record for record in records if _is_wanted(record, request.operation, asked, kind)]
    order = request.parameters.get("SortBy", default_sort(request.operation))
    kept.sort(key=lambda record: _sort_value(record, order, kind))
    if not request.parameters.get("SortOrder", default_order(request.operation)).startswith("Asc"):
        kept.reverse()
    answer = page(request, member, kept)
    only = {name: value for name, value in request.parameters.items() if name in late}
    answer[member] = [
        {name: record[name] for name in shown if name in record}
        for record in answer[member]
        if _is_wanted(record, request.operation, only, kind)
    ]
    return answer


@cache
def default_sort(operation: str) -> str:
    """Return what a list is sorted by whose request does not say: what the reference says of `SortBy`, or the time."""
    shape = operation_model(operation).input_shape
    member = shape.members.get("SortBy") if isinstance(shape, StructureShape) else None
    return "Name" if member and _BY_NAME.search(member.documentation) else "CreationTime"


@cache
def default_order(operation: str) -> str:
    """Return the order of a list whose request names none: what the reference says of `SortOrder`, or newest first."""
    shape = operation_model(operation).input_shape
    member = shape.members.get("SortOrder") if isinstance(shape, StructureShape) else None
    return "Ascending" if member and _ASCENDING.search(member.documentation) else "Descending"


def moment_of(value: float | datetime | str) -> datetime:
    """Return a time of a request: seconds since the epoch, ISO 8601 or a `datetime`."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return moment_of(datetime.fromisoformat(value))


def created_within(request: Request, items: list[T], created: Callable[[T], datetime]) -> list[T]:
    """Return the items that pass `CreatedAfter` and `CreatedBefore` of a request."""
    limits = {
        name: request.parameters[name] for name in ("CreatedAfter", "CreatedBefore") if name in request.parameters
    }
    return [
        item
        for item in items
        if all(_is_within(request.operation, name, created(item), limit) for name, limit in limits.items())
    ]


def _is_within(operation: str, name: str, moment: datetime, limit: float | datetime | str) -> bool:
    """Tell whether a time passes a filter of a list, `…After` or `…Before`.

    The limit itself passes where the reference says "on or before", not where it says "before".
    """
    end = moment_of(limit)
    if moment == end:
        return _includes_limit(operation, name)
    return moment > end if name.endswith("After") else moment < end


@cache
def _includes_limit(operation: str, name: str) -> bool:
    shape = operation_model(operation).input_shape
    return isinstance(shape, StructureShape) and " on or " in shape.members[name].documentation


def _sort_value(record: Record, order: str, kind: Kind) -> Any:  # noqa: ANN401 - a time or a text
    if order == "Name":
        return record.get("Name", record[kind.key])
    return _status(record, order, kind) if order.endswith("Status") else record[order]


def _status(record: Record, name: str, kind: Kind) -> str:
    """Return a status of a record, of which some have several; empty when it has none of that name."""
    found = record.get(f"{kind.name}Status", record.get(name, "")) if name == "Status" else record.get(name, "")
    return str(found.get("Status", "") if isinstance(found, Mapping) else found)


def _start(request: Request) -> int:
    token = request.parameters.get("NextToken", "0")
    if not token.isdecimal():
        raise ServiceError("ValidationException", f"Invalid NextToken: {token}")
    return int(token)


def _size(request: Request) -> int:
    return int(request.parameters.get("MaxResults", PAGE))


def _is_wanted(record: Record, operation: str, parameters: Mapping[str, Any], kind: Kind) -> bool:
    for name, limit in parameters.items():
        if name == "NameContains" and limit not in record[kind.key]:
            return False
        if name == "ModelApprovalStatus" and record.get(name) != limit:
            return False
        if name.endswith("StatusEquals") and _status(record, name.removesuffix("Equals"), kind) != limit:
            return False
        if (found := _MOMENT.fullmatch(name)) and not _is_within(operation, name, record[_time_of(found[1])], limit):
            return False
    return True


def _time_of(filtered: str) -> str:
    return "CreationTime" if filtered in {"CreationTime", "Created"} else "LastModifiedTime"
