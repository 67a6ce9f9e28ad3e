"""MLflow apps over the wire: templates, signed requests, IAM, and MLflow's own unmodified client."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from experiments.signing import SignedTransport
from experiments.tracking import Tracking, TrackingError
from localcloud.console import Running
from mdlc.client.aws import Cloud
from mdlc.commands.runs import client_variables

pytestmark = pytest.mark.slow

CLIENT = """
import mlflow
mlflow.set_experiment("by-hand")
with mlflow.start_run(run_name="first", tags={"comment": "by hand"}) as run:
    mlflow.log_params({"eta": 0.1})
    for step, loss in enumerate([0.5, 1e-05, float("nan")]):
        mlflow.log_metric("loss", loss, step=step)
[found] = mlflow.MlflowClient().search_runs([run.info.experiment_id], "params.eta = '0.1'")
assert found.info.status == "FINISHED", found
assert [point.value for point in mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")][:2] == [0.5, 1e-05]
assert found.info.artifact_uri.startswith("s3://store/mlflow/")
"""


def test_a_template_makes_an_app_that_clients_use_and_iam_guards(
    aws: Callable[..., Any],
    deploy: Callable[..., Any],
    role: Callable[..., Any],
    running: Running,
) -> None:
    app = {
        "Name": "mine",
        "ArtifactStoreUri": "s3://store/mlflow",
        "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
    }
    resources = {
        "Role": role("sagemaker.amazonaws.com", ("s3:ListBucket", "*")),
        "App": {"Type": "AWS::SageMaker::MlflowApp", "Properties": app},
    }
    outputs = {"MlflowAppArn": {"Fn::GetAtt": ["App", "Arn"]}}
    stack = deploy(resources, **outputs)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    arn = stack["Outputs"]["MlflowAppArn"]

    root = boto3.Session(running.account, running.secret, region_name=running.region)
    tracking = Tracking(SignedTransport(root, arn, running.endpoint))
    assert tracking.experiment("by-hand") is None
    aws("iam").create_user(UserName="mlflow-stranger")
    key = aws("iam").create_access_key(UserName="mlflow-stranger")["AccessKey"]
    nobody = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=running.region)
    with pytest.raises(TrackingError, match="not authorized to perform: sagemaker:CallMlflowAppApi"):
        Tracking(SignedTransport(nobody, arn, running.endpoint)).experiments()

    class Deployed(Cloud):
        def output(self, environment: str, name: str, what: str) -> str:
            assert (environment, name, what) == ("dev", "MlflowAppArn", "MLflow app that records runs")
            return str(arn)

    variables = client_variables(Deployed(running.environment()), "dev")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MLFLOW_"))}
    done = subprocess.run(
        [sys.executable, "-c", CLIENT],
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    wrong = subprocess.run(
        [sys.executable, "-c", "import mlflow; mlflow.search_experiments()"],
        env=environment | variables | {"MLFLOW_TRACKING_PASSWORD": "guessed", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert wrong.returncode == 1
    assert "UNAUTHENTICATED" in wrong.stderr
    experiment = tracking.experiment("by-hand")
    assert experiment is not None
    [run] = tracking.runs([experiment.id])
    assert (run.name, run.parameters, run.tags["comment"]) == ("first", {"eta": "0.1"}, "by hand")

    app["ArtifactStoreUri"] = "s3://store/elsewhere"
    changed = deploy(resources, stack["StackName"], **outputs)
    assert changed["Outputs"]["MlflowAppArn"] == arn
    assert aws("sagemaker").describe_mlflow_app(Arn=arn)["ArtifactStoreUri"] == "s3://store/elsewhere"
