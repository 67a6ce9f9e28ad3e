"""The streams of an environment: the topics that objects come by, and that labels leave by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from labels.service_model import RequestError
from labels.streaming.terms import Streaming


@dataclass(frozen=True)
class Streams:
    """By their names; a topic's ARN begins with what all have in common."""

    names: tuple[str, ...] = ()
    topics: str = ""
    """How the ARN of a topic begins, up to the name of its stream."""
    idle_days: int = 10

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables that the construct `LabelingStreams` gives functions; without them there are none."""
        return cls(
            names=tuple(each for each in environment.get("STREAMS", "").split(",") if each),
            topics=environment.get("TOPICS", ""),
            idle_days=int(environment.get("IDLE_DAYS", "10")),
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """ARNs of the topics that people, programs and buckets send objects to."""
        return tuple(f"{self.topics}{name}-input" for name in self.names)

    @property
    def outputs(self) -> tuple[str, ...]:
        """ARNs of the topics that labels are published to, which other jobs may listen to."""
        return tuple(f"{self.topics}{name}-output" for name in self.names)

    def require(self, asked: Streaming) -> None:
        """Refuse topics that are none of these. Raises RequestError."""
        for member, topic, known in (
            ("InputConfig.DataSource.SnsDataSource.SnsTopicArn", asked.objects, (*self.inputs, *self.outputs)),
            ("OutputConfig.SnsTopicArn", asked.labels, self.outputs),
        ):
            if topic and not self.names:
                raise RequestError(
                    f"{member} is {topic}, and this environment has no stream: have one named in Labeling(streams=...)."
                )
            if topic and topic not in known:
                raise RequestError(f"{member} is {topic}, which is none of this environment's: {', '.join(known)}.")


NONE: Final = Streams()
"""Those of an environment that has none."""
