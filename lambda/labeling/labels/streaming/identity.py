"""What an object that came as a message is known again by.

Source: SageMaker developer guide, "Duplicate Message Handling" (sms-streaming-how-it-works-duplicate-handling).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

KEY: Final = "dataset-objectid-attribute-name"
"""The member of a message, and of its line in the output, that names the one with its id."""
LENGTH: Final = 64
"""Characters of a digest; no number of a line is as long."""


def digest(identity: str) -> str:
    """Return the id of an object in its job: what it is known again by, in characters that every key takes."""
    return sha256(identity.encode()).hexdigest()


def of_line(line: Mapping[str, Any]) -> str:
    """Return what the object of a line is known again by; empty where it did not come as a message."""
    name = line.get(KEY)
    identity = line.get(name) if isinstance(name, str) else None
    return identity if isinstance(identity, str) else ""
