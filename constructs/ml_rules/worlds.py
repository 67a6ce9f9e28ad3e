"""The worlds that a template can be deployed into: which of its conditions hold together, and what its maps say.

Rules judge one world at a time, so that what never exists together is never counted together.
"""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_Template = Mapping[str, Any]

ANOTHER: Final = "another"
"""What a parameter is that has none of the values which conditions ask for."""
_MOST: Final = 32
"""Up to so many worlds are all judged; of more, those in which one thing differs from all others."""


@dataclass(frozen=True)
class World:
    """What is asked of the outside, and what it answers: values of parameters, truths, and which entry of a map."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    entry: int = 0

    def holds(self, templates: Mapping[str, _Template], stack: str, name: str) -> bool:
        """Return whether a condition of a stack's template holds."""
        said = templates[stack].get("Conditions", {}).get(name)
        return bool(self.answers.get(name, True)) if said is None else self._true(templates, stack, said)

    def parameter(self, name: str) -> str | None:
        """Return the value that conditions ask a parameter for, where it has it in this world."""
        value = self.answers.get(_key({"Ref": name}))
        return value if isinstance(value, str) and value != ANOTHER else None

    def _true(self, templates: Mapping[str, _Template], stack: str, said: Any) -> bool:  # noqa: ANN401 - a condition
        match said:
            case {"Condition": str(name)}:
                return self.holds(templates, stack, name)
            case {"Fn::Not": [one]}:
                return not self._true(templates, stack, one)
            case {"Fn::And": list(several)}:
                return all(self._true(templates, stack, each) for each in several)
            case {"Fn::Or": list(several)}:
                return any(self._true(templates, stack, each) for each in several)
            case {"Fn::Equals": [one, other]}:
                return self._equal(said, one, other)
        return bool(self.answers.get(_key(said), True))

    def _equal(self, said: Any, one: Any, other: Any) -> bool:  # noqa: ANN401 - a condition
        if isinstance(one, str) and isinstance(other, str):
            return one == other
        if isinstance(one, str) or isinstance(other, str):
            asked, value = (other, one) if isinstance(one, str) else (one, other)
            return bool(self.answers.get(_key(asked), ANOTHER) == value)
        return bool(self.answers.get(_key(said), True))


def worlds(templates: Mapping[str, _Template]) -> list[World]:
    """Return the worlds to judge: all of them, or where they are many, those that differ in one thing from the rest."""
    questions = _questions(templates)
    names, options = list(questions), [list(values) for values in questions.values()]
    total = 1
    for each in options:
        total *= len(each)
    answers = itertools.product(*options) if total <= _MOST else _one_by_one(options)
    found = [World(dict(zip(names, each, strict=True))) for each in answers]
    maps = [entries for template in templates.values() for entries in template.get("Mappings", {}).values()]
    most = max(map(len, maps), default=0) if "Fn::FindInMap" in json.dumps(list(templates.values())) else 0
    return [*found, *(World(found[0].answers, entry) for entry in range(1, most))]


def _one_by_one(options: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield the first and the last of all options, and each option alone among the first, and among the last."""
    seen = set()
    for rest in (0, -1):
        usual = [each[rest] for each in options]
        for place, values in enumerate(options):
            for value in values:
                answer = (*usual[:place], value, *usual[place + 1 :])
                if answer not in seen:
                    seen.add(answer)
                    yield answer


def _questions(templates: Mapping[str, _Template]) -> dict[str, dict[Any, None]]:
    """Return what conditions ask of the outside, and the answers that make a difference."""
    asked: dict[str, dict[Any, None]] = {}
    declared = {name for template in templates.values() for name in template.get("Conditions", {})}
    for template in templates.values():
        for said in template.get("Conditions", {}).values():
            for key, values in _questions_of(said, template.get("Parameters", {})):
                asked.setdefault(key, {}).update(dict.fromkeys(values))
        for name in _conditions_in(template):
            if name not in declared:
                asked[name] = dict.fromkeys((True, False))
    return asked


def _questions_of(said: Any, parameters: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:  # noqa: ANN401 - a condition
    match said:
        case {"Condition": _} | {"Fn::Equals": [str(), str()]}:
            return
        case {"Fn::Not": list(several)} | {"Fn::And": list(several)} | {"Fn::Or": list(several)}:
            for each in several:
                yield from _questions_of(each, parameters)
        case {"Fn::Equals": [dict(asked), str(value)] | [str(value), dict(asked)]}:
            allowed = parameters.get(asked.get("Ref", ""), {}).get("AllowedValues")
            others = [str(each) for each in allowed or () if each != value]
            yield _key(asked), [value, *(others or [ANOTHER])]
        case _:
            yield _key(said), [True, False]


def _conditions_in(value: Any) -> Iterator[str]:  # noqa: ANN401 - part of a template
    """Yield the names of the conditions that choose between values."""
    if isinstance(value, dict):
        if isinstance(chosen := value.get("Fn::If"), list) and chosen:
            yield str(chosen[0])
        for item in value.values():
            yield from _conditions_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _conditions_in(item)


def _key(said: Any) -> str:  # noqa: ANN401 - a condition, or what it asks for
    return json.dumps(said, sort_keys=True)
