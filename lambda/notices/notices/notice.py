"""A notice: what happened to which system, why, and the command that goes on."""

import re
from dataclasses import dataclass
from enum import StrEnum

SUBJECT_CHARACTERS = 99
"""SNS takes less than 100 of ASCII. Source: Amazon SNS API reference, `Subject` of Publish."""
REASON_CHARACTERS = 1500
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+")


class Kind(StrEnum):
    """What a notice is about."""

    RUN = "failed run"
    JOB = "failed job"
    ROLLOUT = "refused roll-out"
    DEAD_LETTER = "dead letter"
    ALARM = "alarm"
    WATCH = "broken watch"
    BUILD = "failed build"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing that happened. `id` is the same for every event about it, so that people are told once.

    `what` is a sentence, `commands` are what can be typed, `reason` is in AWS's words.
    """

    id: str
    kind: Kind
    environment: str
    system: str
    title: str
    what: str
    reason: str
    commands: tuple[str, ...]
    link: str = ""

    @property
    def subject(self) -> str:
        """The line that a mailbox shows."""
        return subject(f"{self.environment} {self.system}: {self.title}")

    @property
    def body(self) -> str:
        """The whole message."""
        lines = [
            self.what,
            "",
            f"Environment: {self.environment}",
            f"System: {self.system}",
            f"Reason: {reason(self.reason)}",
            "",
            "Go on with:",
            *(f"  {command}" for command in self.commands),
        ]
        return "\n".join([*lines, "", self.link] if self.link else lines)


def subject(text: str) -> str:
    """Return `text` as a subject that SNS takes: one line of ASCII, which begins with no blank."""
    line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= SUBJECT_CHARACTERS else f"{line[: SUBJECT_CHARACTERS - 3].rstrip()}..."


def reason(text: str) -> str:
    """Return a reason of AWS's without control characters, and not longer than anybody reads."""
    words = _CONTROL.sub(" ", text).strip() or "none was given."
    return words if len(words) <= REASON_CHARACTERS else f"{words[:REASON_CHARACTERS]} …"
