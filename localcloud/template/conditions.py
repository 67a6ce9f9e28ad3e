"""The Conditions section of a template: which of its conditions are true.

Source: "Condition functions" of the CloudFormation user guide.
"""

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.template.checks import TemplateError

Resolve = Callable[[Any], Any]
"""Gives the value of Ref, Fn::Sub, Fn::FindInMap, Fn::Join, Fn::Select and Fn::Split over parameters and mappings."""


def evaluate(written: Mapping[str, Any], resolve: Resolve) -> dict[str, bool]:
    """Return whether each condition is true; `TemplateError` for one that names no other, or itself."""
    found: dict[str, bool] = {}
    for name in written:
        _Conditions(written, resolve, found).value(name, ())
    return found


class _Conditions:
    def __init__(self, written: Mapping[str, Any], resolve: Resolve, found: dict[str, bool]) -> None:
        self._written, self._resolve, self._found = written, resolve, found

    def value(self, name: str, above: tuple[str, ...]) -> bool:
        if name in above:
            raise TemplateError(f"Template format error: Circular dependency between conditions: [{', '.join(above)}]")
        if name not in self._written:
            raise TemplateError(
                f"Template format error: Unresolved condition dependency {name} in the Conditions block of the template"
            )
        if name not in self._found:
            self._found[name] = self._holds(self._written[name], (*above, name))
        return self._found[name]

    def _holds(self, expression: object, above: tuple[str, ...]) -> bool:
        if not isinstance(expression, Mapping) or len(expression) != 1:
            raise TemplateError(
                f"Template format error: Every Conditions member must be a condition, not {expression!r}"
            )
        ((function, argument),) = expression.items()
        if function == "Condition":
            return self.value(str(argument), above)
        items = argument if isinstance(argument, list) else []
        if function == "Fn::Not" and len(items) == 1:
            return not self._holds(items[0], above)
        if function in {"Fn::And", "Fn::Or"} and items:
            join = all if function == "Fn::And" else any
            return join(self._holds(item, above) for item in items)
        if function == "Fn::Equals" and len(items) == 2:  # noqa: PLR2004 - the two sides
            left, right = (_text(self._side(item, above)) for item in items)
            return bool(left == right)
        raise TemplateError(f"Template error: every {function} object requires its own list of parameters.")

    def _side(self, value: Any, above: tuple[str, ...]) -> Any:  # noqa: ANN401 - any value of a template
        """Return one side of Fn::Equals, which may ask a condition."""
        if isinstance(value, Mapping) and len(value) == 1:
            ((function, argument),) = value.items()
            if function in {"Condition", "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"}:
                return self._holds(value, above)
            if function == "Fn::If":
                return self._side(argument[1] if self.value(str(argument[0]), above) else argument[2], above)
        return self._resolve(value)


def _text(value: Any) -> Any:  # noqa: ANN401 - any value of a template
    """Return a value as CloudFormation compares it: numbers and truth values are texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value
