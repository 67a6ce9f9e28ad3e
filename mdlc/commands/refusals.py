"""What the functions of labeling refuse, as commands say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import ClientError

from mdlc.errors import InputError

ASKED_WRONGLY: Final = frozenset(
    {
        *("ConflictException", "ResourceInUse", "ResourceNotFound", "ResourceNotFoundException"),
        *("ServiceQuotaExceededException", "ValidationException"),
    }
)
"""The names of errors that whoever asks can mend."""


@contextmanager
def refusals() -> Iterator[None]:
    """Tell what a function refuses in its own sentence: the error is an `InputError` then."""
    try:
        yield
    except ClientError as error:
        described = error.response.get("Error", {})
        if described.get("Code") in ASKED_WRONGLY and error.operation_name != "Invoke":
            raise InputError(described.get("Message", str(error))) from error
        raise
