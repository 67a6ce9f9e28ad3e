"""How the people of the user pool are called, which the table of tasks does not know."""

from collections.abc import Callable, Mapping
from typing import Any

FRESH, NEW = 60, 2
"""Seconds that names are kept for, and after which somebody who was not among them is looked for again."""


class Names:
    """The names that people sign in with, by their ids in the pool."""

    def __init__(self, cognito: Any, pool: str, clock: Callable[[], int]) -> None:  # noqa: ANN401 - a client of boto3
        self._cognito, self._pool, self._clock = cognito, pool, clock
        self._names: Mapping[str, str] = {}
        self._read = 0

    def knows(self, worker: str) -> bool:
        """Return whether somebody is in the pool."""
        return worker in self._all(FRESH) or worker in self._all(NEW)

    def of(self, worker: str) -> str:
        """Return how a person is called; who left the pool by the beginning of their id."""
        return self._all(FRESH)[worker] if self.knows(worker) else f"somebody ({worker[:8]})"

    def _all(self, age: int) -> Mapping[str, str]:
        """Return everybody's name, by a look that is no older than so many seconds."""
        if self._clock() - self._read >= age:
            pages = self._cognito.get_paginator("list_users").paginate(UserPoolId=self._pool, AttributesToGet=["sub"])
            self._names = {
                attribute["Value"]: user["Username"]
                for page in pages
                for user in page["Users"]
                for attribute in user.get("Attributes", ())
                if attribute["Name"] == "sub"
            }
            self._read = self._clock()
        return self._names
