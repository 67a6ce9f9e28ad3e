"""Rules of accounts: whom a policy lets in, what it reaches, and on whose behalf, are of this account."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Final

from ml_rules import policies
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates

Found = Iterator[tuple[Resource, str]]

_ACCOUNT: Final = re.compile(r"\d{12}|arn:[^:]*:[^:]*:[^:]*:(\d{12})(:.*)?")
_ORGANIZATION: Final = re.compile(r":[a-z]*org(id|paths)$")
"""Keys of conditions that tell an organization."""
_PULLING: Final = frozenset(
    {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"}
)
"""Who pulls or looks up an image of AWS's own names AWS's account that has it: which image that is, other rules ask."""


@rule
def foreign_account(templates: Templates) -> Found:
    """A policy names no account but its own, and no organization: whoever else is meant has been judged by nobody."""
    statements = list(_statements(templates))
    usual = _usual(statements)
    for resource, statement in statements:
        own = resource.environment.account
        agreed = not own and "sts:externalid" in statement.required
        for account in dict.fromkeys(_accounts(statement)):
            if account != (own or usual) and not agreed:
                yield resource, f"It names the account {account}, which is not its own{f', {own}' * bool(own)}."
        for key, values in statement.condition_keys.items():
            if own and _ORGANIZATION.search(key):
                yield resource, f"It names the organization {', '.join(values)}, which nobody has judged."


def _statements(templates: Templates) -> Iterator[tuple[Resource, policies.Statement]]:
    endpoints = (
        (endpoint, statement)
        for endpoint in templates.of("AWS::EC2::VPCEndpoint")
        for statement in policies.read(endpoint.get("PolicyDocument"))
    )
    every = (policies.identity, policies.trusts, policies.resource_based)
    return chain(*(statements(templates) for statements in every), endpoints)


def _usual(statements: list[tuple[Resource, policies.Statement]]) -> str:
    """Return the account that policies name most often where no environment says its own."""
    unsaid = (statement for resource, statement in statements if not resource.environment.account)
    named = Counter(account for statement in unsaid for account in _accounts(statement))
    return named.most_common(1)[0][0] if named else ""


def _accounts(statement: policies.Statement) -> Iterator[str]:
    resources = () if set(statement.actions) <= _PULLING else statement.resources
    values = chain.from_iterable(statement.condition_keys.values())
    for name in chain(statement.principals, statement.federated, resources, values):
        if found := _ACCOUNT.fullmatch(policies.plain(name)):
            yield found[1] or found[0]


RULES: Final = (foreign_account,)
