"""The fraud system end to end on the local cloud: the main job, and all that may go wrong with it."""

import csv
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localsagemaker.images import Images
from tests.systems.workplace import PROJECT, Done, Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PUBLISHED = Path(os.environ.get("MDLC_FRAUD_DATA", PROJECT.parent / "shared" / "data" / "fraud"))
"""The published claims and customers, where a copy of them lies on this machine."""
STEPS = [
    "DataProcessing",
    "XGBModelTraining",
    "XGBModelEvaluate",
    "CheckFraudDetXGBEvaluation",
    "ModelBiasCheck",
    "ModelExplainabilityCheck",
    "XGBRegisterModel",
]


@pytest.mark.end_to_end
def test_the_demo_leaves_a_prediction_and_both_files(demo: Workplace) -> None:
    folder = demo.folder / "build" / "demo" / "fraud"
    summary = demo.summary("fraud")
    assert all(step["status"] in {"done", "Succeeded"} and step["seconds"] >= 0 for step in summary["steps"])
    assert summary["metrics"]["roc_auc"] >= 0.7
    assert summary["resources"]["created"] > 0
    assert summary["resources"]["refused"] == 0
    [prediction] = summary["prediction"]["response"]["predictions"]
    assert 0 <= prediction["score"] <= 1
    assert demo.done("predict", "fraud", str(folder / "claim.json")) == summary["prediction"]["response"]
    assert summary["setup_seconds"] > 0
    assert summary["run_seconds"] > 0
    page = (folder / "report.html").read_text()
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page), (
        "the report must be readable without a network"
    )
    assert all(step in page for step in STEPS)


