"""Reviews of an environment, by the names and with the members that boto3 has for Augmented AI.

from mdlc.reviews import Client
a2i = Client("dev")                            # was: boto3.client("sagemaker-a2i-runtime")
a2i.start_human_loop(HumanLoopName="claim-17", FlowDefinitionArn=..., HumanLoopInput={"InputContent": "{…}"})
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from mdlc.client.aws import Cloud
from mdlc.client.operations import Answer, call

FUNCTION: Final = "ReviewFunctionName"


class Client:
    """Calls the environment's reviews in the name of whoever has the AWS session.

    What is refused is a `ClientError` with AWS's name for it, as boto3's clients raise it.
    """

    def __init__(self, environment: str = "dev", cloud: Cloud | None = None) -> None:
        self._environment, self._cloud = environment, cloud or Cloud()

    def create_human_task_ui(self, **request: Any) -> Answer:  # noqa: ANN401 - members of the request
        """Keep a worker template, and return its HumanTaskUiArn."""
        return self._review("CreateHumanTaskUi", request)

    def describe_human_task_ui(self, *, HumanTaskUiName: str) -> Answer:  # noqa: N803 - boto3's name
        """Return what there is to know of a worker template."""
        return self._review("DescribeHumanTaskUi", {"HumanTaskUiName": HumanTaskUiName})

    def list_human_task_uis(self, **request: Any) -> Answer:  # noqa: ANN401 - members of the request
        """Return a page of worker templates."""
        return self._review("ListHumanTaskUis", request)

    def delete_human_task_ui(self, *, HumanTaskUiName: str) -> Answer:  # noqa: N803 - boto3's name
        """Forget a worker template; flow definitions go on with their copies."""
        return self._review("DeleteHumanTaskUi", {"HumanTaskUiName": HumanTaskUiName})

    def create_flow_definition(self, **request: Any) -> Answer:  # noqa: ANN401 - members of the request
        """Make a flow definition, and return its FlowDefinitionArn."""
        return self._review("CreateFlowDefinition", request)

    def describe_flow_definition(self, *, FlowDefinitionName: str) -> Answer:  # noqa: N803 - boto3's name
        """Return what there is to know of a flow definition."""
        return self._review("DescribeFlowDefinition", {"FlowDefinitionName": FlowDefinitionName})

    def list_flow_definitions(self, **request: Any) -> Answer:  # noqa: ANN401 - members of the request
        """Return a page of flow definitions."""
        return self._review("ListFlowDefinitions", request)

    def delete_flow_definition(self, *, FlowDefinitionName: str) -> Answer:  # noqa: N803 - boto3's name
        """Show a flow definition to nobody any more, once its loops have ended."""
        return self._review("DeleteFlowDefinition", {"FlowDefinitionName": FlowDefinitionName})

    def start_human_loop(self, **request: Any) -> Answer:  # noqa: ANN401 - members of the request
        """Start a human loop, and return its HumanLoopArn."""
        return self._review("StartHumanLoop", request)

    def describe_human_loop(self, *, HumanLoopName: str) -> Answer:  # noqa: N803 - boto3's name
        """Return what there is to know of a loop."""
        return self._review("DescribeHumanLoop", {"HumanLoopName": HumanLoopName})

    def list_human_loops(self, **request: Any) -> Answer:  # noqa: ANN401 - members of the request
        """Return a page of the loops of a flow definition."""
        return self._review("ListHumanLoops", request)

    def stop_human_loop(self, *, HumanLoopName: str) -> Answer:  # noqa: N803 - boto3's name
        """Ask nobody new; who has begun may finish."""
        return self._review("StopHumanLoop", {"HumanLoopName": HumanLoopName})

    def loops(self, flow: str) -> Iterator[Answer]:
        """Yield the summaries of all loops of a flow definition, by its name."""
        arn = self.describe_flow_definition(FlowDefinitionName=flow)["FlowDefinitionArn"]
        yield from _all(self.list_human_loops, "HumanLoopSummaries", FlowDefinitionArn=arn)

    def flows(self) -> Iterator[Answer]:
        """Yield the summaries of all flow definitions."""
        yield from _all(self.list_flow_definitions, "FlowDefinitionSummaries")

    def pages(self) -> Iterator[Answer]:
        """Yield the summaries of all worker templates."""
        yield from _all(self.list_human_task_uis, "HumanTaskUiSummaries")

    def _review(self, operation: str, body: dict[str, Any]) -> Answer:
        name = self._cloud.output(self._environment, FUNCTION, "reviews")
        return call(self._cloud, name, operation, body)


def _all(ask: Callable[..., Answer], members: str, **request: Any) -> Iterator[Answer]:  # noqa: ANN401 - members
    page = ask(**request)
    yield from page[members]
    while token := page.get("NextToken"):
        page = ask(**request, NextToken=token)
        yield from page[members]
