"""How a request fails, in the service's own codes and words.

Sources: the errors that botocore's model has for the operation; where it has none, the page "Common Errors" of each
API's reference, "Error responses" of S3's and "Error codes" of EC2's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from botocore.model import OperationModel


class Kind(StrEnum):
    """A way to fail. With `TIMEOUT` nothing is done and no answer comes; with `LOST` it is done, and none comes."""

    THROTTLE = "throttle"
    DENY = "deny"
    ERROR = "error"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    LOST = "lost"

    @property
    def is_silent(self) -> bool:
        """Return whether who asks gets no answer."""
        return self in {Kind.TIMEOUT, Kind.LOST}


@dataclass(frozen=True)
class Said:
    """An error: its code, its status of HTTP, its message."""

    code: str
    status: int
    message: str


CODES: Final[Mapping[Kind, Sequence[str]]] = {
    Kind.THROTTLE: (
        "ThrottlingException",
        "Throttling",
        "Throttled",
        "TooManyRequestsException",
        "RequestThrottled",
        "ProvisionedThroughputExceededException",
    ),
    Kind.DENY: ("AccessDeniedException", "AuthorizationError"),
    Kind.ERROR: (
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "InternalServiceError",
        "InternalServiceException",
        "InternalFailureException",
        "InternalErrorException",
        "InternalException",
        "InternalError",
        "KMSInternalException",
        "ServiceFailure",
        "ServiceException",
    ),
    Kind.UNAVAILABLE: ("ServiceUnavailable", "ServiceUnavailableException"),
}
"""Codes of an operation's own errors that mean it, the first one there is."""
_DENIED: Final = (
    "User: {caller} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
)
_COMMON: Final[Mapping[Kind, Said]] = {
    Kind.THROTTLE: Said("ThrottlingException", 400, "Rate exceeded"),
    Kind.DENY: Said("AccessDeniedException", 400, _DENIED),
    Kind.ERROR: Said(
        "InternalFailure",
        500,
        "The request processing has failed because of an unknown error, exception or failure.",
    ),
    Kind.UNAVAILABLE: Said(
        "ServiceUnavailable", 503, "The request has failed due to a temporary failure of the server."
    ),
}
_OTHERWISE: Final[Mapping[tuple[str, Kind], Said]] = {
    ("query", Kind.THROTTLE): Said("Throttling", 400, "Rate exceeded"),
    ("query", Kind.DENY): Said("AccessDenied", 403, _DENIED),
    ("rest-xml", Kind.THROTTLE): Said("Throttling", 400, "Rate exceeded"),
    ("rest-xml", Kind.DENY): Said("AccessDenied", 403, _DENIED),
    ("rest-json", Kind.DENY): Said("AccessDeniedException", 403, _DENIED),
    ("ec2", Kind.THROTTLE): Said("RequestLimitExceeded", 503, "Request limit exceeded."),
    ("ec2", Kind.DENY): Said("UnauthorizedOperation", 403, "You are not authorized to perform this operation."),
    ("ec2", Kind.ERROR): Said("InternalError", 500, "An internal error has occurred"),
    ("ec2", Kind.UNAVAILABLE): Said("Unavailable", 503, "The server is overloaded and can't handle the request."),
    ("s3", Kind.THROTTLE): Said("SlowDown", 503, "Please reduce your request rate."),
    ("s3", Kind.ERROR): Said("InternalError", 500, "We encountered an internal error. Please try again."),
    ("s3", Kind.UNAVAILABLE): Said("ServiceUnavailable", 503, "Service is unable to handle request."),
    ("sns", Kind.DENY): Said("AuthorizationError", 403, _DENIED),
}
"""Errors that no model has, by protocol or by service where they are others than the common ones."""


def said(kind: Kind, service: str, operation: str, model: "OperationModel | None", caller: str) -> Said:
    """Return what a service says to a request that fails so; `caller` is an ARN."""
    protocol = model.service_model.protocol if model else "json"
    found = _OTHERWISE.get((service, kind)) or _OTHERWISE.get((protocol, kind)) or _COMMON[kind]
    shapes: Sequence[Any] = () if model is None else model.error_shapes
    declared = {shape.error_code: shape for shape in shapes}
    code = next((code for code in CODES[kind] if code in declared), None)
    status = found.status
    if code is not None:
        status = declared[code].metadata.get("error", {}).get("httpStatusCode") or found.status
    message = found.message.format(caller=caller, action=f"{service}:{operation}")
    return Said(code or found.code, int(status), message)
