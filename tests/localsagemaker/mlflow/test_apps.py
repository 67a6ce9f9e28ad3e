"""MLflow apps: their operations, and who may call their API."""

import json
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.mlflow.apps import ApiRequest
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, ROLE, Call, FakeHost

APP = {"Name": "dev-experiments", "ArtifactStoreUri": "s3://artifacts/mlflow", "RoleArn": ROLE}


def test_an_app_is_made_described_listed_changed_and_deleted(call: Call) -> None:
    arn = call("CreateMlflowApp", **APP)["Arn"]
    assert arn.startswith("arn:aws:sagemaker:eu-west-1:111111111111:mlflow-app/app-")
    shown = call("DescribeMlflowApp", Arn=arn)
    assert (shown["Name"], shown["Status"], shown["ArtifactStoreUri"]) == (
        "dev-experiments",
        "Created",
        "s3://artifacts/mlflow",
    )
    assert shown["MlflowVersion"].startswith("3.")
    assert [each["Arn"] for each in call("ListMlflowApps", Status="Created")["Summaries"]] == [arn]
    assert call("ListMlflowApps", Status="Deleting")["Summaries"] == []
    call("UpdateMlflowApp", Arn=arn, WeeklyMaintenanceWindowStart="Mon:03:00")
    assert call("DescribeMlflowApp", Arn=arn)["Status"] == "Updated"
    assert call("DeleteMlflowApp", Arn=arn) == {"Arn": arn}
    with pytest.raises(ServiceError, match="does not exist"):
        call("DescribeMlflowApp", Arn=arn)


@pytest.mark.parametrize("change", [{"Name": "-x"}, {"ArtifactStoreUri": "ftp://b"}, {"RoleArn": ROLE + "-gone"}])
def test_an_app_that_cannot_be_is_refused(call: Call, change: dict[str, Any]) -> None:
    with pytest.raises(ServiceError):
        call("CreateMlflowApp", **{**APP, **change})


def test_there_is_no_user_interface_and_the_refusal_says_where_there_is_one(call: Call) -> None:
    arn = call("CreateMlflowApp", **APP)["Arn"]
    with pytest.raises(ServiceError, match=r"uvx mlflow==3.* ui --backend-store-uri sqlite:///.*\.db"):
        call("CreatePresignedMlflowAppUrl", Arn=arn)


def test_calling_the_api_needs_the_one_action_on_the_app(sagemaker: SageMaker, call: Call, host: FakeHost) -> None:
    arn = call("CreateMlflowApp", **APP)["Arn"]
    request = ApiRequest(arn, "POST", "/api/2.0/mlflow/experiments/search", {}, b'{"max_results": 1}')
    host.denied.add("sagemaker:CallMlflowAppApi")
    with pytest.raises(ServiceError, match="CallMlflowAppApi"):
        sagemaker.mlflow_apps.call(request, ADMIN)


@pytest.mark.slow
def test_each_app_has_experiments_of_its_own_and_lists_artifacts_as_its_role_sees_them(
    sagemaker: SageMaker, call: Call, host: FakeHost
) -> None:
    first, second = (call("CreateMlflowApp", **{**APP, "Name": name})["Arn"] for name in ("one", "two"))

    def ask(app: str, method: str, path: str, query: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
        request = ApiRequest(app, method, f"/api/2.0/mlflow/{path}", query or {}, json.dumps(members).encode())
        status, body = sagemaker.mlflow_apps.call(request, ADMIN)
        assert status == 200, body
        answer: dict[str, Any] = json.loads(body)
        return answer

    experiment = ask(first, "POST", "experiments/create", name="mine")["experiment_id"]
    assert {each["name"] for each in ask(second, "POST", "experiments/search", max_results=9)["experiments"]} == {
        "Default"
    }
    run = ask(first, "POST", "runs/create", experiment_id=experiment, start_time=1)["run"]["info"]
    assert run["artifact_uri"] == f"s3://artifacts/mlflow/{experiment}/{run['run_id']}/artifacts"
    host.s3.content |= {f"{run['artifact_uri']}/model/a.bin": b"123", f"{run['artifact_uri']}/report.json": b"{}"}
    assert ask(first, "GET", "artifacts/list", {"run_id": [run["run_id"]]})["files"] == [
        {"path": "model", "is_dir": True},
        {"path": "report.json", "is_dir": False, "file_size": 2},
    ]
    call("DeleteMlflowApp", Arn=first)
    with pytest.raises(ServiceError, match="does not exist"):
        ask(first, "POST", "experiments/search")


@pytest.mark.slow
def test_wrong_requests_get_mlflows_own_errors(sagemaker: SageMaker, call: Call) -> None:
    arn = call("CreateMlflowApp", **APP)["Arn"]
    for method, path, body, status, code in (
        ("POST", "experiments/create", b"{", 400, "BAD_REQUEST"),
        ("POST", "experiments/create", b"{}", 400, "INVALID_PARAMETER_VALUE"),
        ("POST", "runs/create", b'{"experiment_id": [1]}', 400, "INVALID_PARAMETER_VALUE"),
        ("POST", "runs/search", b'{"experiment_ids": ["0"], "filter": "x"}', 400, "INVALID_PARAMETER_VALUE"),
        ("GET", "runs/get", b"", 400, "INVALID_PARAMETER_VALUE"),
        ("POST", "logged-models", b"{}", 404, "ENDPOINT_NOT_FOUND"),
    ):
        answered, said = sagemaker.mlflow_apps.call(ApiRequest(arn, method, f"/api/2.0/mlflow/{path}", {}, body), ADMIN)
        assert (answered, json.loads(said)["error_code"]) == (status, code), path
