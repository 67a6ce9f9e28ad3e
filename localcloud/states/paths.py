"""JSONPath of the interpreter: a path that names one place yields its value, and each path is parsed once.

Source: user guide of Step Functions, "Using JSONPath paths"; states-language.net, "Reference Paths": a path of names
and single indexes, such as `$.ledgers.branch[0].pending.count`, identifies one node.
"""

import functools
from collections.abc import Callable
from typing import Any

from jsonpath_ng.jsonpath import Child, DatumInContext, Fields, Index, JSONPath, Root
from moto.stepfunctions.parser.asl.utils import json_path


class DefinitePath:
    """A path that names one place: what it finds there has nothing around it.

    moto makes a list of what was found behind an index, as if the path could find more.
    """

    def __init__(self, path: JSONPath) -> None:
        """Look with `path`."""
        self._path = path

    def find(self, data: Any) -> list[DatumInContext]:  # noqa: ANN401 - JSON
        """Return the value at the place, or nothing."""
        return [DatumInContext.wrap(match.value) for match in self._path.find(data)]


def apply() -> None:
    """Mend moto's paths. Parsing takes milliseconds, and moto does whenever a path is read: here once a path."""
    json_path.parse = functools.lru_cache(maxsize=4096)(_reading(json_path.parse))


def _reading(parse: Callable[[str], JSONPath]) -> Callable[[str], JSONPath | DefinitePath]:
    def read(text: str) -> JSONPath | DefinitePath:
        path = parse(text)
        return DefinitePath(path) if names_one_place(path) else path

    return read


def names_one_place(path: JSONPath) -> bool:
    """Say whether a path goes by names and single indexes alone."""
    match path:
        case Root():
            return True
        case Child(left=left, right=right):
            return names_one_place(left) and names_one_place(right)
        case Fields(fields=(name,)):
            return bool(name != "*")
        case Index(indices=(_,)):
            return True
    return False
