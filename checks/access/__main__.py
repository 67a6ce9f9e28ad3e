"""python -m checks.access: hold the templates against the matrix, and draw it for a security officer.

Writes build/check/access.html and build/check/access.json, and exits 1 with every cell that is not as it must be.
"""

import json
import sys
from pathlib import Path

from aws_cdk import App
from jinja2 import Environment as Jinja
from jinja2 import FileSystemLoader, select_autoescape

from app import build
from checks.access import passages
from checks.access.mutation import mutations
from checks.access.policies import Environment
from checks.access.simulation import Simulation, simulate
from checks.resolved import Templates
from stacks.environments import ENVIRONMENTS

OUTPUT = Path("build/check")


def synthesized(folder: Path) -> Templates:
    """Synthesize every environment into `folder`, and return the templates by name of their stack."""
    context = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]
    build(App(outdir=str(folder), context=context)).synth()
    found = {}
    for manifest in sorted(folder.glob("assembly-*/manifest.json")):
        for artifact in json.loads(manifest.read_text(encoding="utf-8"))["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                file = manifest.parent / artifact["properties"]["templateFile"]
                found[artifact["properties"]["stackName"]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Check every environment; return the exit status."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    templates = synthesized(OUTPUT / "access.out")
    wrong: list[str] = []
    counts = {"assertions": 0, "denials": 0}
    statements, survivors = 0, []
    for each in ENVIRONMENTS:
        print(f"{each.name}: simulating …", file=sys.stderr)  # noqa: T201 - progress
        environment = Environment(each.name, each.account, templates)
        simulation = Simulation(environment)
        assertions = simulation.assertions()
        told = [(str(said), said.allowed) for said in assertions]
        requests = simulation.requests(assertions)
        for words, passes, request in passages.requests(environment):
            told.append((words, passes))
            requests.append(request)
        found = simulate(requests)
        wrong += [f"{each.name}: {words}" for (words, holds), was in zip(told, found, strict=True) if holds != was]
        wrong += [f"{each.name}: {name} is not in the matrix" for name in simulation.strangers()]
        counts["assertions"] += len(told)
        counts["denials"] += sum(not holds for _, holds in told)
        taken = mutations(simulation)
        statements += len(taken)
        survivors += [f"{each.name}: {mutation.statement}" for mutation in taken if mutation.survives]
    wrong += [f"{survivor}: nobody needs this statement" for survivor in survivors]
    told_all = {**counts, "statements": statements, "survivors": survivors, "wrong": wrong}
    (OUTPUT / "access.json").write_text(json.dumps(told_all, indent=1) + "\n", encoding="utf-8")
    _draw(Simulation(Environment(ENVIRONMENTS[0].name, ENVIRONMENTS[0].account, templates)), counts, wrong)
    for line in wrong:
        print(line)  # noqa: T201 - the result
    print(f"{counts['assertions']} assertions, {counts['denials']} of them denials: {len(wrong)} wrong")  # noqa: T201
    print(f"{statements} statements taken away one at a time, {len(survivors)} of them unnoticed")  # noqa: T201
    return 1 if wrong else 0


def _draw(simulation: Simulation, counts: dict[str, int], wrong: list[str]) -> None:
    folder = Path(__file__).parent
    held = {name for workload in simulation.workloads() for name in workload.may}
    page = Jinja(loader=FileSystemLoader(folder), autoescape=select_autoescape(["html", "jinja"]))
    (OUTPUT / "access.html").write_text(
        page.get_template("access.html.jinja").render(
            workloads=simulation.workloads(),
            never=[operation for name, operation in simulation.operations.items() if name not in held],
            passages=passages.PASSAGES,
            doors=passages.DOORS,
            counts=counts,
            wrong=wrong,
            environment=simulation.environment.name,
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    sys.exit(main())
