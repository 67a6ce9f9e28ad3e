"""Who asks, as their token says. API Gateway has checked the token."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

TEAM_OF_TEXT: Final = re.compile(r"(?<![^\[\], ])[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}(?![^\[\], ])")
"""A WorkteamName of SageMaker's CreateWorkteam, by itself in a list."""

LEADS: Final = "leads"
"""The group of those who lead jobs; no workteam has its name."""


@dataclass(frozen=True)
class Member:
    """Somebody who signed in, and the teams that they are in: groups of the user pool."""

    sub: str
    teams: frozenset[str]


def of_claims(claims: Mapping[str, Any]) -> Member:
    """Return the person of a token's claims.

    API Gateway writes the list of groups as a text: with commas between for REST APIs, in brackets with blanks for HTTP
    APIs. Names of teams have none of these.
    """
    return Member(str(claims["sub"]), frozenset(TEAM_OF_TEXT.findall(str(claims.get("cognito:groups", "")))))
