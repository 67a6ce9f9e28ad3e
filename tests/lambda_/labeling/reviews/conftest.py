"""Reviews on a local cloud's table and bucket, and people who answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from human_loop_course.course import carry_on
from human_loops.operations import Operations
from labels.task import Answer
from reach.files import Files
from reach.settings import Settings
from task_store.results import Pool
from task_store.reviews import LoopRecord, ReviewStore
from task_store.table import TaskTable
from tests.lambda_.labeling.conftest import Workshop

ACCOUNT = "arn:aws:sagemaker:eu-west-1:111122223333"
FLOW = f"{ACCOUNT}:flow-definition/birds"
ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf"
PAGE = """<crowd-form><crowd-image-classifier name="kind" src="{{ task.input.taskObject | grant_read_access }}"
    categories="{{ task.input.labels | to_json }}"></crowd-image-classifier></crowd-form>"""
SHOWN = {"taskObject": "s3://data/labeling/1.jpg", "labels": ["carp", "bream"]}
DAY = 24 * 3600


@dataclass
class Reviews:
    """The reviews of an environment, and what they work on."""

    workshop: Workshop

    @property
    def settings(self) -> Settings:
        return Settings(
            bucket=self.workshop.name,
            teams=("birders",),
            inputs=(),
            functions=(),
            template_hosts=(),
            patience=60,
            arns=f"{ACCOUNT}:labeling-job/",
            region="eu-west-1",
            issuer=ISSUER,
        )

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.workshop.now, UTC)

    def store(self, before: Callable[[], None] | None = None) -> ReviewStore:
        made: Any = self.workshop.store(before)
        assert isinstance(made, ReviewStore)
        return made

    def client(self, service: str, before: Callable[[], None] | None = None) -> Any:
        made = self.workshop.client(service)
        if before is not None:
            for moment in ("before-call", "after-call"):
                made.meta.events.register(moment, lambda **_: before())
        return made

    def files(self, before: Callable[[], None] | None = None) -> Files:
        return Files(self.client("s3", before), self.workshop.name, ())

    def operations(self, before: Callable[[], None] | None = None) -> Operations:
        return Operations(self.store(before), self.files(before), self.settings)

    def do(self, operation: str, token: str = "", **body: Any) -> Mapping[str, Any]:
        return self.operations().do(operation, body, token)

    def flow(self, **people: Any) -> dict[str, Any]:
        """Return the request of a flow definition whose template is there."""
        arn = self.do("CreateHumanTaskUi", HumanTaskUiName="page", UiTemplate={"Content": PAGE})["HumanTaskUiArn"]
        return {
            "FlowDefinitionName": "birds",
            "HumanLoopConfig": {
                "WorkteamArn": f"{ACCOUNT}:workteam/private-crowd/birders",
                "HumanTaskUiArn": arn,
                "TaskTitle": "What is it?",
                "TaskDescription": "Choose what you see",
                "TaskCount": 2,
                "TaskAvailabilityLifetimeInSeconds": DAY,
                **people,
            },
            "OutputConfig": {"S3OutputPath": f"s3://{self.workshop.name}/labeling/reviews/"},
            "RoleArn": "arn:aws:iam::111122223333:role/reviews",
        }

    def start(self, name: str = "one", content: Any = None, token: str = "") -> None:
        text = json.dumps(SHOWN if content is None else content)
        self.do(
            "StartHumanLoop",
            token,
            HumanLoopName=name,
            FlowDefinitionArn=FLOW,
            HumanLoopInput={"InputContent": text},
        )

    def carry_on(self, name: str = "one", before: Callable[[], None] | None = None) -> LoopRecord:
        """Carry a loop on, as the function does when the table tells of it."""
        pool = Pool("eu-west-1", ISSUER)
        return carry_on(self.store(before), name, self.files(before), pool, self.now)

    def given(self, person: str) -> list[str]:
        """Return what a person is given of the flow."""
        store = self.store()
        return store.next(store.flow("birds"), person, 5)

    def answer(self, person: str, label: str, name: str = "one") -> None:
        """Let a person answer a loop, a minute after they are given it."""
        assert name in self.given(person)
        self.workshop.now += 30
        store = self.store()
        store.act(
            store.flow("birds"), name, person, Answer(f"{person}-{name}", json.dumps({"kind": {"label": label}}), 9)
        )

    def status(self, name: str = "one") -> str:
        return str(self.do("DescribeHumanLoop", HumanLoopName=name)["HumanLoopStatus"])

    def output(self, name: str = "one") -> tuple[str, dict[str, Any]]:
        """Return the URI of a loop's output, and what it says."""
        uri = self.do("DescribeHumanLoop", HumanLoopName=name)["HumanLoopOutput"]["OutputS3Uri"]
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body = self.workshop.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return str(uri), json.loads(body)

    def keys(self, prefix: str) -> list[str]:
        found = self.workshop.client("s3").list_objects_v2(Bucket=self.workshop.name, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", ())]


@pytest.fixture
def empty(workshop: Workshop) -> Reviews:
    """Reviews without any flow definition."""
    return Reviews(replace(workshop, kinds=(ReviewStore, TaskTable), now=1_772_368_496))


@pytest.fixture
def reviews(empty: Reviews) -> Reviews:
    """Reviews with one flow definition."""
    empty.do("CreateFlowDefinition", **empty.flow())
    return empty
