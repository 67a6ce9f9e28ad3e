"""A kind of job is one row of the table and the class that runs it: here compilation jobs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from localcloud.states.sagemaker_tasks import SageMakerTasks
from localsagemaker.errors import ServiceError
from localsagemaker.jobs import kinds
from localsagemaker.jobs.job import Ending, Instance, Job, Program
from localsagemaker.jobs.kinds import JobKind
from localsagemaker.kernel import members
from localsagemaker.kernel.host import Objects
from localsagemaker.kernel.members import Judgement, Row
from localsagemaker.pipelines import definition
from localsagemaker.service import SageMaker
from tests.localcloud.states.test_sagemaker_tasks import Task
from tests.localsagemaker.fakes import ADMIN, ROLE, SCOPE, FakeHost, FakeImages, exits

ARN = "arn:aws:sagemaker:eu-west-1:111111111111:compilation-job/c"
REQUEST = {
    "RoleArn": ROLE,
    "OutputConfig": {"S3OutputLocation": "s3://b/compiled", "TargetDevice": "ml_m5"},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


class CompilationJob(Job):
    """Runs a compiler that leaves nothing."""

    kind = "CompilationJob"

    def _program(self) -> Program:
        return Program("compiler", None, None, {}, isolated=True, instances=1, limit_s=60)

    def _read(self) -> None:
        """Read nothing more."""

    def _prepare(self, store: Objects, instance: Instance) -> None:
        del store
        instance.base_dir.mkdir(parents=True)

    def _finish(self, store: Objects, instances: Sequence[Instance]) -> None:
        """Leave nothing."""

    def _progress(self, phase: str) -> None:
        del phase
        self._tell({"CompilationJobStatus": "INPROGRESS"})

    def _end(self, status: str, ending: Ending, reason: str | None) -> None:
        del ending, reason
        self._tell({"CompilationJobStatus": status})

    def _message(self, instance: Instance) -> str | None:
        del instance
        return None


COMPILATION_JOB = JobKind(
    name="CompilationJob",
    path="compilation-job",
    key="CompilationJobName",
    job=CompilationJob,
    event="SageMaker Compilation Job State Change",
    step="Compilation",
    rule="RuleOfCompilationJobs",
)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, host: FakeHost, images: FakeImages, tmp_path: Path) -> Iterator[SageMaker]:
    """A service whose tables have one kind more, and its members."""
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, COMPILATION_JOB))
    named = ("CompilationJobName", "OutputConfig", "OutputConfig.S3OutputLocation", "OutputConfig.TargetDevice")
    acted = (*named, "StoppingCondition", "StoppingCondition.MaxRuntimeInSeconds")
    judged = (*members.rows(), *(Row("*CompilationJob", member, Judgement("acted")) for member in acted))
    monkeypatch.setattr(members, "rows", lambda: judged)
    images.programs["compiler"] = exits(0)
    made = SageMaker(host, images, tmp_path, time_scale=1000.0)  # type: ignore[arg-type] # a fake of it
    yield made
    made.close()


def created(service: SageMaker) -> Mapping[str, Any]:
    """Create a job and wait for its end."""
    assert service.call("CreateCompilationJob", {"CompilationJobName": "c", **REQUEST}, ADMIN) == {
        "CompilationJobArn": ARN
    }
    return service.wait_for_job(COMPILATION_JOB, SCOPE, "c")


def test_the_service_has_its_operations(service: SageMaker, host: FakeHost) -> None:
    assert created(service)["CompilationJobStatus"] == "Completed"
    shown = service.call("DescribeCompilationJob", {"CompilationJobName": "c"}, ADMIN)
    assert (shown["CompilationJobArn"], shown["RoleArn"]) == (ARN, ROLE)
    listed = service.call("ListCompilationJobs", {}, ADMIN)["CompilationJobSummaries"]
    assert [each["CompilationJobArn"] for each in listed] == [ARN]
    with pytest.raises(ServiceError, match="is in status Completed"):
        service.call("StopCompilationJob", {"CompilationJobName": "c"}, ADMIN)
    told = [detail["CompilationJobStatus"] for kind, detail, _ in host.events if kind == COMPILATION_JOB.event]
    assert told[-1] == "Completed"


def test_its_operations_need_their_permissions(service: SageMaker, host: FakeHost) -> None:
    created(service)
    asked = [(action, resource) for _, action, resource, _ in host.checked]
    assert asked == [("sagemaker:CreateCompilationJob", ARN), ("iam:PassRole", ROLE)]
    host.denied = {"sagemaker:StopCompilationJob"}
    with pytest.raises(ServiceError, match=f"sagemaker:StopCompilationJob on resource: {ARN}"):
        service.call("StopCompilationJob", {"CompilationJobName": "c"}, ADMIN)


def test_cloudformation_has_no_type_for_it(service: SageMaker) -> None:
    """Jobs are never resources of a stack."""
    assert COMPILATION_JOB in set(service.kinds)
    assert COMPILATION_JOB.template is None


def test_a_pipeline_and_a_state_machine_run_it(service: SageMaker, host: FakeHost) -> None:
    step = {"Name": "Compile", "Type": "Compilation", "Arguments": REQUEST}
    parsed = definition.parse(json.dumps({"Version": "2020-12-01", "Steps": [step]}))
    assert parsed.steps["Compile"].type == "Compilation"
    tasks = SageMakerTasks(service, host, lambda *_: True)
    request = {"CompilationJobName": "c", **REQUEST}
    tasks.submit(Task(), "createCompilationJob", request, sync=True)
    answer = tasks.follow(Task(), "createCompilationJob", request)
    assert answer["CompilationJobStatus"] == "Completed"
    assert ("events:PutRule", "arn:aws:events:eu-west-1:111111111111:rule/RuleOfCompilationJobs") in host.actions()
