"""What a request asks for beyond Ground Truth, by tags: how many people are asked, and what is known already.

| tag | value | what it does |
|---|---|---|
| `mdlc:adaptive` | a probability such as 0.95 | two people are asked, then one more, until the class is so probable |
| `mdlc:known` | an attribute of the manifest | lines that have it are known, and check people |
| `mdlc:pause` | `guessers` | who answers as if they guessed is given nothing new, with the reason |

NumberOfHumanWorkersPerDataObject stays the most who are asked about an object.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labels.answers import Single
from labels.redundancy import Rule, RuleError
from labels.request import Request
from labels.service_model import RequestError
from labels.task_types import TaskType

ADAPTIVE, KNOWN, PAUSE = "mdlc:adaptive", "mdlc:known", "mdlc:pause"
GUESSERS: Final = "guessers"
FEWEST: Final = 2
"""How many people are asked at first where as many are asked as it takes."""
MOST_KNOWN: Final = 100
"""Objects that a person can be checked by: one call of DynamoDB's tells which they have had."""


@dataclass(frozen=True)
class Steering:
    """How the people of a job are asked. `known` is the attribute of lines whose label is known; empty without."""

    rule: Rule | None = None
    known: str = ""
    pauses: bool = False

    @property
    def looks(self) -> bool:
        """Whether answers are looked at before the job ends."""
        return self.rule is not None or self.pauses


def steering(request: Request) -> Steering:
    """Return what the tags of a request ask for. Raises RequestError."""
    tags = {each["Key"]: each["Value"] for each in request.body.get("Tags", ())}
    if tags.get(PAUSE, GUESSERS) != GUESSERS:
        raise RequestError(f"The tag {PAUSE} is {tags[PAUSE]!r}: it pauses {GUESSERS}, or is left out.")
    known = tags.get(KNOWN, "")
    if KNOWN in tags and not known:
        raise RequestError(f"The tag {KNOWN} is empty: name the attribute of the lines whose label is known.")
    if known == request.attribute:
        raise RequestError(f"The tag {KNOWN} names {known}, which gets the labels: give one of them another name.")
    return Steering(_rule(tags, request.workers), known, PAUSE in tags)


def check(asked: Steering, kind: TaskType, request: Request) -> None:
    """Refuse what cannot be asked: of streaming jobs nothing, some of jobs of one class alone. Raises RequestError."""
    if request.streaming and (asked.looks or asked.known):
        raise RequestError(
            "The tags mdlc:adaptive, mdlc:known and mdlc:pause are for jobs of a manifest: leave them out."
        )
    if asked.looks and (kind.kind != Single.kind or request.after):
        tag = ADAPTIVE if asked.rule else PAUSE
        raise RequestError(f"The tag {tag} is for jobs of one class whose labels are made here: leave it out.")


def first_people(asked: Steering, workers: int) -> int:
    """Return how many people are asked about an object at first."""
    return asked.rule.fewest if asked.rule else workers


def known_objects(
    asked: Steering, kind: TaskType, lines: Mapping[str, Mapping[str, Any]], classes: Sequence[str]
) -> list[str]:
    """Return the ids of the objects whose label is known. Raises RequestError where that is no class of the job."""
    if not asked.known:
        return []
    found = [identity for identity, line in lines.items() if asked.known in line]
    if not found:
        raise RequestError(f"No line of the manifest has the attribute {asked.known}, which the tag {KNOWN} names.")
    if len(found) > MOST_KNOWN:
        raise RequestError(
            f"{len(found):,} lines have the attribute {asked.known}: {MOST_KNOWN} known ones are the most."
        )
    if kind.kind == Single.kind:
        for identity in found:
            name = class_of(lines[identity], asked.known)
            if name not in classes:
                place = f"{asked.known}-metadata.class-name"
                raise RequestError(
                    f"Line {int(identity) + 1} of the manifest has {name or 'nothing'!r} as {place}, which is none of "
                    f"{', '.join(classes)}."
                )
    return found


def class_of(line: Mapping[str, Any], attribute: str) -> str:
    """Return the class that a line is known to have; empty where it says none."""
    metadata = line.get(f"{attribute}-metadata")
    name = metadata.get("class-name") if isinstance(metadata, Mapping) else None
    return name if isinstance(name, str) else ""


def _rule(tags: Mapping[str, str], workers: int) -> Rule | None:
    if ADAPTIVE not in tags:
        return None
    text = tags[ADAPTIVE]
    try:
        return Rule(float(text), min(FEWEST, workers), workers)
    except (RuleError, ValueError) as error:
        reason = str(error) if isinstance(error, RuleError) else f"{text!r} is no number."
        raise RequestError(f"The tag {ADAPTIVE} must be a probability, such as 0.95: {reason}") from error
