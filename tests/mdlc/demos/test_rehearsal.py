import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from localcloud.cdk import Cdk, CdkError
from localcloud.lifecycle import LocalCloud, Running
from mdlc.demos import rehearsal
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError, InputError
from mdlc.output import Output
from tests.mdlc.conftest import Mdlc

RUNNING = Running(1, 0.0, 4566, "111111111111", "eu-west-1", "secret")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/network.py").write_text("one")
    (tmp_path / "app.py").write_text("one")
    monkeypatch.setattr(rehearsal, "PROJECT", tmp_path)
    return tmp_path


@pytest.fixture
def synths(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The CDK CLI writes an assembly and remembers how it was called."""
    calls: list[dict[str, Any]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        calls.append({"command": command, **options})
        (Path(command[command.index("--output") + 1]) / "manifest.json").write_text("{}")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("mdlc.demos.rehearsal.subprocess.run", run)
    return calls


def touch_later(path: Path) -> None:
    later = path.stat().st_mtime + 100
    os.utime(path, (later, later))


def test_templates_are_synthesized_once_and_again_after_a_change(project: Path, synths: list[dict[str, Any]]) -> None:
    assembly, log = project / "build/cdk.out", project / "synth.log"
    rehearsal.synthesize(assembly, log)
    rehearsal.synthesize(assembly, log)
    assert len(synths) == 1
    touch_later(project / "stacks/network.py")
    rehearsal.synthesize(assembly, log)
    assert len(synths) == 2


def test_a_source_that_is_gone_is_a_change_too(project: Path, synths: list[dict[str, Any]]) -> None:
    rehearsal.synthesize(project / "build/cdk.out", project / "synth.log")
    (project / "stacks/network.py").unlink()
    touch_later(project / "stacks")
    rehearsal.synthesize(project / "build/cdk.out", project / "synth.log")
    assert len(synths) == 2


def test_synthesis_sees_no_credentials(
    project: Path, synths: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    rehearsal.synthesize(project / "build/cdk.out", project / "synth.log")
    assert not [name for name in synths[0]["env"] if name.startswith("AWS_")]


def test_a_synthesis_that_fails_leaves_no_assembly_to_deploy(
    project: Path, synths: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = subprocess.run

    def fail(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        run(command, **options)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr("mdlc.demos.rehearsal.subprocess.run", fail)
    with pytest.raises(CommandError, match=r"cannot be synthesized: see .*synth\.log"):
        rehearsal.synthesize(project / "build/cdk.out", project / "synth.log")
    assert not (project / "build/cdk.out/manifest.json").exists()
    assert len(synths) == 1


def test_the_environments_account_and_region_are_read_from_its_assembly(tmp_path: Path) -> None:
    (tmp_path / "assembly-staging").mkdir()
    artifacts = {"tree": {"type": "cdk:tree"}, "x": {"environment": "aws://222222222222/eu-north-1"}}
    (tmp_path / "assembly-staging/manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    variables = rehearsal._variables(RUNNING, tmp_path, "staging")  # noqa: SLF001
    assert (variables["AWS_ACCESS_KEY_ID"], variables["AWS_REGION"]) == ("222222222222", "eu-north-1")
    with pytest.raises(InputError, match="There is no environment qa"):
        rehearsal._variables(RUNNING, tmp_path, "qa")  # noqa: SLF001


@pytest.mark.parametrize(
    ("system", "file"),
    [("fraud", "claims.csv"), ("knn", "iris.csv"), ("steps", "census.csv"), ("features", "customer.csv")],
)
def test_data_that_cannot_be_published_stop_the_demo_before_anything_starts(
    mdlc: Mdlc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, file: str
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the local cloud was started")

    monkeypatch.setattr(LocalCloud, "up", never)
    ran = mdlc("demo", system, "--data", str(tmp_path), "--output", str(tmp_path / "out"), "--json")
    assert ran.code == 2
    assert f"has no {file}" in json.loads(ran.stdout)["error"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "dev-images | CREATE_FAILED\n ‣ DeploymentError: AWS::Frob::Thing (X) is refused \nSource: …",
            "AWS::Frob::Thing (X) is refused",
        ),
        (
            """❌  dev-training failed to deploy
‣ DeploymentError: Resource updates failed:
dev/training/FraudModels  (AWS::SageMaker::ModelPackageGroup FraudModels)
  Cannot create already existing model package group
  "arn:aws:sagemaker:eu-west-1:111111111111:model-package-group/dev-fraud".
Source Location: ...jsii runtime, node internals...
                 (no user code in 10 frames, use --stack-trace-limit to capture more)

   CloudTrail delivery can lag up to 15 minutes behind the failure""",
            (
                "Resource updates failed: dev/training/FraudModels (AWS::SageMaker::ModelPackageGroup FraudModels) "
                'Cannot create already existing model package group "arn:aws:sagemaker:eu-west-1:111111111111:'
                'model-package-group/dev-fraud".'
            ),
        ),
        ("Error: no network\n\nmore", "no network"),
        ("first\nlast words", "last words"),
    ],
)
def test_a_deployment_that_fails_says_all_of_the_reason_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, reason: str
) -> None:
    def fail(*_: object) -> None:
        raise CdkError(said)

    monkeypatch.setattr(Cdk, "__call__", fail)
    run = Rehearsal("dev", tmp_path, Output(as_json=True))
    with (tmp_path / "deploy.log").open("w") as log, pytest.raises(CommandError) as told:
        run._cdk({}, log, "deploy", "dev/*")  # noqa: SLF001
    assert str(told.value) == f"cdk deploy failed: {reason} (all of it in {log.name})"
