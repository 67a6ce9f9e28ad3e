"""Who there is to ask about: the roles of an environment by what they are for, and those outside of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from checks.access.policies import Policy
from checks.access.simulation import Simulation
from checks.access.trained import Trained
from checks.access.workload import Workload

KINDS: Final = {
    "data scientists": r"Studio user .*, data scientist",
    "ML engineers": r"Studio user .*, ML engineer",
    "annotation leads": r"Studio user .*, annotation lead",
    "auditors": r"Studio user .*, auditor",
    "people without a part": r"Studio users who are nobody's persona",
    "jobs": r"Jobs of the step .*",
    "pipelines": r"Executions of the pipeline .*|State machine .*",
    "checks of runs": r"Refuses execution inputs .*|Decides whether a run .*",
    "models": r"Models behind the endpoint .*",
    "roll-out": r"Rolls approved models out .*",
    "API functions": r"Asks the .* model",
    "logs of the API": r"Writes the logs of API Gateway",
    "feature store": r"Writes the (metadata of features|offline store .*)",
    "MLflow": r"MLflow app .*",
    "recorder": r"Records in MLflow .*",
    "flow logs": r"Writes the flow logs .*",
    "image builds": r"Builds and pushes .*",
    "starter of builds": r"Starts an image build .*",
    "labeling": r"(Creates, describes, lists and stops|Makes tasks of|Carries|Takes back|Takes in objects) .*",
    "reviews": r"(Takes operations on human loops|Sends predictions).*",
    "news of reviews": r"Tells the bus and state machines .*",
    "portal": r"(Hands out tasks|Shows who leads|Signs in people|Serves the page) .*",
    "notices": r"Tells people what failed",
    "keeper of logs": r"Gives the log groups .*",
    "clean-up": r"(Deletes|Ends|Empties|Waits for) .*",
}
"""What roles are for, by how their descriptions read."""
PEOPLE: Final = ("data scientists", "ML engineers", "annotation leads", "auditors", "people without a part")
ANOTHER_ACCOUNT: Final = "999999999999"
EVERYTHING: Final = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
SERVICES: Final = ("codebuild", "lambda", "sagemaker", "states", "vpc-flow-logs")
"""Services that take on roles of the platform, and say for which account."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody who may ask: a role of the environment, or somebody outside of it."""

    kind: str
    name: str
    workload: Workload | None = None
    """Its row in the matrix, if it is a role of the environment."""
    owns: frozenset[str] = frozenset()
    """Names of the systems, features and people whose things are its own."""
    trains: bool = False
    principal: Any = ""
    account: str = ""
    passes: bool = False
    """Whether the call comes from inside of the network, through an endpoint."""


def actors(simulation: Simulation, systems: Sequence[Trained], other: str) -> list[Actor]:
    """Return everybody, `other` being the account of another environment.

    Raise `LookupError` for a role of which nobody has said what it is for.
    """
    return [
        *(_role(workload, simulation, systems) for workload in simulation.workloads()),
        *_outsiders(simulation, other),
    ]


def chosen(everybody: Sequence[Actor], who: Sequence[str]) -> list[Actor]:
    """Return those of some kinds; raise `LookupError` for a kind that there is not.

    "everybody" is every role, another account, another environment and somebody unknown.
    """
    kinds = {actor.kind for actor in everybody} | KINDS.keys() | {"everybody", "roles", "people", "training jobs"}
    if unknown := [kind for kind in who if kind not in kinds]:
        raise LookupError(f"Nobody here is called {unknown[0]!r}: there are {', '.join(sorted(kinds))}.")
    return [actor for actor in everybody if any(_is(actor, kind) for kind in who)]


def _is(actor: Actor, kind: str) -> bool:
    match kind:
        case "everybody":
            return actor.workload is not None or actor.kind in {
                "another account",
                "another environment",
                "nobody known",
            }
        case "roles":
            return actor.workload is not None
        case "people":
            return actor.kind in PEOPLE
        case "training jobs":
            return actor.trains
    return actor.kind == kind


def _role(workload: Workload, simulation: Simulation, systems: Sequence[Trained]) -> Actor:
    description = workload.description.format(environment=simulation.environment.name)
    kind = next((kind for kind, words in KINDS.items() if re.fullmatch(words, description)), None)
    if kind is None:
        raise LookupError(f"Nobody has said what the role {workload.name!r} is for: add it to KINDS in {__name__}.")
    person = re.match(r"Studio user ([^,]+),", description)
    named = {
        s.name for s in systems if workload.stack in (s.training, s.serving) or f"the {s.name} model" in description
    }
    steps = {(s.training, f"Jobs of the step {step.name}") for s in systems for step in s.steps if step.trains}
    return Actor(
        kind=kind,
        name=f"{workload.stack}: {description}",
        workload=workload,
        owns=frozenset({person[1]} if person else named),
        trains=(workload.stack, workload.description) in steps,
    )


def _outsiders(simulation: Simulation, other: str) -> Iterator[Actor]:
    own = simulation.environment.account
    for kind, account in (("another account", ANOTHER_ACCOUNT), ("another environment", other)):
        yield Actor(kind=kind, name=f"{kind}, with every right there", principal=_everything(account), account=account)
    yield Actor(kind="nobody known", name="somebody who has not signed in", principal={"type": "Anonymous"})
    name = "somebody of this account with every right"
    yield Actor(kind="an administrator", name=name, principal=_everything(own), account=own)
    yield Actor(kind="an administrator in the network", name=name, principal=_everything(own), account=own, passes=True)
    yield Actor(
        kind="a stranger's key in the network",
        name="a key of another account, with every right there",
        principal=_everything(ANOTHER_ACCOUNT),
        account=ANOTHER_ACCOUNT,
        passes=True,
    )
    for service in (*SERVICES, "apigateway"):
        kind = "API Gateway for another account" if service == "apigateway" else "AWS services for another account"
        yield Actor(
            kind=kind, name=f"{service}.amazonaws.com, for another account", principal=f"{service}.amazonaws.com"
        )


def _everything(account: str) -> str:
    return f"arn:aws:iam::{account}:role/everything"


def policies_of(actor: Actor) -> list[dict[str, Policy | str]]:
    """Return the policies of somebody outside: every right where they come from, none for services and strangers."""
    return [{"name": "everything", "policy": EVERYTHING}] if actor.account else []
