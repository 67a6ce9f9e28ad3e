"""Errors of the service, in AWS's own codes."""


class ServiceError(Exception):
    """A request that the service refuses.

    `code` is the exception name of the API (`ValidationException`, `ResourceNotFound`, `ResourceInUse`,
    `ResourceLimitExceeded`, `AccessDeniedException`, `ConflictException`, …), `status` the HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class JobFailed(Exception):  # noqa: N818 - the field's term, and no programming error
    """A job that ended in `Failed`; the message is its `FailureReason`."""
