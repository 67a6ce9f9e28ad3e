"""SNS of MiniStack: FIFO topics of templates, which its CloudFormation makes as other topics.

Source: template reference, "AWS::SNS::Topic": FifoTopic, ContentBasedDeduplication, FifoThroughputScope; API reference
of SNS, CreateTopic: the name of a FIFO topic ends with .fifo.
"""

from typing import Any, Final

from ministack.services import sns

from localcloud.hooks.stacks import cloudformation

TOPIC: Final = "AWS::SNS::Topic"
SUFFIX: Final = ".fifo"
MISNAMED: Final = "Invalid parameter: Topic Name (Service: Sns, Status Code: 400)"


def make_fifo_topics() -> None:
    """Make FIFO topics of templates, and refuse a name that is none of theirs."""
    cloudformation.before(TOPIC, _check_name)
    cloudformation.after(TOPIC, _keep)


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _check_name(properties: dict[str, Any]) -> None:
    name = properties.get("TopicName")
    if name and _is_true(properties.get("FifoTopic")) is not str(name).endswith(SUFFIX):
        raise ValueError(MISNAMED)


def _keep(arn: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Keep what only a FIFO topic has."""
    if not _is_true(properties.get("FifoTopic")):
        return {}
    kept = {name: str(_is_true(properties.get(name))).lower() for name in ("FifoTopic", "ContentBasedDeduplication")}
    scope = properties.get("FifoThroughputScope")
    sns._topics[arn]["attributes"] |= {**kept, **({"FifoThroughputScope": scope} if scope else {})}
    return {}
