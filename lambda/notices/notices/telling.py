"""Tells people: each notice once, and of a burst the first few and that there are more."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from notices.notice import Notice, subject

MOST = 5
"""Messages of one kind about one system within an hour; one more says that further ones are only written down."""


class State(StrEnum):
    """What became of a notice."""

    TOLD = "told"
    COUNTED = "counted"


class Ledger(Protocol):
    """Where notices are written down."""

    def claim(self, notice: Notice, now: datetime) -> bool:
        """Write one down; false when it was told already."""

    def count(self, notice: Notice, now: datetime) -> int:
        """Return the how manieth of its kind and system in this hour it is."""

    def close(self, notice: Notice, state: str) -> None:
        """Write down what became of it."""


def tell(notice: Notice, ledger: Ledger, publish: Callable[[str, str, Notice], None], now: datetime) -> State | None:
    """Publish subject and body of a notice, unless it was before (None) or too many came within the hour."""
    if not ledger.claim(notice, now):
        return None
    number = ledger.count(notice, now)
    if number <= MOST:
        publish(notice.subject, notice.body, notice)
    elif number == MOST + 1:
        publish(*_more(notice), notice)
    state = State.TOLD if number <= MOST else State.COUNTED
    ledger.close(notice, state.value)
    return state


def _more(notice: Notice) -> tuple[str, str]:
    """Return subject and body of the message that stands for all further ones of the hour."""
    line = f"{notice.environment} {notice.system}: more of the kind '{notice.kind.value}' than {MOST} in this hour"
    text = (
        f"Further ones are written down and not sent before the hour is over. The first of them:\n\n{notice.body}\n\n"
        f"All of them:\n  mdlc notices -e {notice.environment}"
    )
    return subject(line), text
