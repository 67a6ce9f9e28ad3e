"""`make check`: run every gate, and end with 1 where a finding is unexplained."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from app import target_of
from checks import corpus, provenance, tools
from checks.access.__main__ import synthesize_templates
from checks.gates import Found, Gate
from checks.image_recipes import image_recipes
from checks.report import Check, Planted, write
from checks.synthesis import ROOT, Synthesis, synthesize
from checks.upgrade.losses import upgrade
from checks.vectors import coverage
from ml_rules.catalogue import find_undecided, findings
from ml_rules.templates import Template, Templates
from stacks.environments import ALL_ENVIRONMENTS
from stacks.settings import Environment

OUT = ROOT / "build" / "check"
CONSOLE = Console(highlight=False)


def main(files: list[str]) -> int:
    """Run every gate, or our own rules over `files`; return 0 when all pass."""
    if files:
        return judge(files)
    os.environ.pop("CDK_VALIDATION", None)
    begun = time.monotonic()
    OUT.mkdir(parents=True, exist_ok=True)
    CONSOLE.print("synthesizing every environment, with the rules that guard it …")
    synthesis = synthesize(OUT / "cdk.out")
    for gate in synthesis.gates:
        _print_gate(gate)
    gates = [*synthesis.gates, *_run_tools(synthesis)]
    CONSOLE.print("planting defects …")
    planted = plant(synthesis)
    file = OUT / "access.json"
    access = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    check = Check(gates, synthesis, coverage(), planted, access, time.monotonic() - begun, provenance.read())
    write(check, OUT)
    _print_summary(check)
    return 0 if check.passed else 1


def judge(files: list[str]) -> int:
    """Print what our own rules find in the templates `files`, taken as one application; return 0 when it is nothing.

    What nobody has judged, and so no rule can, is printed after it: it is a finding in templates of ours alone.
    """
    templates = {}
    for name in files:
        try:
            templates[Path(name).name.partition(".")[0]] = json.loads(Path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            CONSOLE.print(f"{name} is no template in JSON: {error}", markup=False, soft_wrap=True)
            return 2
    judged = Templates(templates, tuple(map(target_of, ALL_ENVIRONMENTS)))
    found = list(findings(judged))
    for finding in found:
        CONSOLE.print(f"{finding.rule} {finding.resource.path}: {finding.message}", markup=False, soft_wrap=True)
    unjudged = list(find_undecided(judged))
    for finding in unjudged:
        words = f"cannot be judged: {finding.resource.path}: {finding.message}"
        CONSOLE.print(words, markup=False, soft_wrap=True)
    CONSOLE.print(f"{len(found)} findings in {len(templates)} templates, {len(unjudged)} things that cannot be judged")
    return 1 if found else 0


def plant(synthesis: Synthesis) -> Planted:
    """Plant every defect of the corpus that the environments have a place for, and look for it with our own rules."""
    environments = tuple(map(target_of, ALL_ENVIRONMENTS))
    found: dict[str, set[str]] = {}
    missed = []
    for defect in corpus.defects():
        if not corpus.can_be_planted(defect, synthesis.templates):
            continue
        rules = corpus.find_with_own_rules(defect, synthesis.templates, environments)
        if rules:
            found[defect.name] = rules
        else:
            missed.append(defect)
    alarms = [
        f"{finding.rule} at {finding.resource.logical_id} of {name}"
        for name, base in corpus.bases().items()
        for finding in findings(Templates({name: base}))
    ]
    return Planted(found, missed, alarms)


def _run_tools(synthesis: Synthesis) -> list[Gate]:
    folder = OUT / "templates"
    tools.write(synthesis.templates, folder)
    (OUT / "access.json").unlink(missing_ok=True)
    explanations = tools.Explanations(synthesis.accepted)
    gates: dict[str, Callable[[], Iterable[Found]]] = {
        "cfn-lint": lambda: tools.cfn_lint(folder, explanations),
        "checkov": lambda: tools.checkov(folder, explanations),
        "parliament": lambda: tools.parliament(Templates(synthesis.templates), OUT / "policies", explanations),
        "detect-secrets": tools.detect_secrets,
        "bandit": tools.bandit,
        "hadolint": tools.hadolint,
        "image recipes": lambda: image_recipes(ROOT),
        "access matrix": lambda: tools.access_matrix(OUT),
        "upgrade": lambda: upgrade(synthesis.templates, ALL_ENVIRONMENTS, _synthesize_anew),
    }
    CONSOLE.print(f"running {', '.join(gates)} …")
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {pool.submit(_judge, name, judge): name for name, judge in gates.items()}
        done = {}
        for future in as_completed(running):
            done[running[future]] = future.result()
            _print_gate(done[running[future]])
    return [done[name] for name in gates]


def _synthesize_anew(environments: Sequence[Environment]) -> Mapping[str, Template]:
    with TemporaryDirectory() as folder:
        return synthesize_templates(Path(folder), environments)


def _judge(name: str, judge: Callable[[], Iterable[Found]]) -> Gate:
    begun = time.monotonic()
    try:
        found = sorted(judge())
    except subprocess.TimeoutExpired as error:
        words = f"It was ended after {error.timeout:.0f} seconds: run make check again when the machine has less to do."
        return Gate(name, time.monotonic() - begun, failure=words)
    except (RuntimeError, OSError, KeyError) as error:
        return Gate(name, time.monotonic() - begun, failure=f"{type(error).__name__}: {error}")
    return Gate(name, time.monotonic() - begun, found)


def _print_gate(gate: Gate) -> None:
    colour = "green" if gate.status == "passed" else "red"
    explained = len(gate.found) - len(gate.open)
    CONSOLE.print(
        f"  [{colour}]{gate.status:6}[/] {gate.name:24} {len(gate.open):4} open {explained:4} explained "
        f"{gate.seconds:7.1f} s"
    )
    for found in gate.open[:10]:
        CONSOLE.print(f"         {found.rule} {found.where}: {found.message}", markup=False, soft_wrap=True)
    if gate.failure:
        CONSOLE.print(f"         {gate.failure}", markup=False)


def _print_summary(check: Check) -> None:
    summary = check.as_json()
    planted, controls = summary["planted"], summary["controls"]
    CONSOLE.print(
        f"controls {controls['covered']} of {controls['total']}, planted defects {planted['found']} of "
        f"{planted['total']}, false alarms {planted['false_alarms']}, acknowledgments {summary['acknowledgments']}"
    )
    for name in planted["missed"]:
        CONSOLE.print(f"  not found: {name}")
    report = Path(os.path.relpath(OUT / "report.html"))
    CONSOLE.print(f"{summary['status']} in {summary['seconds']} s: {report}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
