"""What the table tells of its changes."""

from collections.abc import Mapping
from typing import Any

from task_store import items


def jobs(event: Mapping[str, Any]) -> list[str]:
    """Return the names of the labeling jobs that records of the table's stream are about, each once.

    A dead letter of the stream that is put back has no records; the sweep has had its jobs looked at again.
    """
    found: dict[str, None] = {}
    for record in event.get("Records", ()):
        keys = record["dynamodb"]["Keys"]
        name = items.text(keys, "SK") if items.text(keys, "PK") == items.JOBS else items.text(keys, "PK")
        found[name.removeprefix("JOB#")] = None
    return [name for name in found if not name.startswith(items.REVIEWS)]
