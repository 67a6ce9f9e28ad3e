import json
from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud.cdk import Cdk, CdkError
from localcloud.console import Running
from localcloud.lifecycle import LocalCloud
from mdlc.client import registry
from mdlc.client.aws import Cloud
from mdlc.client.deployed import Deployed
from mdlc.client.training import Machine, Pipeline, Request
from mdlc.demos import rehearsal, runs, stages
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError, InputError
from mdlc.output import Output
from mdlc.systems import FRAUD
from tests.mdlc.conftest import Mdlc

RUNNING = Running(1, 0.0, 4566, "111111111111", "eu-west-1", "secret")


def test_the_environments_account_and_region_are_read_from_its_assembly(tmp_path: Path) -> None:
    (tmp_path / "assembly-staging").mkdir()
    artifacts = {"tree": {"type": "cdk:tree"}, "x": {"environment": "aws://222222222222/eu-north-1"}}
    (tmp_path / "assembly-staging/manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    variables = rehearsal._variables(RUNNING, tmp_path, "staging")  # noqa: SLF001
    assert (variables["AWS_ACCESS_KEY_ID"], variables["AWS_REGION"]) == ("222222222222", "eu-north-1")
    with pytest.raises(InputError, match="There is no environment qa"):
        rehearsal._variables(RUNNING, tmp_path, "qa")  # noqa: SLF001


def test_a_stack_that_nothing_declares_any_more_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "assembly-dev").mkdir()
    artifacts = {
        "devstorage8AA05FC0.assets": {"type": "cdk:asset-manifest"},
        "devstorage8AA05FC0": {"type": "aws:cloudformation:stack", "properties": {"stackName": "dev-storage"}},
    }
    (tmp_path / "assembly-dev/manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    assert rehearsal.left_behind(tmp_path, "dev", ["dev-storage", "dev-churn"]) == ["dev-churn"]


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("work", "said"),
    [
        (
            lambda on, system: stages.run_pipeline(on, system, "v"),
            "The execution goes on by itself: mdlc pipeline stop fraud -e dev ends it.",
        ),
        (
            lambda on, system: stages.approve(on, system, 1),
            "The roll-out goes on by itself: mdlc model list fraud -e dev shows how it ends.",
        ),
        (
            lambda on, system: runs.train(on, system, Request(comment="a tree")),
            "The execution goes on by itself: mdlc pipeline stop fraud -e dev ends it.",
        ),
    ],
    ids=["pipeline", "roll-out", "run"],
)
def test_who_interrupts_a_demo_is_told_what_goes_on(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    work: Callable[[Rehearsal, Deployed], object],
    said: str,
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for client in (Pipeline, Machine):
        monkeypatch.setattr(client, "start", interrupt)
    monkeypatch.setattr(registry, "approve", interrupt)
    with pytest.raises(KeyboardInterrupt):
        work(Rehearsal("dev", tmp_path, Output(as_json=False)), Deployed(Cloud(), FRAUD, "dev"))
    assert capsys.readouterr().err.splitlines()[-1] == said


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
