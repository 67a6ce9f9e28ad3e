"""How many of AWS's recorded answers the local cloud gives, by family, and what the rest is.

localstack/localstack has tests that were run against AWS, each with the answers that AWS gave; they ran against
`mdlc local up`, no member of an answer excused. Only counts are kept here. A row is made anew by running the tests of
its family against a cloud of this version, and counting.
"""

from dataclasses import dataclass
from typing import Final

SOURCE: Final = "localstack/localstack at 8b9a79f (March 2026, Apache-2.0)"
MEASURED: Final = "29 November 2026"


@dataclass(frozen=True)
class Family:
    """Tests of a kind: how many ran, gave the same answer or end, and the same in words and events too; the rest."""

    name: str
    run: int
    same: int
    essence: int
    rest: str
