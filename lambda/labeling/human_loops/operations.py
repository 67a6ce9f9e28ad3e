"""Operations on reviews, with the members that the service models of SageMaker and of A2I's runtime give them.

Names and errors are those of boto3's clients: `ResourceNotFound` and `ResourceInUse` of SageMaker's own operations,
`ResourceNotFoundException` and `ConflictException` of A2I's.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, TypeVar

from human_loops.admission import FLOW_ARN, PAGE_ARN, arn_of, flow_of, name_of, require_page
from labels.review import loop
from labels.review.loop import ConflictError, LoopError
from labels.service_model import problems
from labels.task import RefusedError
from reach.files import Files
from reach.settings import Settings
from task_store.items import REVIEWS
from task_store.jobs import Job
from task_store.reviews import LoopRecord, Page, ReviewStore, Step

SAGEMAKER, RUNTIME = "sagemaker", "sagemaker-a2i-runtime"
PAGE: Final = 100
Body = Mapping[str, Any]
T = TypeVar("T")


class OperationError(Exception):
    """An operation that is refused, with the name that AWS has for it, and one sentence."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


@dataclass(frozen=True)
class Operations:
    """The operations by their names in AWS's APIs."""

    store: ReviewStore
    files: Files
    settings: Settings

    def do(self, operation: str, body: Body, token: str = "") -> Body:
        """Return what an operation answers; `token` is of a state machine that waits for a loop's end.

        Raises OperationError.
        """
        of_sagemaker: dict[str, Callable[[Body], Body]] = {
            "CreateHumanTaskUi": self.create_page,
            "DescribeHumanTaskUi": self.describe_page,
            "ListHumanTaskUis": self.list_pages,
            "DeleteHumanTaskUi": self.delete_page,
            "CreateFlowDefinition": self.create_flow,
            "DescribeFlowDefinition": self.describe_flow,
            "ListFlowDefinitions": self.list_flows,
            "DeleteFlowDefinition": self.delete_flow,
        }
        of_runtime: dict[str, Callable[[Body], Body]] = {
            "StartHumanLoop": lambda asked: self.start(asked, token),
            "DescribeHumanLoop": self.describe,
            "ListHumanLoops": self.list,
            "StopHumanLoop": self.stop,
        }
        known = {**of_sagemaker, **of_runtime}
        if operation not in known:
            raise OperationError("UnknownOperationException", f"There is no operation {operation}.")
        if token and operation != "StartHumanLoop":
            raise OperationError("ValidationException", f"Nobody waits for {operation}: leave the task token out.")
        service, missing = (SAGEMAKER, "ResourceNotFound")
        if operation in of_runtime:
            service, missing = RUNTIME, "ResourceNotFoundException"
        try:
            for problem in problems(service, operation, body):
                raise LoopError(problem)
            return known[operation](body)
        except ConflictError as error:
            raise OperationError("ConflictException", str(error)) from error
        except RefusedError as error:
            raise OperationError(missing, str(error)) from error
        except ValueError as error:
            raise OperationError("ValidationException", str(error)) from error

    def create_page(self, body: Body) -> Body:
        """Keep a worker template; the same again is the same."""
        name, content = body["HumanTaskUiName"], body["UiTemplate"]["Content"]
        require_page(content, self.settings)
        digest = sha256(content.encode()).hexdigest()
        if not self.store.create_page(name, content, digest) and self.store.page(name).sha256 != digest:
            raise OperationError("ResourceInUse", f"There is a human task UI {name} already: give this another name.")
        return {"HumanTaskUiArn": self._arn(name, PAGE_ARN)}

    def describe_page(self, body: Body) -> Body:
        """Return what there is to know of a worker template."""
        page = self.store.page(body["HumanTaskUiName"])
        return {
            **self._page(page),
            "HumanTaskUiStatus": "Active",
            "UiTemplate": {"Url": page.template, "ContentSha256": page.sha256},
        }

    def list_pages(self, body: Body) -> Body:
        """Return a page of the worker templates."""
        found, more = _portion(self.store.pages(), body, lambda page: (page.created, page.name))
        return {"HumanTaskUiSummaries": [self._page(each) for each in found], **more}

    def delete_page(self, body: Body) -> Body:
        """Forget a worker template; flow definitions that were made with it go on with their copies."""
        self.store.delete_page(self.store.page(body["HumanTaskUiName"]))
        return {}

    def create_flow(self, body: Body) -> Body:
        """Make a flow definition; the same request again is the same."""
        job = flow_of(body, self.store, self.files, self.settings)
        name = body["FlowDefinitionName"]
        if not self.store.create_flow(job) and json.loads(self.store.flow(name).request) != body:
            raise OperationError("ResourceInUse", f"There is a flow definition {name} already: give another name.")
        return {"FlowDefinitionArn": self._arn(name, FLOW_ARN)}

    def describe_flow(self, body: Body) -> Body:
        """Return what there is to know of a flow definition."""
        job = self.store.flow(body["FlowDefinitionName"])
        asked = json.loads(job.request)
        members = {name: asked[name] for name in ("HumanLoopConfig", "OutputConfig", "RoleArn")}
        return {**self._flow(job), **members}

    def list_flows(self, body: Body) -> Body:
        """Return a page of the flow definitions."""
        found, more = _portion(self.store.flows(), body, lambda job: (job.created, job.name))
        return {"FlowDefinitionSummaries": [self._flow(each) for each in found], **more}

    def delete_flow(self, body: Body) -> Body:
        """Show a flow definition to nobody any more, once all of its loops have ended."""
        job = self.store.flow(body["FlowDefinitionName"])
        name = job.name.removeprefix(REVIEWS)
        going = sum(each.step is not Step.ENDED for each in self.store.loops(name))
        if going:
            raise OperationError("ResourceInUse", f"{name} has {going} human loops that go on: stop them first.")
        self.store.delete_flow(job)
        return {}

    def start(self, body: Body, token: str = "") -> Body:
        """Start a loop; the same request again is the same loop, for which one more state machine may wait."""
        begun = loop.read(body)
        name = name_of(begun.flow, FLOW_ARN, self.settings)
        try:
            job = self.store.flow(name)
        except RefusedError as error:
            raise LoopError(f"FlowDefinitionArn: {error}") from error
        self.store.start(begun, job, [token] if token else [])
        return {"HumanLoopArn": loop.arn(begun.flow, begun.name)}

    def describe(self, body: Body) -> Body:
        """Return what there is to know of a loop."""
        record = self.store.loop(body["HumanLoopName"])
        return _plain(loop.describe(record.loop(self.store.begun(record)), record.standing))

    def list(self, body: Body) -> Body:
        """Return a page of the loops of a flow definition."""
        name = name_of(body["FlowDefinitionArn"], FLOW_ARN, self.settings)
        self.store.flow(name)
        found, more = _portion(self.store.loops(name), body, lambda record: (record.created, record.name))
        return {"HumanLoopSummaries": [_plain(self._loop(each)) for each in found], **more}

    def stop(self, body: Body) -> Body:
        """Ask nobody new; who has begun may finish. A loop that has ended stays as it is."""
        while True:
            record = self.store.loop(body["HumanLoopName"])
            if record.stopped or record.step is Step.ENDED or self.store.change_loop(record, stopped=True):
                return {}

    def _arn(self, name: str, kind: str) -> str:
        return arn_of(name, kind, self.settings)

    def _page(self, page: Page) -> Body:
        return {
            "HumanTaskUiName": page.name,
            "HumanTaskUiArn": self._arn(page.name, PAGE_ARN),
            "CreationTime": page.created,
        }

    def _flow(self, job: Job) -> Body:
        name = job.name.removeprefix(REVIEWS)
        return {
            "FlowDefinitionName": name,
            "FlowDefinitionArn": self._arn(name, FLOW_ARN),
            "FlowDefinitionStatus": "Active",
            "CreationTime": job.created,
        }

    def _loop(self, record: LoopRecord) -> Body:
        created = datetime.fromtimestamp(record.created, UTC)
        return loop.summarize(record.name, self._arn(record.flow, FLOW_ARN), created, record.standing)


def _portion(
    given: Iterable[T], body: Body, place: Callable[[T], tuple[int, str]]
) -> tuple[Sequence[T], Mapping[str, str]]:
    """Return a page of what was created in the time that is asked for, the newest first unless asked otherwise."""
    first, last = (float(body.get(f"CreationTime{name}", 0)) for name in ("After", "Before"))
    found = sorted((each for each in given if first <= place(each)[0] <= (last or place(each)[0])), key=place)
    if body.get("SortOrder", "Descending") == "Descending":
        found.reverse()
    try:
        begin = int(body.get("NextToken", 0))
    except ValueError as error:
        raise LoopError("NextToken is none that a list has answered: give that, or leave it out.") from error
    size = int(body.get("MaxResults", PAGE))
    more = {"NextToken": str(begin + size)} if begin + size < len(found) else {}
    return found[begin : begin + size], more


def _plain(answer: Body) -> Body:
    """Return an answer with its times in seconds, as JSON has them."""
    return {name: value.timestamp() if isinstance(value, datetime) else value for name, value in answer.items()}
