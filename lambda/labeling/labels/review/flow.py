"""The request that makes a flow definition: A2I's `CreateFlowDefinition`, held against AWS's own service model.

Sources: SageMaker developer guide, "Create a Human Review Workflow" (a2i-create-flow-definition); API reference,
CreateFlowDefinition and HumanLoopConfig.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from labels.service_model import problems

OTHERS_ONLY: Final = "mdlc:others-only"
"""The tag that says "true" where nobody may review what they labeled themselves; A2I has no member for it."""
DEFAULT_LIMIT: Final = 3600
"""How long a person has for one answer where the request does not say."""
MOST_AVAILABLE: Final = 10 * 24 * 3600
"""How long a loop waits for people, where the request does not say; also the most that A2I takes, 864,000 seconds."""


class FlowError(ValueError):
    """A flow definition that is refused: one sentence that names the member and the remedy."""


@dataclass(frozen=True)
class Flow:
    """A valid flow definition."""

    name: str
    workteam: str
    page: str
    """ARN of the worker task template, HumanTaskUiArn."""
    title: str
    description: str
    people: int
    limit: int
    available: int
    output: str
    """S3 URI of the folder that gets the flow's own, without a slash at its end."""
    key: str
    """The KMS key of the output; may be empty."""
    role: str
    others_only: bool
    body: Mapping[str, Any]

    @property
    def team(self) -> str:
        """The name of the team: the last part of its ARN."""
        return self.workteam.rpartition("/")[2]

    def bar(self, worker: str, labelers: Collection[str]) -> str:
        """Return why a person may not review what `labelers` labeled; empty where they may."""
        if self.others_only and worker in labelers:
            return "You labeled this object yourself: somebody else reviews it."
        return ""


def read(body: object) -> Flow:
    """Return a flow definition whose every member can be kept. Raises FlowError."""
    if not isinstance(body, Mapping):
        raise FlowError("The request is no object: give the body of CreateFlowDefinition as JSON.")
    for problem in problems("sagemaker", "CreateFlowDefinition", body):
        raise FlowError(f"{problem} The request is that of CreateFlowDefinition in SageMaker's API reference.")
    for sentence in _refusals(body):
        raise FlowError(sentence)
    people, tags = body["HumanLoopConfig"], {each["Key"]: each["Value"] for each in body.get("Tags", [])}
    return Flow(
        name=body["FlowDefinitionName"],
        workteam=people["WorkteamArn"],
        page=people["HumanTaskUiArn"],
        title=people["TaskTitle"],
        description=people["TaskDescription"],
        people=people["TaskCount"],
        limit=people.get("TaskTimeLimitInSeconds", DEFAULT_LIMIT),
        available=people.get("TaskAvailabilityLifetimeInSeconds", MOST_AVAILABLE),
        output=body["OutputConfig"]["S3OutputPath"].rstrip("/"),
        key=body["OutputConfig"].get("KmsKeyId", ""),
        role=body["RoleArn"],
        others_only=tags.get(OTHERS_ONLY) == "true",
        body=body,
    )


def _refusals(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the model allows, and the service or this platform does not."""
    if "HumanLoopRequestSource" in body:
        yield (
            "HumanLoopRequestSource asks for loops that Textract or Rekognition start, which are not offered: leave it "
            "out, and start loops yourself."
        )
    if "HumanLoopActivationConfig" in body:
        yield (
            "HumanLoopActivationConfig is for loops that Textract or Rekognition start: leave it out, and start a loop "
            "where your own condition holds."
        )
    people = body.get("HumanLoopConfig")
    if people is None:
        yield "HumanLoopConfig is missing: say there who reviews what."
        return
    if "PublicWorkforceTaskPrice" in people or ":workteam/public-crowd/" in people["WorkteamArn"]:
        yield "HumanLoopConfig asks for the public workforce, which is closed: give the WorkteamArn of a private team."
    for name in ("TaskTimeLimitInSeconds", "TaskAvailabilityLifetimeInSeconds"):
        if people.get(name, 0) > MOST_AVAILABLE:
            yield f"HumanLoopConfig.{name} is {people[name]}: give {MOST_AVAILABLE} seconds at most."
    if not body["OutputConfig"]["S3OutputPath"].startswith("s3://"):
        yield "OutputConfig.S3OutputPath is no S3 URI: begin it with s3://."
    for tag in body.get("Tags", []):
        if tag["Key"] == OTHERS_ONLY and tag["Value"] not in {"true", "false"}:
            yield f'The tag {OTHERS_ONLY} is {tag["Value"]!r}: give "true" or "false".'
