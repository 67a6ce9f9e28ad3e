"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ml_rules.templates import Resource, Templates

Check = Callable[[Templates], Iterable[tuple[Resource, str]]]


@dataclass(frozen=True)
class Finding:
    """A resource that breaks a rule, and how."""

    rule: str
    resource: Resource
    message: str


@dataclass(frozen=True)
class Rule:
    """What every template must keep; `check` yields the resources that break it, each with a sentence."""

    id: str
    text: str
    check: Check

    def findings(self, templates: Templates) -> Iterator[Finding]:
        """Yield what breaks the rule in `templates`."""
        for resource, message in self.check(templates):
            yield Finding(self.id, resource, message)


def rule(check: Check) -> Rule:
    """Make a rule of a function, whose name is the rule's id and whose docstring the rule's text."""
    name, text = check.__name__, check.__doc__ or ""
    return Rule(name.replace("_", "-"), text.split("\n\n")[0].replace("\n    ", " "), check)
