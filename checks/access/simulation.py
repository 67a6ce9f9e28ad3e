"""The matrix held against the policies of the templates, by an independent simulator of IAM.

Source of the simulator: @cloud-copilot/iam-simulate, which evaluates identity, resource and VPC endpoint policies as
the IAM user guide's "Policy evaluation logic" says, offline.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from checks.access import training
from checks.access.actions import unasked_actions
from checks.access.matrix import Matrix
from checks.access.operation import Operation
from checks.access.policies import Environment, Policy, Role
from checks.access.workload import Workload
from checks.resolved import Templates
from stacks.settings import Environment as Settings

PROGRAM = Path(__file__).with_name("simulate.mjs")
ALLOWED = "Allowed"
NOWHERE = "arn:aws:logs:{region}:{account}:log-group:nobody-s:log-stream:s"
ANY_TYPE = re.compile(r"(arn(?::[^:]*){4}:)([^/:]*[*?][^/:]*)([/:].*)")
"""An ARN of a policy with a wildcard in the type of its resources, of which the simulator says that it is of none."""
OF_CALLERS = re.compile(r"\$\{|aws:(PrincipalArn|userid|username)", re.IGNORECASE)
"""What tells callers of one account apart in a policy that names none of them."""


@dataclass(frozen=True)
class Assertion:
    """One cell of the matrix: whether a workload may do something, from where it works or, `astray`, from elsewhere."""

    workload: Workload
    operation: Operation
    allowed: bool
    astray: bool = False

    def __str__(self) -> str:
        """Say it in words."""
        verb = "may" if self.allowed else "may not"
        return f"{self.workload.name} {verb} {self.operation.name}{' from outside of the network' * self.astray}"


class Simulation:
    """The assertions about one environment, and what its policies say of them."""

    def __init__(self, settings: Settings, templates: Templates) -> None:
        self.settings = settings
        self.environment = Environment(settings, templates)
        matrix = Matrix(settings)
        self.matrix = list(matrix.workloads())
        self.names = matrix.names(self.environment)
        self.roles = {(role.stack, role.description): role for role in self.environment.roles()}
        self.operations = {operation.name: operation for operation in matrix.operations()}

    def workloads(self) -> list[Workload]:
        """Return the matrix's workloads that the environment has."""
        return [each for each in self.matrix if self._key(each) in self.roles or not each.passing]

    def role(self, workload: Workload) -> Role:
        """Return the role of a workload; raise `LookupError` naming the roles there are when it has none."""
        if self._key(workload) not in self.roles:
            known = "; ".join(f"{stack}: {description}" for stack, description in sorted(self.roles))
            raise LookupError(f"{self.environment.name} has no role for {workload.name!r}. It has: {known}.")
        return self.roles[self._key(workload)]

    def strangers(self) -> list[str]:
        """Roles that the matrix does not know."""
        known = {self._key(workload) for workload in self.matrix}
        return [
            f"{stack}: {description}" for stack, description in sorted(self.roles) if (stack, description) not in known
        ]

    def problems(self) -> list[str]:
        """Return what is wrong before anything is asked: roles, rights, trusts and actions that nobody has judged.

        Studio's roles may run systems of either kind, also where the environment has none of one yet.
        """
        runs = [each for scripted in (False, True) for each in training.executions("any", scripted=scripted)]
        asked = {operation.action for operation in (*self.operations.values(), *runs)}
        unasked = [
            f"{role.stack}: {role.description} may {action}, which no column of the matrix asks"
            for role in self.roles.values()
            for action in unasked_actions(role, asked)
        ]
        strangers = [f"{name} is not in the matrix" for name in self.strangers()]
        return [*strangers, *self.environment.unread(), *self.environment.wrong_trusts(), *unasked]

    def assertions(self) -> list[Assertion]:
        """Return every cell of the matrix; raise `LookupError` for an operation in a row that no column defines.

        Whoever works inside the network and is bound to it may do nothing with the platform's data from outside.
        """
        found = []
        for workload in self.workloads():
            if unknown := workload.may - self.operations.keys():
                raise LookupError(f"{workload.name} may do what is no operation: {', '.join(sorted(unknown))}.")
            found += [
                Assertion(workload, operation, operation.name in workload.may) for operation in self.operations.values()
            ]
            if workload.bound:
                held = (self.operations[name] for name in sorted(workload.may))
                found += [Assertion(workload, each, allowed=False, astray=True) for each in held if each.about_data]
        return found

    def requests(self, assertions: Iterable[Assertion]) -> list[dict[str, Any]]:
        """Return the simulations that answer `assertions`."""
        return [
            self.request(each.workload, each.operation, self.role(each.workload).statements, astray=each.astray)
            for each in assertions
        ]

    def request(
        self,
        workload: Workload,
        operation: Operation,
        statements: Sequence[Policy],
        *,
        astray: bool = False,
        names: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return one simulation: the operation by a workload whose role has `statements`, where it works or astray.

        `names` are of what the operation names beside the matrix's own columns.
        """
        own = {**(names or self.names), "own_log": self._own_log(workload)}
        resource = operation.resource.format(**own)
        context = {
            name: value.format(**own) if isinstance(value, str) else list(value)
            for name, value in operation.context.items()
        }
        ever: dict[str, str | list[str]] = {"aws:SecureTransport": "true"}
        context = ever | {"aws:PrincipalAccount": self.environment.account} | context
        context |= {f"aws:PrincipalTag/{key}": value for key, value in self.role(workload).tags.items()}
        if workload.inside and not astray and operation.about_data:
            context |= {"aws:VpceAccount": self.environment.account}
        foreign = "somebody-elses" in resource
        simulated: dict[str, Any] = {
            "request": {
                "principal": self.role(workload).arn,
                "action": operation.action,
                "resource": {
                    "resource": resource,
                    "accountId": "999999999999" if foreign else self.environment.account,
                },
                "contextVariables": context,
            },
            "identityPolicies": [{"name": "role", "policy": _document(statements)}] if statements else [],
        }
        if policy := self.environment.resource_policy(resource):
            simulated["resourcePolicy"] = policy
        return simulated

    def _own_log(self, workload: Workload) -> str:
        return f"{self.environment.log_of(self.role(workload)) or NOWHERE.format(**self.names)}"

    def _key(self, workload: Workload) -> tuple[str, str]:
        return workload.stack, workload.description.format(environment=self.environment.name)


def simulate(requests: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Return whether each request is allowed; raise `RuntimeError` with the simulator's words when it refuses one.

    Requests that differ in who makes them alone, of whom no policy says anything, are simulated once.
    """
    about = [_about(request) for request in requests]
    names = [_identity(request) for request in about]
    different = dict(zip(names, about, strict=True))
    done = subprocess.run(  # noqa: S603 - our own program
        ["node", str(PROGRAM)],  # noqa: S607 - the venv's own node comes first
        input=json.dumps(list(different.values())),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    found = dict(zip(different, json.loads(done.stdout), strict=True))
    return [found[name] == ALLOWED for name in names]


def _identity(request: Mapping[str, Any]) -> str:
    """Return what tells a request from others: who makes it only where some policy says something of them."""
    asked, given = request["request"], {name: value for name, value in request.items() if name != "request"}
    text, principal = json.dumps(given), asked["principal"]
    anonymous = not isinstance(principal, str)
    if request.get("identityPolicies") or anonymous or principal in text or OF_CALLERS.search(text):
        return json.dumps(request)
    if not (request.get("resourcePolicy") or request.get("vpcEndpointPolicies")):
        return json.dumps([asked["action"], asked["resource"]])
    account = principal.split(":")[4] if principal.startswith("arn:") else principal
    return json.dumps([given, {**asked, "principal": account}])


def _document(statements: Sequence[Policy]) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _about(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a request with what the caller's policies say of its action, under the type of resource that is asked for.

    What they say of other actions changes nothing and takes the simulator most of its time. Of a wildcard in the type
    IAM's guide says that there must be none, Lambda's has one in a policy of its own (`ec2:…:*/*`): it stands for every
    type, so that what the simulator denies is denied either way.
    """
    action, resource = request["request"]["action"], request["request"]["resource"]["resource"]
    asked = re.split("[/:]", resource.split(":", 5)[-1])[0]
    policies = [
        [_with_type(each, asked) for each in policy["policy"]["Statement"] if concerns(each, action)]
        for policy in request["identityPolicies"]
    ]
    return {
        **request,
        "identityPolicies": [
            {"name": "role", "policy": _document(statements)} for statements in policies if statements
        ],
    }


def concerns(statement: Policy, action: str) -> bool:
    """Return whether a statement says something of an action."""
    if "Action" not in statement:
        return True
    given = statement["Action"]
    patterns = [given] if isinstance(given, str) else given
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _with_type(statement: Policy, asked: str) -> Policy:
    if "Resource" not in statement:
        return statement
    given = statement["Resource"]
    named = [_named_type(each, asked) for each in (given if isinstance(given, list) else [given])]
    return {**statement, "Resource": named}


def _named_type(resource: str, asked: str) -> str:
    found = ANY_TYPE.fullmatch(resource)
    return f"{found[1]}{asked}{found[3]}" if found and fnmatchcase(asked, found[2]) else resource
