"""Who may do what in Studio: the rows of people, each with the rights of their persona, and of what ends it."""

from collections.abc import Iterator

from checks.access.operations import MACHINES, PIPELINES, SYSTEMS
from checks.access.studio import PEOPLE
from checks.access.workload import Workload, workload

STACKS = ("storage", "training", "serving", "knn", "vision", "studio")
SERVED = tuple(system for system in SYSTEMS if system.serving)
DATA_KEY = {
    f"{verb} with the data key{through}" for verb in ("read", "encrypt") for through in ("", " through DynamoDB")
}


def workloads() -> Iterator[Workload]:
    """Yield a row for everybody in Studio, for nobody, and for what ends the domain."""
    packages = {"log in to packages", "install packages", "get a token for packages"}
    experiments = _experiments() | packages
    yield _person("data-scientist", "data scientist", experiments, _files("data-scientist"))
    yield _person("ml-engineer", "ML engineer", experiments, _operates(), _files("ml-engineer"))
    labeled = {f"{verb} the data that is to be labeled" for verb in ("read", "write", "delete", "list")}
    own = _files("annotation-lead") | {"list files of annotation-lead"}
    yield _person("annotation-lead", "annotation lead", labeled, own, packages)
    yield _person("auditor", "auditor", _audits())
    yield workload("studio", "Studio users who are nobody's persona")
    logged = {"write its own log", "trace requests", "send to the dead-letter queue of functions"}
    ended = {f"end the app of {name}" for name in PEOPLE} | {"list apps", "see the state of the stack studio"}
    ends = logged | ended | {"see network interfaces"}
    yield workload("studio", "Ends the apps of Studio with their stack", ends, passing=True)
    deleted = {f"delete the {what} of {name}" for what in ("space", "profile") for name in PEOPLE}
    deleted |= {"describe the domain", "delete the domain"}
    description = "Deletes the Studio domain and all that is in it with their stack"
    yield workload("studio", description, ends, deleted, passing=True)


def _person(name: str, persona: str, *may: set[str]) -> Workload:
    """Return a person, who also has a space of their own."""
    own = {f"{verb} the space of {name}" for verb in ("see", "change")}
    own |= {f"start the app of {name}", f"end the app of {name}", f"tag the app of {name} at its start"}
    own |= {f"open Studio as {name}", "describe the domain", "list apps"}
    own |= {"see the Studio key", "lend the Studio key to AWS services"}
    return workload("studio", f"Studio user {name}, {persona}", own, *may, inside=True)


def _files(name: str) -> set[str]:
    return {f"{verb} files of {name}" for verb in ("read", "write", "delete")} | DATA_KEY


def _experiments() -> set[str]:
    """Return what data scientists do: they publish data, start what stacks define, and read what became of it."""
    may = _sees_runs() | {"list the data bucket", "list the artifacts bucket"}
    for system in SYSTEMS:
        may |= {f"{verb} the published data of {system.name}" for verb in ("read", "write")}
        may |= {f"read the prepared {part} data of {system.name}" for part in system.prepared}
        may |= {f"read the {result} of {system.name}" for result in (*system.results, "checkpoints")}
        may |= {f"{verb} executions of {system.name}" for verb in ("start", "stop")}
    for system in MACHINES:
        may |= {f"{verb} the published scripts of {system.name}" for verb in ("read", "write")}
        may |= {f"see runs of {system.name}"}
    for group in ("customers", "orders"):
        may |= {f"write records of {group}", f"read the history of {group}"}
    may |= {"read the data that is to be labeled"}
    return may | {"record experiments", "open the experiments", "read artifacts of experiments"}


def _operates() -> set[str]:
    """Return what ML engineers do beside: they decide on models, see endpoints and interrupt jobs."""
    may = {f"{verb} a version of {system.name}" for verb in ("approve", "reject") for system in SERVED}
    return (
        _sees_endpoints()
        | may
        | {f"stop {kind} jobs of {s.name}" for kind in ("training", "processing") for s in SYSTEMS}
    )


def _audits() -> set[str]:
    """Return what auditors read: how things are set up and what was done; no data."""
    may = {f"read the template of the stack {stack}" for stack in STACKS}
    may |= {f"read the history of executions of {system.name}" for system in MACHINES}
    return _sees_runs() | _sees_endpoints() | may | {"read the flow logs", "list log groups"}


def _sees_runs() -> set[str]:
    may = {f"see the state of the stack {stack}" for stack in STACKS}
    may |= {f"see executions of {system.name}" for system in (*PIPELINES, *MACHINES)}
    may |= {f"describe {kind} jobs of {system.name}" for kind in ("training", "processing") for system in SYSTEMS}
    may |= {f"list executions of {system.name}" for system in MACHINES}
    may |= {f"see a version of {system.name}" for system in SERVED}
    return may | {"read logs of TrainingJobs", "list versions"}


def _sees_endpoints() -> set[str]:
    may = {f"see {what} of {s.name}" for what in ("the endpoint", "endpoint configurations") for s in SERVED}
    return may | {"list endpoint configurations"}
