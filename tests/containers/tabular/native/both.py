"""The two ways to the scores of a body, held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract.serving.messages import RequestError
from tabular.encoding import Encoding, number
from tabular.payload import read_request
from tests.containers.tabular.native.bodies import WIDTH

if TYPE_CHECKING:
    from tabular.forest import Forest
    from tabular.native.core import Core

ENCODING: Final = Encoding("y", tuple(number(f"x{place}") for place in range(WIDTH)), frozenset())


def in_python(forest: Forest, body: bytes, *, is_json: bool) -> list[float] | None:
    """The scores of a body's rows, one by one; None for a body that is refused."""
    try:
        request = read_request(body, "application/json" if is_json else "text/csv", ENCODING)
        return [forest.scores([row])[0] for row in request.rows]
    except (RequestError, ValueError):
        return None


def agree(core: Core, forest: Forest, body: bytes, *, is_json: bool) -> bool:
    """Say whether the core answers; what it answers must be what Python answers."""
    found = core.scores(body, is_json=is_json)
    assert found is None or found == in_python(forest, body, is_json=is_json), body
    return found is not None
