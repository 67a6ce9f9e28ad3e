"""What holds for the synthesis itself."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FIXTURE = "-m tests.environments"
RULES = {"AwsSolutions", "HIPAA.Security", "Mdlc", "NIST.800.53.R5", "PCI.DSS.321", "Serverless"}


def synthesize(app: str, outdir: Path, context: dict[str, Any], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run an application as the CLI does with `--context sandbox=true`, without credentials."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**kept, "CDK_OUTDIR": str(outdir), "CDK_CONTEXT_JSON": json.dumps(context | {"sandbox": "true"})}
    return subprocess.run(
        [sys.executable, *app.split()],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Templates, asset lists and manifests; the construct tree holds the outdir's own name."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for pattern in ("assembly-*/*.template.json", "assembly-*/*.assets.json", "assembly-*/manifest.json")
        for file in sorted(folder.glob(pattern))
    }


@pytest.mark.slow
def test_two_syntheses_are_byte_identical(outdir: Path, tmp_path: Path, cdk_context: dict[str, Any]) -> None:
    done = synthesize(FIXTURE, tmp_path, cdk_context, PYTHONHASHSEED="7", TZ="Pacific/Auckland")
    assert done.returncode == 0, done.stderr
    first, second = contents(outdir), contents(tmp_path)
    assert first
    assert first == second


def test_no_docker_image_assets_and_no_look_ups(outdir: Path) -> None:
    for manifest_file in outdir.glob("**/manifest.json"):
        assert not json.loads(manifest_file.read_text()).get("missing")
    for assets_file in outdir.glob("assembly-*/*.assets.json"):
        assert not json.loads(assets_file.read_text()).get("dockerImages")


def test_no_open_finding_of_the_security_rules(outdir: Path) -> None:
    reports = json.loads((outdir / "validation-report.json").read_text())["pluginReports"]
    assert {report["pluginName"] for report in reports} == RULES
    for report in reports:
        assert report["conclusion"] == "success", report["pluginName"]
        assert not report.get("violations"), report["violations"]


def test_every_acknowledgment_says_why_in_a_sentence(outdir: Path) -> None:
    reports = json.loads((outdir / "validation-report.json").read_text())["pluginReports"]
    acknowledged = [finding for report in reports for finding in report["suppressedViolations"]]
    assert acknowledged
    for finding in acknowledged:
        assert finding["acknowledgedId"].partition("::")[0] in RULES
        assert finding["acknowledgedAt"].count("/") >= 2, "at the resource, and at no stack or stage"
        assert len(finding["reason"].split()) > 7
        assert finding["reason"].endswith(".")


@pytest.mark.slow
def test_cloudformation_finds_nothing_wrong(tmp_path: Path, cdk_context: dict[str, Any]) -> None:
    assert cdk_context["@aws-cdk/core:validateAgainstDefaultRules"] is True
    done = synthesize(FIXTURE, tmp_path, cdk_context, CDK_VALIDATION="true")
    assert done.returncode == 0, done.stdout + done.stderr
    reports = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    assert {report["pluginName"] for report in reports} == {"CloudFormation Validate", *RULES}
    for report in reports:
        assert not report.get("violations"), report["violations"]
