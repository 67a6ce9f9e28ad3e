"""k-NN on Iris end to end on the local cloud: the published figures over HTTP, bad input, and the clean-up."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from localcloud.cdk import Cdk
from localcloud.console import execute_api_url
from mdlc.client.aws import Cloud
from mdlc.demos.rehearsal import ASSEMBLY
from tests.systems.workplace import Done, Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def run(here: Workplace, *arguments: str) -> Done:
    started = here.done("pipeline", "start", "knn", *arguments)
    return here.mdlc("pipeline", "wait", "knn", started["execution_id"])


def publish(here: Workplace, folder: Path) -> str:
    version: str = here.done("data", "publish", "knn", str(folder))["version"]
    return version


@pytest.mark.end_to_end
def test_the_demo_has_the_published_figures_over_http(demo: Workplace) -> None:
    folder = demo.folder / "build" / "demo" / "knn"
    summary = demo.summary("knn")
    assert all(step["status"] in {"done", "Succeeded"} and step["seconds"] >= 0 for step in summary["steps"])
    assert summary["over_http"] == {
        "rows": 38,
        "accuracy": 0.9736842105263158,
        "macro_f1": 0.97170347,
        "confusion_matrix": [[13, 0, 0], [0, 15, 1], [0, 0, 9]],
    }
    assert summary["metrics"]["accuracy"] == 0.9736842105263158
    assert summary["metrics"]["macro_f1"] == pytest.approx(0.97170347, abs=3e-8)  # published in single precision
    assert summary["resources"]["created"] > 0
    assert summary["resources"]["refused"] == 0
    [prediction] = summary["prediction"]["response"]["predictions"]
    assert prediction.keys() == {"predicted_label", "distances", "labels"}
    assert summary["prediction"]["path"] == "knn/predictions"
    page = (folder / "report.html").read_text()
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page)
    assert "0.97170347" in page


@pytest.mark.end_to_end
def test_the_demos_execution_is_a_run_in_mlflow(demo: Workplace) -> None:
    summary = demo.summary("knn")
    assert summary["recorded"]["experiment"] == "dev-knn"
    run = demo.recorded("knn", summary["recorded"]["run"])
    assert run["metrics"]["accuracy"] == run["metrics"]["test:accuracy"] == 0.9736842105263158
    assert (run["parameters"]["k"], run["is_best"]) == ("1", True)


def test_a_second_demo_updates_the_endpoint(demo: Workplace) -> None:
    before = demo.client("sagemaker").describe_endpoint(EndpointName="dev-knn")
    again = demo.done("demo", "knn", timeout=600)
    after = demo.client("sagemaker").describe_endpoint(EndpointName="dev-knn")
    assert again["replaced"] == []
    assert after["CreationTime"] == before["CreationTime"]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]


def test_the_test_channels_scores_are_the_jobs_metrics(demo: Workplace) -> None:
    sagemaker = demo.client("sagemaker")
    newest = sagemaker.list_training_jobs(NameContains="KnnTraining", SortBy="CreationTime", SortOrder="Descending")
    job = sagemaker.describe_training_job(TrainingJobName=newest["TrainingJobSummaries"][0]["TrainingJobName"])
    metrics = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
    assert metrics["test:accuracy"] == pytest.approx(0.9736842105263158)
    assert metrics["test:macro_f1"] == pytest.approx(0.97170347, abs=1e-7)


def test_fast_file_mode_gives_the_same_model_and_pipe_mode_is_refused_by_name(demo: Workplace) -> None:
    version = publish(demo, demo.folder / "build" / "demo" / "knn" / "data")
    assert run(demo, "--data", version, "-p", "TrainingInputMode=FastFile").code == 0
    refused = run(demo, "--data", version, "-p", "TrainingInputMode=Pipe")
    assert refused.code == 1
    assert "TrainingInputMode Pipe is not provided locally" in refused.said


@pytest.mark.end_to_end
def test_predict_asks_the_api_and_passes_its_refusal_on(demo: Workplace, tmp_path: Path) -> None:
    question = tmp_path / "iris.json"
    question.write_text('{"instances": [[5.1, 3.5, 1.4, 0.2], {"features": [6.3, 2.9, 5.6, 1.8]}]}')
    answer = demo.done("predict", "knn", str(question))
    assert answer == {"predictions": [{"predicted_label": 0.0}, {"predicted_label": 2.0}]}
    question.write_text('{"instances": [[5.1]]}')
    refused = demo.mdlc("predict", "knn", str(question))
    assert refused.code == 2
    assert "The API answered 400: Row 1 has 1 columns: the model takes 4 features." in refused.said


def test_the_api_takes_what_is_signed_and_valid(demo: Workplace) -> None:
    cloud, api = Cloud(demo.variables), demo.output("dev-api", "ApiUrl")

    def post(body: bytes, content_type: str) -> tuple[int, dict[str, Any]]:
        answer = cloud.post(api, "knn/predictions", body, content_type, "application/json")
        return answer.status, json.loads(answer.body)

    assert post(b"5.1,3.5,1.4,0.2\n", "text/csv") == (200, {"predictions": [{"predicted_label": 0.0}]})
    for body, content_type, status, code in (
        (b'{"instances": []}', "application/json", 400, "invalid_body"),
        (b"\x89PNG", "image/png", 415, "unsupported_media_type"),
        (b"5.1,x,1.4,0.2\n", "text/csv", 400, "bad_input"),
    ):
        refused, answer = post(body, content_type)
        assert (refused, answer["error"]["code"]) == (status, code)
    with pytest.raises(HTTPError) as unsigned:
        urlopen(Request(execute_api_url(f"{api}knn/predictions", cloud.endpoint or ""), b"5.1,3.5,1.4,0.2"))
    assert unsigned.value.code == 403


def test_shuffled_labels_fail_at_the_gate_and_register_nothing(demo: Workplace, tmp_path: Path) -> None:
    before = len(demo.done("model", "list", "knn")["versions"])
    demo.done("data", "generate", "knn", str(tmp_path / "shuffled"), "--shuffle-labels")
    ended = run(demo, "--data", publish(demo, tmp_path / "shuffled"))
    assert ended.code == 1
    assert "is below the gate 0.9: nothing was registered" in ended.said
    assert len(demo.done("model", "list", "knn")["versions"]) == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "iris.csv is empty"),
        ("species,a,b,c,d\n0,1,2,3,4\n", "iris.csv is not a headerless CSV of numbers"),
        ("5.1,3.5,1.4\n4.9,3,1.4\n4.7,3.2,1.3\n4.6,3.1,1.5\n", "is the label column missing?"),
        ("0,1,2,3,4\n" * 8, "has the label 0 only"),
        ("nan,1,2,3,4\n" * 8, "row 1, column 1: the number is not finite"),
    ],
    ids=["empty", "header", "no-label", "one-class", "nan-target"],
)
def test_bad_data_fail_with_a_sentence(demo: Workplace, tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "iris.csv").write_text(content)
    bucket, key = demo.output("dev-storage", "DataBucketName"), f"knn/versions/bad-{tmp_path.name}"
    demo.client("s3").upload_file(str(tmp_path / "iris.csv"), bucket, f"{key}/iris.csv")
    ended = run(demo, "-p", f"InputDataUri=s3://{bucket}/{key}")
    assert ended.code == 1
    assert sentence in ended.said


def test_a_version_that_somebody_added_to_trains_nothing(demo: Workplace, tmp_path: Path) -> None:
    """Conditional writes stop who overwrites, and not who adds a file to a version."""
    demo.done("data", "generate", "knn", str(tmp_path / "data"))
    with (tmp_path / "data/iris.csv").open("a") as file:
        file.write("0,5.1,3.5,1.4,0.2\n")
    version = publish(demo, tmp_path / "data")
    bucket, key = demo.output("dev-storage", "DataBucketName"), f"knn/versions/{version}/more.csv"
    demo.client("s3").put_object(Bucket=bucket, Key=key, Body=b"1,5.1,3.5,1.4,0.2\n" * 1000, IfNoneMatch="*")
    ended = run(demo, "--data", version)
    assert ended.code == 1
    assert f"the data is not what was published as version {version}: more.csv is new" in ended.said


def test_a_wrong_parameter_and_a_wrong_k_are_refused(demo: Workplace) -> None:
    wrong = demo.mdlc("pipeline", "start", "knn", "-p", "Neighbours=3")
    assert wrong.code == 2
    assert "has no parameter Neighbours" in wrong.said
    ended = run(demo, "--data", publish(demo, demo.folder / "build" / "demo" / "knn" / "data"), "-p", "K=113")
    assert ended.code == 1
    assert "hyperparameter k is 113, and the index has 112 rows only" in ended.said


def test_the_clean_up_deletes_endpoint_configuration_and_model(demo: Workplace) -> None:
    sagemaker = demo.client("sagemaker")
    assert sagemaker.list_models(NameContains="dev-knn")["Models"]
    lines: list[str] = []
    cdk = Cdk(demo.variables, assembly=demo.folder / ASSEMBLY, log=lines.append)
    cdk("destroy", "dev/knn")
    with pytest.raises(ClientError, match="Could not find endpoint"):
        sagemaker.describe_endpoint(EndpointName="dev-knn")
    assert sagemaker.list_endpoint_configs(NameContains="dev-knn")["EndpointConfigs"] == []
    assert sagemaker.list_models(NameContains="dev-knn")["Models"] == []
    assert sagemaker.describe_endpoint(EndpointName="dev-fraud")["EndpointStatus"] == "InService"
