"""python -m checks.access: hold the templates against the matrix, and answer what a security officer asks.

Writes access.html, questions.html and access.json to build/check, and exits 1 with every cell and every answer that is
not as it must be, or of which two evaluators say different things.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from aws_cdk import App
from jinja2 import Environment as Jinja
from jinja2 import FileSystemLoader, StrictUndefined

from app import build
from checks import provenance
from checks.access import passages
from checks.access.mutation import mutations
from checks.access.operation import Operation
from checks.access.questions import answers, page, question
from checks.access.second.evaluator import decide
from checks.access.simulation import Simulation, simulate
from checks.access.workload import OF_A_NETWORK
from checks.pages import LOOK
from checks.resolved import Templates
from ml_constructs.studio.persona import Persona
from stacks import environments, settings

OUTPUT = Path("build/check")
DOES = {
    Persona.DATA_SCIENTIST: "Publishes data and scripts, starts and stops runs, reads what they made, uses the feature "
    "store, and records experiments. Approves nothing.",
    Persona.ML_ENGINEER: "Approves and rejects versions of models, reads what they are made of, sees endpoints, and "
    "stops runs and jobs. Publishes and starts nothing.",
    Persona.ANNOTATION_LEAD: "Keeps the data that is to be labeled and its labels, and nothing else of the platform.",
    Persona.AUDITOR: "Reads templates, definitions, what ran, and who reached the buckets; no data. Changes nothing.",
}
"""What each persona is for, in a sentence; the rows say by what rights."""


@dataclass(frozen=True)
class Judgment:
    """How much was asserted of one environment, how many statements were taken away, and what is wrong with it."""

    name: str
    closed: bool
    assertions: int
    denials: int
    statements: int
    survivors: Sequence[str]
    wrong: Sequence[str]


def synthesize_templates(folder: Path, wanted: Iterable[settings.Environment] = environments.ENVIRONMENTS) -> Templates:
    """Synthesize environments into `folder`, and return the templates by name of their stack."""
    context = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]
    build(App(outdir=str(folder), context=context), wanted).synth()
    found = {}
    for manifest in sorted(folder.glob("assembly-*/manifest.json")):
        for artifact in json.loads(manifest.read_text(encoding="utf-8"))["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                file = manifest.parent / artifact["properties"]["templateFile"]
                found[artifact["properties"]["stackName"]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def judge(simulation: Simulation) -> Judgment:
    """Hold an environment against the matrix, and take every statement away once."""
    environment = simulation.environment
    print(f"{environment.name}: simulating …", file=sys.stderr)  # noqa: T201 - progress
    assertions = simulation.assertions()
    told = [(str(said), said.allowed) for said in assertions]
    requests = simulation.requests(assertions)
    for words, passes, request in passages.requests(environment, simulation.names):
        told.append((words, passes))
        requests.append(request)
    found = simulate(requests)
    wrong = [words for (words, holds), was in zip(told, found, strict=True) if holds != was]
    wrong += [
        f"{words}: the evaluators disagree"
        for (words, _), request, was in zip(told, requests, found, strict=True)
        if decide(request).allowed != was
    ]
    wrong += simulation.problems()
    taken = mutations(simulation)
    survivors = [f"{environment.name}: {mutation.statement}" for mutation in taken if mutation.survives]
    return Judgment(
        name=environment.name,
        closed=environment.closed,
        assertions=len(told),
        denials=sum(not holds for _, holds in told),
        statements=len(taken),
        survivors=survivors,
        wrong=[f"{environment.name}: {words}" for words in wrong]
        + [f"{survivor}: nobody needs this statement" for survivor in survivors],
    )


def main() -> int:
    """Check every environment; return the exit status."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    templates = synthesize_templates(OUTPUT / "access.out", environments.ALL_ENVIRONMENTS)
    simulations = [Simulation(each, templates) for each in environments.ALL_ENVIRONMENTS]
    with ThreadPoolExecutor(max_workers=2) as pool:  # which wait for the simulator, a process each
        answered = pool.submit(_answer, next(each for each in simulations if each.settings == environments.PROD))
        judgments = list(pool.map(judge, simulations))
    asked = answered.result()
    told = {
        **{name: sum(getattr(each, name) for each in judgments) for name in ("assertions", "denials", "statements")},
        **{name: [line for each in judgments for line in getattr(each, name)] for name in ("survivors", "wrong")},
    }
    told["wrong"] += [f"{environments.PROD.name}: {line}" for line in answers.describe(asked)]
    told["questions"] = answers.as_json(asked)
    page.write(asked, OUTPUT / "questions.html", environment=environments.PROD.name)
    (OUTPUT / "access.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    _draw(simulations[0], judgments, told["wrong"])
    for line in told["wrong"]:
        print(line)  # noqa: T201 - the result
    print(f"{told['assertions']} assertions, {told['denials']} of them denials: {len(told['wrong'])} wrong")  # noqa: T201
    held = sum(each.holds for each in asked)
    print(f"{len(asked)} questions, {held} of them answered as a bank wants by two evaluators that agree")  # noqa: T201
    print(f"{told['statements']} statements taken away one at a time, {len(told['survivors'])} of them unnoticed")  # noqa: T201
    return 1 if told["wrong"] else 0


def _answer(simulation: Simulation) -> list[answers.Answer]:
    """Answer the questions over the templates of an environment."""
    return answers.answer(simulation, question.read(), other=environments.STAGING.account)


def _resource(simulation: Simulation, operation: Operation) -> str:
    """Return the ARN that an operation is asked of, with the environment's own names."""
    return operation.resource.format(**simulation.names, own_log="its own log group")


def _draw(simulation: Simulation, judgments: Sequence[Judgment], wrong: Sequence[str]) -> None:
    people = simulation.settings.studio.people
    held = {name for workload in simulation.workloads() for name in workload.may}
    page = Jinja(loader=FileSystemLoader([Path(__file__).parent, LOOK]), autoescape=True, undefined=StrictUndefined)
    (OUTPUT / "access.html").write_text(
        page.get_template("access.html.jinja").render(
            workloads=simulation.workloads(),
            of_a_network=OF_A_NETWORK,
            never=[operation for name, operation in simulation.operations.items() if name not in held],
            passages=passages.PASSAGES,
            bucket_requests=passages.BUCKET_REQUESTS,
            judgments=judgments,
            wrong=wrong,
            environment=simulation.environment.name,
            operations=simulation.operations,
            resource=partial(_resource, simulation),
            personas=[
                (persona.value, [name for name, theirs in people.items() if theirs is persona], does)
                for persona, does in DOES.items()
            ],
            made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            commit=provenance.commit(),
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    sys.exit(main())
