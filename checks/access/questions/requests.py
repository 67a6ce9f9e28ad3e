"""The requests that a question asks: each action, on each resource, by each that it names."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.access.matrix import Matrix
from checks.access.operation import Operation
from checks.access.questions.actors import ANOTHER_ACCOUNT, OPEN, Actor, policies_of
from checks.access.questions.question import Ask, QuestionError, Whereabouts, Whose
from checks.access.simulation import Simulation
from stacks.features import TABLES

ALL = re.compile(r"<(\w+)>")
WITH_ACCOUNT = (
    *("application-autoscaling", "cloudtrail", "codeartifact", "codebuild", "config", "ec2", "ecs", "events"),
    *(
        "execute-api",
        "guardduty",
        "lambda",
        "logs",
        "s3",
        "sagemaker",
        "secretsmanager",
        "securityhub",
        "ssm",
        "states",
    ),
    "access-analyzer",
)
"""Services whose ARNs begin with the region and account of the environment: `{logs}` is how they do."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request by one actor, as both evaluators take it."""

    actor: Actor
    action: str
    resource: str
    simulated: Mapping[str, Any]


class Requests:
    """What questions ask of one environment."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        environment = simulation.environment
        matrix = Matrix(simulation.settings)
        place = f"{simulation.settings.region}:{environment.account}"
        self._names = simulation.names | {service: f"arn:aws:{service}:{place}" for service in WITH_ACCOUNT}
        self._names["iam"] = f"arn:aws:iam::{environment.account}"
        self._every = {
            "system": [system.name for system in matrix.systems],
            "served": [system.name for system in matrix.served],
            "scripted": [system.name for system in matrix.systems if system.scripted],
            "piped": [system.name for system in matrix.systems if not system.scripted],
            "person": list(matrix.people),
            "group": [name.lower() for name in TABLES],
            "image": sorted({system.image for system in matrix.systems}),
            "role": [role.arn for role in simulation.roles.values()],
        }

    def of(self, ask: Ask, asked: Sequence[Actor]) -> Iterator[Request]:
        """Yield the requests of `ask` by those who are `asked`; raise `QuestionError` for a thing that there is not."""
        for action, (owner, resource, when) in itertools.product(ask.does, self._things(ask)):
            for actor in asked:
                if _is_asked(actor, owner, ask.whose):
                    operation = Operation("", action, resource, when)
                    simulated = self._request(actor, operation, astray=ask.source is Whereabouts.OUTSIDE)
                    named = simulated["request"]["resource"]["resource"]
                    yield Request(actor=actor, action=action, resource=named, simulated=simulated)

    def _things(self, ask: Ask) -> Iterator[tuple[str, str, Mapping[str, str | Sequence[str]]]]:
        """Yield whose each resource is, how operations name it, and the context of a request for it."""
        for resource in ask.on:
            if not (found := ALL.search(resource)):
                yield "", resource, ask.when
                continue
            if found[1] not in self._every:
                raise QuestionError(f"<{found[1]}> stands for nothing: there are {', '.join(sorted(self._every))}.")
            for each in self._every[found[1]]:
                when = {
                    key: value.replace(found[0], each) if isinstance(value, str) else value
                    for key, value in ask.when.items()
                }
                yield each, resource.replace(found[0], each), when

    def _request(self, actor: Actor, operation: Operation, *, astray: bool) -> dict[str, Any]:
        simulation = self._simulation
        if actor.workload:
            statements = simulation.role(actor.workload).statements
            request = simulation.request(actor.workload, operation, statements, astray=astray, names=self._names)
        else:
            request = self._of_outsider(actor, operation)
        if operation.action == "sts:AssumeRole" and (trust := simulation.environment.trust(_resource(request))):
            request["resourcePolicy"] = trust
        return request

    def _of_outsider(self, actor: Actor, operation: Operation) -> dict[str, Any]:
        simulation, own = self._simulation, self._simulation.environment.account
        resource = operation.resource.format(**self._names)
        foreign = "somebody-elses" in resource or ANOTHER_ACCOUNT in resource
        owner = ANOTHER_ACCOUNT if foreign else own
        context = {
            key: value.format(**self._names) if isinstance(value, str) else list(value)
            for key, value in operation.context.items()
        }
        service = isinstance(actor.principal, str) and actor.principal.endswith(".amazonaws.com")
        context |= {"aws:SourceAccount": ANOTHER_ACCOUNT} if service else {}
        context |= {"aws:PrincipalAccount": actor.account} if actor.account else {}
        context |= {"aws:ResourceAccount": owner} if actor.passes else {}
        request: dict[str, Any] = {
            "request": {
                "principal": actor.principal,
                "action": operation.action,
                "resource": {"resource": resource, "accountId": owner},
                "contextVariables": {"aws:SecureTransport": "true", **context},
            },
            "identityPolicies": policies_of(actor),
        }
        if policy := OPEN if actor.passes else simulation.environment.resource_policy(resource):
            request["resourcePolicy"] = policy
        if actor.passes:
            endpoint = simulation.environment.endpoint_policy(operation.action)
            request["vpcEndpointPolicies"] = [{"name": "endpoint", "policy": endpoint}]
        return request


def _resource(request: Mapping[str, Any]) -> str:
    return str(request["request"]["resource"]["resource"])


def _is_asked(actor: Actor, owner: str, whose: Whose) -> bool:
    match whose:
        case Whose.OWN:
            return owner in actor.owns
        case Whose.ANOTHERS:
            return owner not in actor.owns
    return True
