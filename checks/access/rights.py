"""Rights that rows of several capabilities have, by the names of their operations."""

from collections.abc import Sequence

from checks.access.trained import Trained

OWN_LOG = "write its own log"
READ = {"read with the data key", "read with the data key through DynamoDB", "read with the data key through SNS"}
ENCRYPT = {
    "encrypt with the data key",
    "encrypt with the data key through DynamoDB",
    "encrypt with the data key through SNS",
}
KEY = READ | ENCRYPT | {"see the data key"}
TABLE = {f"{verb} the data key through DynamoDB" for verb in ("read with", "encrypt with", "see")}
LEND = {"lend the data key to AWS services"}
SEES = {"see the network"}
INSIDE = SEES | {"use the network", "delete its network interfaces"}
FUNCTION = INSIDE | {"let Lambda keep network interfaces"}
SEEN = {OWN_LOG, "trace requests"}
TRACED = SEEN | {"send to the dead-letter queue of functions"}
LOGIN = {"log in to the registry"}
PUBLISHED = ("data", "scripts")
KEPT_LOGS = ("encrypt", "end")
"""What is done with a log group that SageMaker would make without a key and an end."""


def job(kind: str, image: str) -> set[str]:
    """Return what every job of a kind needs: its image, the network, logs, metrics, and the key of its volume."""
    logs = {f"write logs of {kind}", f"publish metrics of {kind}"}
    return {f"pull the {image} image", "lend network interfaces"} | LOGIN | INSIDE | KEY | LEND | logs


def part_name(system: Trained, part: str) -> str:
    """Return how operations call a part of a system's runs, its data or its scripts."""
    if part in PUBLISHED:
        return f"the published {part}"
    return f"the {part}" if part in system.results else f"the prepared {part} data"


def reads(system: Trained, parts: Sequence[str]) -> set[str]:
    """Return the reading of these parts, and the listing of the buckets that they are in."""
    buckets = {"data" if part in PUBLISHED else "artifacts" for part in parts}
    listed = {f"list the {bucket} bucket" for bucket in buckets}
    return listed | {f"read {part_name(system, part)} of {system.name}" for part in parts}


def writes(system: Trained, parts: Sequence[str]) -> set[str]:
    """Return the writing of these parts."""
    return {f"write {part_name(system, part)} of {system.name}" for part in parts}


def registers(system: Trained) -> set[str]:
    """Return what SageMaker checks of whoever registers a version: model, image, and key."""
    registry = {f"register a version of {system.name}", f"see a version of {system.name}"}
    return registry | {f"pull the {system.image} image"} | LOGIN | READ | {"see the data key"} | LEND
