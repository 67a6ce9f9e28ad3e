"""The gates that run inside of a synthesis: CloudFormation's own rules, the packs of cdk-nag, and ours."""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from app import build, target_of
from checks.gates import Found, Gate
from ml_constructs.foundation.acknowledgment import AWS_SOLUTIONS, PACKS, SAME
from ml_rules.packs import NOT_ADOPTED, RulePack, plugins
from ml_rules.templates import Template, read
from stacks.environments import ALL_ENVIRONMENTS

ROOT = Path(__file__).parents[1]
CLOUDFORMATION = "CloudFormation Validate"


@dataclass(frozen=True, order=True)
class Acknowledgment:
    """Findings of `rule` that are accepted at a construct, whichever packs and environments have it."""

    at: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Synthesis:
    """Templates of every environment, what the gates found in them, and what is accepted."""

    gates: tuple[Gate, ...]
    templates: Mapping[str, Template]
    acknowledgments: tuple[Acknowledgment, ...]
    accepted: Mapping[tuple[str, str], str]
    """Why a finding may stay, by the path of its resource within an environment and its rule."""
    left_out: Mapping[str, int]

    @property
    def reasons(self) -> set[tuple[str, str]]:
        """Rules and why each is accepted: a sentence in the code counts once, however many systems it stands for."""
        return {(each.rule, each.reason) for each in self.acknowledgments}


def synthesize(outdir: Path) -> Synthesis:
    """Synthesize every environment into `outdir`, with every rule; `CDK_VALIDATION` must not be off."""
    shutil.rmtree(outdir, ignore_errors=True)
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(outdir=str(outdir), context=context | {"aws:cdk:enable-path-metadata": True})
    guards = plugins(map(target_of, ALL_ENVIRONMENTS))
    begun = time.monotonic()
    refused = ""
    try:
        build(app, ALL_ENVIRONMENTS, guards).synth()
    except RuntimeError as error:  # what jsii makes of a refusal, of which the report says all
        refused = str(error)
    seconds = time.monotonic() - begun
    file = outdir / "validation-report.json"
    if not file.exists():
        raise RuntimeError(f"The synthesis left no report. {refused}")
    reports = json.loads(file.read_text(encoding="utf-8"))["pluginReports"]
    if CLOUDFORMATION not in {report["pluginName"] for report in reports}:
        raise RuntimeError("CloudFormation's own rules did not run: unset CDK_VALIDATION.")
    left_out: dict[str, int] = dict.fromkeys(NOT_ADOPTED, 0)
    for guard in guards:
        if isinstance(guard, RulePack):
            for rule, count in guard.left_out.items():
                left_out[rule] += count
    gates = tuple(_gate(report, seconds / len(reports)) for report in reports)
    return Synthesis(
        gates=gates,
        templates=read(outdir)[0],
        acknowledgments=tuple(sorted({ack for report in reports for ack in _acknowledgments(report)})),
        accepted={
            (found.where.partition("/")[2], short(found.rule)): found.explained
            for gate in gates
            for found in gate.found
            if found.explained
        },
        left_out=left_out,
    )


def short(rule: str) -> str:
    """Return the name of a rule without its pack: `NIST.800.53.R5-LambdaDLQ` -> `LambdaDLQ`."""
    for pack in (AWS_SOLUTIONS, *PACKS):
        rule = rule.removeprefix(f"{pack}-")
    return next((name for name, same in SAME.items() if same == rule), rule)


def _gate(report: Mapping[str, Any], seconds: float) -> Gate:
    found = [
        Found(violation["ruleName"], _where(construct), violation["description"])
        for violation in report.get("violations", [])
        for construct in violation["violatingConstructs"]
    ]
    found += [
        Found(violation["ruleName"], _where(construct), violation["description"], violation["reason"])
        for violation in report.get("suppressedViolations", [])
        for construct in violation["violatingConstructs"]
    ]
    return Gate(report["pluginName"], seconds, sorted(found))


def _acknowledgments(report: Mapping[str, Any]) -> set[Acknowledgment]:
    return {
        Acknowledgment(violation["acknowledgedAt"].partition("/")[2], short(violation["ruleName"]), violation["reason"])
        for violation in report.get("suppressedViolations", [])
    }


def _where(construct: Mapping[str, Any]) -> str:
    return str(construct.get("constructPath") or construct.get("cloudFormationResource", {}).get("logicalId", ""))