@pytest.mark.end_to_end
def test_the_demos_execution_is_a_run_with_its_curves_and_the_figures_of_its_evaluation(demo: Workplace) -> None:
    summary = demo.summary("fraud")
    execution = summary["execution"].rpartition("/")[2]
    assert summary["recorded"] == {"experiment": "dev-fraud", "run": execution}
    run = demo.recorded("fraud", execution)
    assert {name: run["metrics"][name] for name in summary["metrics"]} == summary["metrics"]
    bucket, _, key = run["artifacts"]["evaluation"].removeprefix("s3://").partition("/")
    evaluation = json.loads(demo.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    assert run["metrics"]["roc_auc"] == evaluation["classification_metrics"]["roc_auc"]["value"]
    assert run["parameters"]["num_round"] == run["parameters"]["pipeline.NumRound"] == "300"
    assert run["data_version"] in run["parameters"]["pipeline.InputDataUri"]
    assert run["code_version"] == demo.output("dev-images", "TabularImageUri").rpartition(":")[2]
    best = demo.done("runs", "best", "fraud")
    assert best["value"] >= run["metrics"]["roc_auc"]
    assert run["is_best"] == (best["name"] == execution)


@pytest.mark.end_to_end
def test_every_log_group_has_a_key_and_an_end(demo: Workplace) -> None:
    """Those too that SageMaker would make for jobs and endpoints itself, with neither."""
    assert demo.done("local", "report")["open_log_groups"] == []
    pages = demo.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/sagemaker/")
    found = {group["logGroupName"] for page in pages for group in page["logGroups"]}
    endpoint = f"/aws/sagemaker/Endpoints/{demo.output('dev-serving', 'FraudEndpointName')}"
    assert {"/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs", endpoint} <= found


def test_a_second_demo_updates_and_replaces_nothing(demo: Workplace) -> None:
    before = demo.client("sagemaker").describe_endpoint(EndpointName=demo.output("dev-serving", "FraudEndpointName"))
    again = demo.done("demo", "fraud", timeout=600)
    after = demo.client("sagemaker").describe_endpoint(EndpointName=before["EndpointName"])
    assert again["replaced"] == []
    assert after["CreationTime"] == before["CreationTime"]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    assert demo.versions()[0]["rollout"] == "serving"


DATA = {"generated": Path("build/demo/fraud/data")} | ({"published": PUBLISHED} if PUBLISHED.is_dir() else {})
"""Data sets to run on: the demo's own, and the published one where a copy of it lies on this machine."""


@pytest.mark.parametrize("source", DATA.values(), ids=DATA)
def test_the_data_reach_the_documented_quality(demo: Workplace, source: Path) -> None:
    version = demo.done("data", "publish", "fraud", str(source))["version"]
    assert demo.done("data", "publish", "fraud", str(source))["created"] is False
    before = len(demo.versions())
    assert demo.run_pipeline("--data", version).code == 0
    newest = demo.versions()[0]
    assert len(demo.versions()) == before + 1
    assert newest["metrics"]["roc_auc"] >= 0.78
    assert newest["approval"] == "PendingManualApproval"
    assert newest["rollout"] == "none"


def test_shuffled_labels_fail_at_the_gate_and_register_nothing(demo: Workplace, tmp_path: Path) -> None:
    demo.done("data", "generate", "fraud", str(tmp_path / "shuffled"), "--shuffle-labels")
    version = demo.done("data", "publish", "fraud", str(tmp_path / "shuffled"))["version"]
    before = len(demo.versions())
    ended = demo.run_pipeline("--data", version)
    assert ended.code == 1
    assert "roc_auc" in ended.said
    assert "0.7" in ended.said
    assert len(demo.versions()) == before


@pytest.mark.parametrize(
    ("broken", "named"),
    [("column", "policy_id"), ("missing", "customers.csv"), ("empty", "claims.csv"), ("target", "fraud")],
)
def test_broken_data_fail_with_a_sentence(demo: Workplace, tmp_path: Path, broken: str, named: str) -> None:
    folder = tmp_path / "data"
    demo.done("data", "generate", "fraud", str(folder), "--rows", "500")
    match broken:
        case "column":
            _rewrite(folder / "claims.csv", lambda row: {key: row[key] for key in row if key != "policy_id"})
        case "missing":
            (folder / "customers.csv").unlink()
        case "empty":
            (folder / "claims.csv").write_text("")
        case "target":
            _rewrite(folder / "claims.csv", lambda row: {**row, "fraud": ""})
    prefix = f"fraud/versions/broken-{broken}"
    bucket = demo.output("dev-storage", "DataBucketName")
    for file in folder.iterdir():
        demo.client("s3").upload_file(str(file), bucket, f"{prefix}/{file.name}")
    ended = demo.run_pipeline("-p", f"InputDataUri=s3://{bucket}/{prefix}")
    assert ended.code == 1
    assert "DataProcessing" in ended.said
    assert named in ended.said
    assert "Traceback" not in ended.said


def _rewrite(file: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    with file.open(newline="") as source:
        rows = [change(row) for row in csv.DictReader(source)]
    with file.open("w", newline="") as target:
        writer = csv.DictWriter(target, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_two_runs_at_once_leave_one_endpoint_on_one_approved_version(demo: Workplace) -> None:
    data = demo.done("data", "publish", "fraud", str(DATA["generated"]))["version"]
    started = [demo.done("pipeline", "start", "fraud", "--data", data, "-p", f"Seed={seed}") for seed in (1, 2)]
    for run in started:
        assert demo.mdlc("pipeline", "wait", "fraud", run["execution_id"]).code == 0
    newest = demo.versions()[:2]
    for version in newest:
        demo.mdlc("model", "approve", "fraud", str(version["version"]), "--wait")
    endpoints = demo.client("sagemaker").list_endpoints(NameContains="dev-fraud")["Endpoints"]
    assert [endpoint["EndpointStatus"] for endpoint in endpoints] == ["InService"]
    serving = [version for version in demo.versions() if version["rollout"] == "serving"]
    assert [version["approval"] for version in serving] == ["Approved"]


BROKEN = {
    "Dockerfile": """\
ARG PYTHON_IMAGE=public.ecr.aws/docker/library/python:3.13-slim-bookworm
FROM ${PYTHON_IMAGE}
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true
ENV PYTHONPATH=/opt/program
COPY broken /opt/program/broken
ENTRYPOINT ["python", "-m", "broken"]
""",
    "requirements.txt": "",
    "broken/__main__.py": """\
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(500)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

host, port = os.environ.get("SAGEMAKER_BIND_TO_HOST", "0.0.0.0"), os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")
ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
""",
}
"""An image that is healthy and answers every request with 500."""


def test_a_model_that_answers_5xx_is_rolled_back_and_mdlc_says_so(demo: Workplace, tmp_path: Path) -> None:
    for name, text in BROKEN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    uri = demo.output("dev-images", "TabularImageUri").rpartition(":")[0] + ":broken"
    Images(demo.folder / ".mdlc" / "local" / "images").build(tmp_path, "Dockerfile", uri, print)
    sagemaker = demo.client("sagemaker")
    good = next(version for version in demo.versions() if version["rollout"] == "serving")
    package = sagemaker.describe_model_package(ModelPackageName=good["model_package"])
    inference = package["InferenceSpecification"]
    inference["Containers"] = [{"Image": uri, "ModelDataUrl": inference["Containers"][0]["ModelDataUrl"]}]
    group = package["ModelPackageGroupName"]
    arn = sagemaker.create_model_package(ModelPackageGroupName=group, InferenceSpecification=inference)[
        "ModelPackageArn"
    ]
    endpoint = demo.output("dev-serving", "FraudEndpointName")
    before = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]

    with ThreadPoolExecutor() as pool:
        approval = pool.submit(demo.mdlc, "model", "approve", "fraud", arn.rpartition("/")[-1], "--wait")
        statuses = _ask_until(approval, demo, endpoint)
    approved = approval.result()

    assert approved.code == 1
    assert "rolled back" in approved.said
    assert "rolled-back" in {version["rollout"] for version in demo.versions() if version["model_package"] == arn}
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"] == before
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService"
    assert {200, 424} == set(statuses), "the new fleet failed, and the old one was there to go back to"
    assert {_ask(demo.client("sagemaker-runtime"), endpoint) for _ in range(5)} == {200}


def test_a_prediction_has_the_media_type_asked_for(demo: Workplace) -> None:
    endpoint, row = demo.output("dev-serving", "FraudEndpointName"), ",".join(["0"] * 48)
    for accepted in ("application/json", "text/csv"):
        answer = demo.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Accept=accepted, Body=row
        )
        assert answer["ContentType"].split(";")[0] == accepted


def _ask_until(approval: Future[Done], demo: Workplace, endpoint: str) -> list[int]:
    runtime, statuses = demo.client("sagemaker-runtime"), []
    while not approval.done():
        statuses.append(_ask(runtime, endpoint))
        time.sleep(0.05)
    return statuses


def _ask(runtime: Any, endpoint: str) -> int:
    row = ",".join(["0"] * 48)
    try:
        answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=row)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def test_a_role_without_one_statement_fails_naming_the_action(demo: Workplace) -> None:
    iam, sagemaker = demo.client("iam"), demo.client("sagemaker")
    role = sagemaker.describe_pipeline(PipelineName=demo.output("dev-training", "FraudPipelineName"))["RoleArn"]
    name = role.rsplit("/", 1)[-1]
    [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    action = "sagemaker:CreateTrainingJob"
    less = [statement for statement in whole["Statement"] if action not in _listed(statement["Action"])]
    assert len(less) == len(whole["Statement"]) - 1
    put = {"RoleName": name, "PolicyName": policy}
    iam.put_role_policy(**put, PolicyDocument=json.dumps({**whole, "Statement": less}))
    try:
        ended = demo.run_pipeline()
    finally:
        iam.put_role_policy(**put, PolicyDocument=json.dumps(whole))
    assert ended.code == 1
    assert "AccessDenied" in ended.said
    assert action in ended.said


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_wrong_input_is_refused_with_one_sentence(demo: Workplace, tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("")
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"instances": [{"driver_relationship": "Spouse"}]}))
    for arguments in (
        ("data", "publish", "fraud", str(tmp_path)),
        ("data", "publish", "fraud", str(tmp_path / "nowhere")),
        ("pipeline", "start", "fraud", "-p", "Nonsense=1"),
        ("pipeline", "start", "fraud", "-p", "DeployInstanceCount=0"),
        ("pipeline", "start", "fraud", "--data", "0123456789abcdef"),
        ("predict", "fraud", str(bad)),
        ("predict", "fraud", str(tmp_path / "nowhere.json")),
        ("model", "approve", "fraud", "999"),
        ("demo", "nonsense"),
    ):
        done = demo.mdlc(*arguments)
        assert done.code == 2, (arguments, done)
        assert len([line for line in done.said.splitlines() if line.startswith("mdlc:")]) == 1, done.said


def test_a_copy_of_the_demo_folder_is_another_cloud(demo: Workplace, tmp_path: Path) -> None:
    other = Workplace(tmp_path)
    assert other.done("local", "status") == {"up": False}
    up = other.done("local", "up")
    try:
        assert up["endpoint"] != demo.done("local", "status")["endpoint"]
        assert other.client("sagemaker").list_pipelines()["PipelineSummaries"] == []
    finally:
        assert other.done("local", "down") == {"stopped": True}
        shutil.rmtree(tmp_path / ".mdlc")
