"""Kinds of resources: how operations, ARNs, errors and CloudFormation name them. Each capability declares its own."""

import re
from dataclasses import dataclass, field
from typing import Literal

from localsagemaker.kernel.host import Scope


@dataclass(frozen=True, kw_only=True)
class Template:
    """How a kind of resource looks to CloudFormation, in the words of its template reference.

    `reference` is what `Ref` gives: name, ARN, or with `identifiers` these members with `|` between. A change of a
    property in `replacing` makes a new resource; `update` are the members of the Update operation.
    """

    reference: Literal["name", "arn"] = "name"
    identifiers: tuple[str, ...] = ()
    replacing: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    update: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of resource.

    `name` as operations spell it, `path` as ARNs do, `key` the member that names one. `missing` is the error code for
    a name that nothing has and `absent` what the error says; `taken` and `present` are the same for a name that
    something has already. Both texts may name the resource as `{name}`, `{arn}`, `{kind}` and `{words}`.
    """

    name: str
    path: str
    key: str
    missing: str = "ValidationException"
    taken: str = "ValidationException"
    absent: str = "{kind} {arn} does not exist."
    present: str = 'Cannot create already existing {words} "{arn}".'
    ignores_case: bool = False
    template: Template | None = field(default=None, compare=False)

    @property
    def arn_member(self) -> str:
        """The member that holds the ARN."""
        return f"{self.name}Arn"

    @property
    def words(self) -> str:
        """The name in words, such as `training job`, and `endpoint configuration` for the one that is cut short."""
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.name).strip()
        return re.sub(r"\bconfig$", "configuration", words)

    def arn(self, scope: Scope, name: str) -> str:
        """Return the ARN of one resource."""
        return f"arn:aws:sagemaker:{scope.region}:{scope.account}:{self.path}/{name}"

    def arn_of(self, scope: Scope, identifier: str) -> str:
        """Return the ARN of a name, or the ARN that was given instead of one."""
        return identifier if identifier.startswith("arn:") else self.arn(scope, identifier)

    def name_of(self, identifier: str) -> str:
        """Return the name in a name or an ARN."""
        return identifier.split(f":{self.path}/", 1)[-1] if identifier.startswith("arn:") else identifier

    def explain_absence(self, scope: Scope, name: str) -> str:
        """Return what the service says when there is no such resource."""
        return self._explain(self.absent, scope, name)

    def explain_presence(self, scope: Scope, name: str) -> str:
        """Return what the service says when the name is taken."""
        return self._explain(self.present, scope, name)

    def _explain(self, text: str, scope: Scope, name: str) -> str:
        return text.format(kind=self.name, words=self.words, name=name, arn=self.arn(scope, name))
