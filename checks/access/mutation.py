"""Takes every statement of every workload's role away once, to find those that nothing needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks.access.simulation import Simulation, concerns, simulate


@dataclass(frozen=True)
class Mutation:
    """One statement of a role, and what the matrix says that its workload may do and could not do without it."""

    statement: str
    needed_for: Sequence[str]

    @property
    def survives(self) -> bool:
        """Whether nobody would notice that the statement is gone."""
        return not self.needed_for


def mutations(simulation: Simulation) -> list[Mutation]:
    """Take away every statement of an environment's workloads, one at a time.

    Only what it allows an action of can be impossible without it: nothing else is asked.
    """
    needed: dict[str, list[str]] = {}
    asked, requests = [], []
    for workload in simulation.workloads():
        statements = simulation.role(workload).statements
        for index, statement in enumerate(statements):
            rest = [*statements[:index], *statements[index + 1 :]]
            taken = f"{workload.name}, statement {index}: {_describe(statement)}"
            needed[taken] = []
            for operation in (simulation.operations[name] for name in sorted(workload.may)):
                if concerns(statement, operation.action):
                    asked.append((taken, operation.name))
                    requests.append(simulation.request(workload, operation, rest))
    for (taken, name), allowed in zip(asked, simulate(requests), strict=True):
        if not allowed:
            needed[taken].append(name)
    return [Mutation(taken, names) for taken, names in needed.items()]


def _describe(statement: Mapping[str, object]) -> str:
    return f"{statement['Action']} on {statement['Resource']}"
