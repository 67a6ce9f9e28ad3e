"""Rules of accounts: whom a policy lets in, what it reaches, and on whose behalf, are of this account."""

import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Final

from ml_rules import policies
from ml_rules.decided import FOLDER, leaves
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates

Found = Iterator[tuple[Resource, str]]

_ACCOUNT: Final = re.compile(r"\d{12}|arn:[^:]*:[^:]*:[^:]*:(\d{12})(:.*)?")
_ANYWHERE: Final = re.compile(
    r"arn:[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):|(?<!\d)(\d{12})\.dkr\.ecr\.|sqs[a-z0-9.-]*\.amazonaws\.com/(\d{12})/"
    r"|(?:s3://|:s3:::)[a-z0-9.-]*?(?<![0-9])(\d{12})(?![0-9])|^(\d{12})$"
)
"""An account in a value: in an ARN, the address of a registry or queue, the name of a bucket, or the value itself; also
within JSON."""
_NO_ACCOUNT: Final = re.compile(r"(Description|Threshold|Size|Bytes|Port|Value)$")
"""Properties whose twelve digits are a number."""
_ORGANIZATION: Final = re.compile(r":[a-z]*org(id|paths)$")
"""Keys of conditions that tell an organization."""
_PULLING: Final = frozenset(
    {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"}
)
"""Who pulls or looks up an image of AWS's own names AWS's account that has it: which image that is, other rules ask."""


@rule
def foreign_account(templates: Templates) -> Found:
    """Nothing names an account but its own, or an organization: whoever else is meant has been judged by nobody."""
    chosen = _chosen(templates)
    for resource, statement in statements(templates):
        own = resource.environment.account
        agreed = not own and "sts:externalid" in statement.required
        for account in dict.fromkeys(_accounts(statement)):
            if account != own and account not in _of_aws() and not agreed and (own or account not in chosen):
                yield resource, f"It names the account {account}, which is not its own{f', {own}' * bool(own)}."
        for key, values_ in statement.condition_keys.items():
            if own and _ORGANIZATION.search(key):
                yield resource, f"It names the organization {', '.join(values_)}, which nobody has judged."
    for resource, path, account in _values(templates):
        own = resource.environment.account
        if account != own and account not in _of_aws() and (own or account not in chosen):
            yield resource, f"{path} names the account {account}, which is not its own."


@cache
def _of_aws() -> frozenset[str]:
    """Return the accounts of AWS itself that may be named anywhere, `decisions/accounts.csv`."""
    rows = csv.DictReader((FOLDER / "accounts.csv").read_text(encoding="utf-8").splitlines())
    return frozenset(account for row in rows for account in row["accounts"].split())


def _values(templates: Templates) -> Iterator[tuple[Resource, str, str]]:
    """Yield the accounts that properties name, where: those of statements are judged as such."""
    for resource in templates.resources:
        for path, value in leaves(resource.properties):
            if ".Statement." not in f".{path}" and not _NO_ACCOUNT.search(path):
                for match in _ANYWHERE.finditer(policies.plain(str(value))):
                    yield resource, path, next(filter(None, match.groups()))


def statements(templates: Templates) -> Iterator[tuple[Resource, policies.Statement]]:
    """Yield the statements of every policy, with the resource that has it."""
    endpoints = (
        (endpoint, statement)
        for endpoint in templates.of("AWS::EC2::VPCEndpoint")
        for statement in policies.read(endpoint.get("PolicyDocument"))
    )
    every = (policies.identity, policies.trusts, policies.resource_based)
    return chain(*(found(templates) for found in every), endpoints)


def _chosen(templates: Templates) -> set[str]:
    """Return the accounts that only parameters name: who deploys the template chooses these."""
    written, defaults = "", ""
    for template in templates.sources.values():
        written += json.dumps({key: value for key, value in template.items() if key != "Parameters"}, default=str)
        defaults += json.dumps(template.get("Parameters", {}), default=str)
    return {account for account in re.findall(r"(?<![0-9])\d{12}(?![0-9])", defaults) if account not in written}


def _accounts(statement: policies.Statement) -> Iterator[str]:
    resources = () if set(statement.actions) <= _PULLING else statement.resources
    values = chain.from_iterable(statement.condition_keys.values())
    for name in chain(statement.principals, statement.federated, resources, values):
        plain = policies.plain(name)
        if found := _ACCOUNT.fullmatch(plain):
            yield found[1] or found[0]
        elif found := _ANYWHERE.search(plain):
            yield next(filter(None, found.groups()))


RULES: Final = (foreign_account,)
