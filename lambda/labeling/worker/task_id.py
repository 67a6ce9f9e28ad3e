"""The name of a task in addresses: its job, a dot, and its object's id, which may have any letters, in Base64."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from portal.problem import not_found


def task_id(job: str, identity: str) -> str:
    """Return the name of a task; jobs' names have no dots."""
    return f"{job}.{urlsafe_b64encode(identity.encode()).decode().rstrip('=')}"


def parts(name: str) -> tuple[str, str]:
    """Return the job and the object's id of a task's name. Raises ProblemError."""
    job, _, coded = name.partition(".")
    try:
        identity = urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    except ValueError as error:
        raise not_found() from error
    if not identity or task_id(job, identity) != name:
        raise not_found()
    return job, identity
