"""Lifecycle scripts run when something starts, and fail what they belong to."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from localsagemaker.studio.machine import Ended, MachineCopy, Script
from localsagemaker.studio.scripts import NOT_RUN
from tests.localsagemaker.fakes import ROLE, Call, FakeHost
from tests.localsagemaker.studio.bench import DOMAIN, app, domain, profile, settled, space

NOTEBOOK = {"NotebookInstanceName": "lab", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
CONFIG_ARN = "arn:aws:sagemaker:eu-west-1:111111111111:notebook-instance-lifecycle-config/setup"
NOTEBOOK_ARN = "arn:aws:sagemaker:eu-west-1:111111111111:notebook-instance/lab"


class Runs(list[Script]):
    """Scripts that ran; `ended` is how the next ones end."""

    ended: Ended | None = Ended(0, ("hello",))


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs()

    def run(_: MachineCopy, script: Script, environment: Mapping[str, str]) -> Ended | None:
        del environment
        made.append(script)
        return made.ended

    monkeypatch.setattr(MachineCopy, "run", run)
    return made


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def notebook(call: Call) -> dict[str, Any]:
    hooks = {hook: [{"Content": encoded(hook)}] for hook in ("OnCreate", "OnStart")}
    call("CreateNotebookInstanceLifecycleConfig", NotebookInstanceLifecycleConfigName="setup", **hooks)
    call("CreateNotebookInstance", **NOTEBOOK, LifecycleConfigName="setup")
    return shown(call)


def shown(call: Call) -> dict[str, Any]:
    settled(call, "DescribeNotebookInstance", "NotebookInstanceStatus", NotebookInstanceName="lab")
    return call("DescribeNotebookInstance", NotebookInstanceName="lab")


def test_an_instance_runs_one_script_when_it_is_made_and_one_at_every_start(
    call: Call, host: FakeHost, runs: Runs
) -> None:
    assert notebook(call)["NotebookInstanceStatus"] == "InService"
    call("StopNotebookInstance", NotebookInstanceName="lab")
    shown(call)
    call("StartNotebookInstance", NotebookInstanceName="lab")
    assert shown(call)["NotebookInstanceStatus"] == "InService"
    assert [run.content for run in runs] == [b"OnCreate", b"OnStart", b"OnStart"]
    assert host.logs == {
        ("/aws/sagemaker/NotebookInstances", "lab/LifecycleConfigOnCreate"): ["hello"],
        ("/aws/sagemaker/NotebookInstances", "lab/LifecycleConfigOnStart"): ["hello", "hello"],
    }


@pytest.mark.parametrize("code", [1, None])
def test_an_instance_whose_script_fails_or_hangs_fails_in_the_words_of_aws(
    code: int | None, call: Call, host: FakeHost, runs: Runs
) -> None:
    """Source: aws-samples/amazon-sagemaker-optuna-hpo-blog#4, where a script failed at its third line."""
    runs.ended = Ended(code, ("line 3: cd: SageMaker: No such file or directory",))
    found = notebook(call)
    assert found["NotebookInstanceStatus"] == "Failed"
    assert found["FailureReason"] == (
        f"Notebook Instance Lifecycle Config '{CONFIG_ARN}' for Notebook Instance '{NOTEBOOK_ARN}' took longer than 5 "
        "minutes. Please check your CloudWatch logs for more details if your Notebook Instance has Internet access."
    )
    assert [run.content for run in runs] == [b"OnCreate"]
    last = "Exit code: 1" if code else "The script's time was up."
    assert host.logs["/aws/sagemaker/NotebookInstances", "lab/LifecycleConfigOnCreate"][-1] == last


def test_where_no_script_can_run_the_log_says_so(call: Call, host: FakeHost, runs: Runs) -> None:
    runs.ended = None
    assert notebook(call)["NotebookInstanceStatus"] == "InService"
    assert host.logs["/aws/sagemaker/NotebookInstances", "lab/LifecycleConfigOnStart"] == [NOT_RUN]


@pytest.mark.parametrize("default", [True, False])
def test_an_app_runs_its_script_or_the_default_of_its_domain(
    call: Call, host: FakeHost, runs: Runs, *, default: bool
) -> None:
    made = call(
        "CreateStudioLifecycleConfig",
        StudioLifecycleConfigName="start",
        StudioLifecycleConfigContent=encoded("start"),
        StudioLifecycleConfigAppType="JupyterLab",
    )
    specification = {"LifecycleConfigArn": made["StudioLifecycleConfigArn"]}
    lab = {"JupyterLabAppSettings": {"DefaultResourceSpec": specification}} if default else {}
    within = domain(call, DefaultUserSettings={**DOMAIN["DefaultUserSettings"], **lab})  # type: ignore[dict-item] # a dictionary
    profile(call, within)
    space(call, within)
    call("CreateApp", **app(within), **({} if default else {"ResourceSpec": specification}))
    assert settled(call, "DescribeApp", **app(within)) == "InService"
    [run] = runs
    assert (run.content, run.place) == (b"start", "/opt/ml/lifecycleconfig/lifecycle_script.sh")
    stream = f"{within}/lab/JupyterLab/default/LifecycleConfigOnStart"
    assert host.logs == {("/aws/sagemaker/studio", stream): ["hello"]}


def test_an_app_whose_script_fails_fails_and_one_without_a_script_starts(call: Call, runs: Runs) -> None:
    made = call(
        "CreateStudioLifecycleConfig",
        StudioLifecycleConfigName="start",
        StudioLifecycleConfigContent=encoded("start"),
        StudioLifecycleConfigAppType="JupyterLab",
    )
    arn = made["StudioLifecycleConfigArn"]
    lab = {"JupyterLabAppSettings": {"DefaultResourceSpec": {"LifecycleConfigArn": arn}}}
    within = domain(call, DefaultUserSettings={**DOMAIN["DefaultUserSettings"], **lab})  # type: ignore[dict-item] # a dictionary
    profile(call, within)
    space(call, within)
    runs.ended = Ended(2, ())
    call("CreateApp", **app(within))
    assert settled(call, "DescribeApp", **app(within)) == "Failed"
    reason = call("DescribeApp", **app(within))["FailureReason"]
    assert reason.startswith(f"Lifecycle Config execution failed: {arn} ended with exit code 2.")
    call("CreateApp", **app(within), ResourceSpec={"LifecycleConfigArn": "None"})
    assert settled(call, "DescribeApp", **app(within)) == "InService"
    assert len(runs) == 1
