"""Notebook instances: their statuses, and what may be done in which."""

from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import ROLE, Call, FakeHost
from tests.localsagemaker.studio.bench import settled

NAME = {"NotebookInstanceName": "lab"}
NOTEBOOK = {
    **NAME,
    "InstanceType": "ml.t3.medium",
    "RoleArn": ROLE,
    "SubnetId": "subnet-1",
    "SecurityGroupIds": ["sg-1"],
    "DirectInternetAccess": "Disabled",
    "RootAccess": "Disabled",
    "LifecycleConfigName": "setup",
}


@pytest.fixture
def notebook(call: Call) -> str:
    call("CreateNotebookInstanceLifecycleConfig", NotebookInstanceLifecycleConfigName="setup")
    arn = str(call("CreateNotebookInstance", **NOTEBOOK)["NotebookInstanceArn"])
    assert status(call) == "InService"
    return arn


def status(call: Call) -> str:
    return settled(call, "DescribeNotebookInstance", "NotebookInstanceStatus", **NAME)


def test_an_instance_stops_changes_starts_and_goes_with_its_interface(
    call: Call, host: FakeHost, notebook: str
) -> None:
    assert notebook == "arn:aws:sagemaker:eu-west-1:111111111111:notebook-instance/lab"
    shown = call("DescribeNotebookInstance", **NAME)
    assert (shown["SecurityGroups"], shown["NotebookInstanceLifecycleConfigName"]) == (["sg-1"], "setup")
    assert host.interfaces[shown["NetworkInterfaceId"]] == ("subnet-1", ("sg-1",))
    assert shown["PlatformIdentifier"] == "notebook-al2023-v1"
    for operation in ("StartNotebookInstance", "UpdateNotebookInstance", "DeleteNotebookInstance"):
        with pytest.raises(ServiceError, match=r"Status \(InService\) not in \(\[Stopped, Failed\]\)") as refused:
            call(operation, **NAME)
        assert refused.value.code == "ValidationException"
    call("StopNotebookInstance", **NAME)
    assert status(call) == "Stopped"
    with pytest.raises(ServiceError, match=r"Status \(Stopped\) not in \(\[InService\]\)"):
        call("StopNotebookInstance", **NAME)
    call("UpdateNotebookInstance", **NAME, InstanceType="ml.t3.large", DisassociateLifecycleConfig=True)
    assert status(call) == "Stopped"
    call("StartNotebookInstance", **NAME)
    assert status(call) == "InService"
    (listed,) = call("ListNotebookInstances", StatusEquals="InService")["NotebookInstances"]
    assert listed["InstanceType"] == "ml.t3.large"
    assert "NotebookInstanceLifecycleConfigName" not in listed
    url = call("CreatePresignedNotebookInstanceUrl", **NAME)["AuthorizedUrl"]
    assert url == "https://lab.notebook.eu-west-1.sagemaker.aws?authToken=the-local-cloud-runs-no-notebooks"
    call("StopNotebookInstance", **NAME)
    assert status(call) == "Stopped"
    call("DeleteNotebookInstance", **NAME)
    assert status(call) == "gone"
    assert host.interfaces == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SubnetId": None}, "needs a SubnetId"),
        ({"SubnetId": "none"}, "does not exist"),
        ({"RoleArn": ROLE + "-gone"}, "Could not assume role"),
        ({"LifecycleConfigName": "other"}, "Unable to describe Notebook Instance Lifecycle Config"),
    ],
)
def test_an_instance_that_cannot_be_is_refused(call: Call, change: dict[str, Any], words: str) -> None:
    call("CreateNotebookInstanceLifecycleConfig", NotebookInstanceLifecycleConfigName="setup")
    parameters = {name: value for name, value in {**NOTEBOOK, **change}.items() if value is not None}
    with pytest.raises(ServiceError, match=words):
        call("CreateNotebookInstance", **parameters)
    assert call("ListNotebookInstances")["NotebookInstances"] == []


def test_a_lifecycle_configuration_that_is_there_or_not(call: Call) -> None:
    """What ACK's controller looks for, sagemaker-controller's hooks ("does not exist"); getmoto/moto says both."""
    named = {"NotebookInstanceLifecycleConfigName": "setup"}
    with pytest.raises(ServiceError, match=r"\(Details: Notebook Instance Lifecycle Config does not exist\.\)$"):
        call("DescribeNotebookInstanceLifecycleConfig", **named)
    call("CreateNotebookInstanceLifecycleConfig", **named)
    with pytest.raises(ServiceError, match=r"^Unable to create .* Instance Lifecycle Config already exists\.\)$"):
        call("CreateNotebookInstanceLifecycleConfig", **named)


def test_a_volume_never_shrinks(call: Call) -> None:
    call("CreateNotebookInstanceLifecycleConfig", NotebookInstanceLifecycleConfigName="setup")
    call("CreateNotebookInstance", **NOTEBOOK, VolumeSizeInGB=20)
    with pytest.raises(ServiceError, match="cannot shrink"):
        call("UpdateNotebookInstance", **NAME, VolumeSizeInGB=10)


def test_a_configuration_is_changed_listed_and_deleted(call: Call) -> None:
    name = {"NotebookInstanceLifecycleConfigName": "setup"}
    call("CreateNotebookInstanceLifecycleConfig", **name, OnStart=[{"Content": "c2xlZXA="}])
    call("UpdateNotebookInstanceLifecycleConfig", **name, OnStart=[{"Content": "ZWNobw=="}])
    assert call("DescribeNotebookInstanceLifecycleConfig", **name)["OnStart"] == [{"Content": "ZWNobw=="}]
    assert len(call("ListNotebookInstanceLifecycleConfigs")["NotebookInstanceLifecycleConfigs"]) == 1
    call("DeleteNotebookInstanceLifecycleConfig", **name)
    with pytest.raises(ServiceError, match="does not exist"):
        call("DescribeNotebookInstanceLifecycleConfig", **name)
