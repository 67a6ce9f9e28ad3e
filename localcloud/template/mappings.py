"""The Mappings section of a template: every key that is looked up is there.

Source: "Fn::FindInMap" of the CloudFormation user guide; answers that localstack/localstack recorded from AWS
(tests/aws/services/cloudformation/engine/test_mappings.snapshot.json, Apache-2.0).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from localcloud.template.checks import TemplateError

LOOK_UP = "Fn::FindInMap"
_KEYS = 3
"""The map and its two keys; one more argument has the default."""


def check(
    written: Mapping[str, Any],
    conditions: Mapping[str, bool],
    is_known: Callable[[str], bool],
    find: Callable[[Sequence[Any]], object],
) -> None:
    """Raise `TemplateError` for a look-up that finds nothing where the template makes something.

    `is_known` says whether a name that is referred to has a value before anything is made, as parameters do; `find`
    looks up, and raises ValueError where there is nothing.
    """
    for section in ("Resources", "Outputs"):
        for made in (written.get(section) or {}).values():
            if isinstance(made, Mapping) and conditions.get(str(made.get("Condition")), True):
                for arguments in _look_ups(made, conditions):
                    if len(arguments) == _KEYS and all(_has_value(each, is_known) for each in arguments):
                        _find(arguments, find)


def _find(arguments: Sequence[Any], find: Callable[[Sequence[Any]], object]) -> None:
    try:
        find(arguments)
    except ValueError as error:
        raise TemplateError(str(error)) from error


def _has_value(argument: object, is_known: Callable[[str], bool]) -> bool:
    if isinstance(argument, Mapping) and set(argument) == {"Ref"}:
        return is_known(str(argument["Ref"]))
    return isinstance(argument, str)


def _look_ups(value: object, conditions: Mapping[str, bool]) -> Iterator[Sequence[Any]]:
    """Yield the arguments of every look-up that the conditions do not leave out."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == LOOK_UP and isinstance(inner, list):
                yield inner
            elif key == "Fn::If" and isinstance(inner, list) and len(inner) == _KEYS:
                yield from _look_ups(inner[1 if conditions.get(str(inner[0])) else 2], conditions)
            else:
                yield from _look_ups(inner, conditions)
    elif isinstance(value, list):
        for inner in value:
            yield from _look_ups(inner, conditions)
