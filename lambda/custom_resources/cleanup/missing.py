"""Deletions that find nothing to delete, and have nothing to do then."""

from collections.abc import Callable

from botocore.exceptions import ClientError


def unless_missing(delete: Callable[[], object]) -> None:
    """Delete something, unless it is gone already."""
    try:
        delete()
    except ClientError as error:
        if not is_missing(error):
            raise


def is_missing(error: ClientError) -> bool:
    """Say whether a service does not know the resource: SageMaker has no code of its own for that."""
    said, message = error.response["Error"]["Code"], error.response["Error"]["Message"].lower()
    return said in {"ResourceNotFound", "ResourceNotFoundException"} or (
        said == "ValidationException" and ("could not find" in message or "does not exist" in message)
    )
