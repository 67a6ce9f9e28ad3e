"""Decide a request as AWS's policy evaluation logic says, and name the statements that decide it.

Takes what the simulator takes: `request`, `identityPolicies`, and where there are any `resourcePolicy`,
`vpcEndpointPolicies`, `permissionBoundaryPolicies` and `sessionPolicy`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from checks.access.second.conditions import hold
from checks.access.second.patterns import Context, any_of, is_action, is_arn, resolve

Statement = Mapping[str, Any]
OWN_POLICY_NEEDED = {"kms", "sts"}
"""Services whose resources' own policies must let the account in before its policies count: keys, and roles' trusts."""


class Named(Enum):
    """How a policy of a resource names who asks."""

    NOT = "not at all"
    ACCOUNT = "by the account: its own policies decide"
    ITSELF = "itself, or as everybody"


@dataclass(frozen=True)
class Ruling:
    """Whether a request is allowed, and the statements that say so."""

    allowed: bool
    by: tuple[Statement, ...] = ()
    """For what is denied outright, those that deny it; none where nothing allows it."""


@dataclass(frozen=True)
class _Request:
    principal: str
    """ARN or name of a service; empty for somebody who has not signed."""
    account: str
    action: str
    resource: str
    owner: str
    context: Context

    def applies(self, statement: Statement) -> bool:
        """Return whether a statement is about this request, whoever makes it."""
        return (
            self._is_asked(statement)
            and self._is_meant(statement)
            and hold(statement.get("Condition", {}), self.context)
        )

    def _is_asked(self, statement: Statement) -> bool:
        member = "Action" if "Action" in statement else "NotAction"
        return any_of(statement[member], lambda each: is_action(each, self.action)) == (member == "Action")

    def _is_meant(self, statement: Statement) -> bool:
        member = "NotResource" if "NotResource" in statement else "Resource"
        if member not in statement:  # of a trust policy, which is about its role
            return True
        found = any_of(statement[member], self._is_resource)
        return found == (member == "Resource")

    def _is_resource(self, pattern: str) -> bool:
        resolved = resolve(pattern, self.context)
        return resolved is not None and is_arn(resolved, self.resource)

    def subject(self, statement: Statement) -> Named:
        """Return how a statement of a resource's policy names who asks."""
        if "NotPrincipal" in statement:
            return Named.NOT if self._of_principal(statement["NotPrincipal"]) is not Named.NOT else Named.ITSELF
        return self._of_principal(statement["Principal"])

    def _of_principal(self, principal: Any) -> Named:  # noqa: ANN401 - "*" or a map
        if principal == "*":
            return Named.ITSELF
        kind = "Service" if self.principal.endswith(".amazonaws.com") else "AWS"
        found = Named.NOT
        given = principal.get(kind, [])
        for each in given if isinstance(given, list) else [given]:
            if each in ("*", self.principal) or each == _role_of(self.principal):
                return Named.ITSELF if self.principal or each == "*" else Named.NOT
            if self.account and each in (self.account, f"arn:aws:iam::{self.account}:root"):
                found = Named.ACCOUNT
        return found


def decide(simulation: Mapping[str, Any]) -> Ruling:
    """Return the decision on one request."""
    request = _read(simulation["request"])
    policies = {
        kind: [_statements(each["policy"]) for each in simulation.get(kind, [])]
        for kind in ("identityPolicies", "vpcEndpointPolicies", "permissionBoundaryPolicies")
    }
    session = [_statements(policy)] if (policy := simulation.get("sessionPolicy")) else []
    own = [
        statement for document in policies["identityPolicies"] for statement in document if request.applies(statement)
    ]
    limits = [policies["permissionBoundaryPolicies"], session]
    guards = [
        [each for document in documents for each in document if request.applies(each)]
        for documents in limits
        if documents
    ]
    passages = [
        [each for each in document if request.subject(each) is not Named.NOT and request.applies(each)]
        for document in policies["vpcEndpointPolicies"]
    ]
    of_resource = [
        (named, each)
        for each in _statements(simulation.get("resourcePolicy") or {"Statement": []})
        if (named := request.subject(each)) is not Named.NOT and request.applies(each)
    ]
    every = [*own, *(each for found in (*guards, *passages) for each in found), *(each for _, each in of_resource)]
    if denies := tuple(_with(every, "Deny")):
        return Ruling(allowed=False, by=denies)
    if not all(any(_with(found, "Allow")) for found in (*guards, *passages)):
        return Ruling(allowed=False)
    return _weigh(request, own, of_resource)


def _weigh(request: _Request, own: Sequence[Statement], of_resource: Sequence[tuple[Named, Statement]]) -> Ruling:
    """Decide what nothing denies: by the policies of who asks, by that of the resource, or by both."""
    mine = tuple(_with(own, "Allow"))
    itself = tuple(_with((each for named, each in of_resource if named is Named.ITSELF), "Allow"))
    account = tuple(_with((each for named, each in of_resource if named is Named.ACCOUNT), "Allow"))
    if request.account != request.owner:  # another account, a service, or nobody known
        needs_own = bool(request.account)
        granted = itself or account
        return Ruling(allowed=True, by=granted + mine) if granted and (mine or not needs_own) else Ruling(allowed=False)
    if itself:
        return Ruling(allowed=True, by=itself)
    if mine and (account or request.action.partition(":")[0] not in OWN_POLICY_NEEDED or _has_no_policy(request)):
        return Ruling(allowed=True, by=mine)
    return Ruling(allowed=False)


def _has_no_policy(request: _Request) -> bool:
    """Return whether a resource of these services has no policy of its own: it is a name, or all there are."""
    return request.resource == "*"


def _read(request: Mapping[str, Any]) -> _Request:
    given = request["principal"]
    principal = given if isinstance(given, str) else ""
    return _Request(
        principal=principal,
        account=principal.split(":")[4] if principal.startswith("arn:") else "",
        action=request["action"],
        resource=request["resource"]["resource"],
        owner=request["resource"]["accountId"],
        context={key.lower(): value for key, value in request["contextVariables"].items()},
    )


def _role_of(principal: str) -> str:
    """Return the ARN of the role of a session, as policies name it; of anybody else nothing."""
    if ":assumed-role/" not in principal:
        return ""
    account, name = principal.split(":")[4], principal.split("/")[1]
    return f"arn:aws:iam::{account}:role/{name}"


def _statements(document: Mapping[str, Any]) -> list[Statement]:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def _with(statements: Iterable[Statement], effect: str) -> Iterator[Statement]:
    return (each for each in statements if each["Effect"] == effect)
