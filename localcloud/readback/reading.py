"""What readers are made of: questions to a service's API, and how its answers become properties of a template."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol


class Gone(Exception):  # noqa: N818 - a state, and no error of ours
    """The resource is not there (any more)."""


class Ask(Protocol):
    """Asks one service one question, as the root of the resource's account."""

    def __call__(self, service: str, operation: str, /, **parameters: object) -> dict[str, Any]:
        """Return the members of the answer; raise `Gone` for what is not there."""


Reader = Callable[[Ask, str, Mapping[str, Any]], Mapping[str, Any]]
"""Takes the question, physical id and properties of a resource, and returns the properties that its service has."""


def optional(ask: Ask, service: str, operation: str, /, **parameters: object) -> dict[str, Any]:
    """Ask for what a resource may lack, such as a bucket's lifecycle; nothing when it does."""
    try:
        return ask(service, operation, **parameters)
    except Gone:
        return {}


def pascal(value: Any, *, maps: Iterable[str] = ()) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return an answer with members that begin with a capital; those named in `maps` keep the keys that they hold."""
    if isinstance(value, Mapping):
        return {
            name[:1].upper() + name[1:]: item if name in maps else pascal(item, maps=maps)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [pascal(item, maps=maps) for item in value]
    return value


def renamed(answer: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """Return an answer with some members under the names (`Template=Api`) that templates have for them."""
    return {**answer, **{template: answer[api] for template, api in names.items() if api in answer}}


def only(answers: Iterable[Mapping[str, Any]], **wanted: object) -> Mapping[str, Any]:
    """Return the one of several answers that has these members; raise `Gone` when there is none."""
    for answer in answers:
        if all(answer.get(name) == value for name, value in wanted.items()):
            return answer
    raise Gone
