"""Topics that labels are published to."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class Topics:
    """The topics of an environment's streams."""

    def __init__(self, sns: "SNSClient") -> None:
        self._sns = sns

    def publish(self, topic: str, text: str) -> None:
        """Publish one message."""
        self._sns.publish(TopicArn=topic, Message=text)
