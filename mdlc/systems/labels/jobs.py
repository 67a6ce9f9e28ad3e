"""The demo's two jobs, as a team has them that comes from Ground Truth: boxes around fish, and moods of sentences."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final

from mdlc.systems.labels.crowd import Labeler
from mdlc.systems.labels.known import Known

EACH: Final = 3
"""How many people are asked about an object."""
_TEMPLATES: Final = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Job(ABC):
    """A job about what is known, whose files lie in the folder of the URI `place`."""

    known: Known
    place: str
    kind: ClassVar[str]
    task: ClassVar[str]
    """The built-in type of task, as the functions of the service are called."""
    title: ClassVar[str]
    attribute: ClassVar[str]

    @property
    def name(self) -> str:
        """The LabelingJobName, which no other run has."""
        return f"{self.place.rpartition('/')[2]}-{self.kind}"

    @property
    @abstractmethod
    def classes(self) -> Sequence[str]:
        """The classes to choose from, in the order of their numbers."""

    @property
    @abstractmethod
    def sources(self) -> Sequence[Mapping[str, str]]:
        """The lines of the manifest."""

    @abstractmethod
    def answer(self, who: Labeler, number: int, random: Random) -> Mapping[str, Any]:
        """Return what somebody submits about an object."""

    @property
    def objects(self) -> Sequence[str]:
        """What each object is called in its line."""
        return [value for line in self.sources for value in line.values()]

    @property
    def files(self) -> Mapping[str, str]:
        """What the request names, by name below `place`."""
        lines = (json.dumps(each, ensure_ascii=False) + "\n" for each in self.sources)
        return {
            f"{self.kind}.manifest": "".join(lines),
            f"{self.kind}.liquid.html": (_TEMPLATES / f"{self.kind}.liquid.html").read_text(encoding="utf-8"),
            f"{self.kind}.categories.json": json.dumps({"labels": [{"label": each} for each in self.classes]}),
        }

    def request(self, region: str, team: str) -> dict[str, Any]:
        """Return the body of CreateLabelingJob."""
        manifest, template, categories = (f"{self.place}/{name}" for name in self.files)
        service = f"arn:aws:lambda:{region}:568282634449:function"
        return {
            "LabelingJobName": self.name,
            "LabelAttributeName": self.attribute,
            "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": manifest}}},
            "OutputConfig": {"S3OutputPath": f"{self.place}/output"},
            "RoleArn": "arn:aws:iam::111111111111:role/labeling",
            "LabelCategoryConfigS3Uri": categories,
            "HumanTaskConfig": {
                "WorkteamArn": f"arn:aws:sagemaker:{region}:111111111111:workteam/private-crowd/{team}",
                "UiConfig": {"UiTemplateS3Uri": template},
                "PreHumanTaskLambdaArn": f"{service}:PRE-{self.task}",
                "TaskTitle": self.title,
                "TaskDescription": self.title,
                "NumberOfHumanWorkersPerDataObject": EACH,
                "TaskTimeLimitInSeconds": 300,
                "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": f"{service}:ACS-{self.task}"},
            },
        }


class Fish(Job):
    """Boxes around the fish of pictures."""

    kind, task, title, attribute = "fish", "BoundingBox", "Find the fish", "boxes"

    @property
    def classes(self) -> Sequence[str]:
        """The kinds of fish."""
        return self.known.kinds

    @property
    def sources(self) -> Sequence[Mapping[str, str]]:
        """The pictures."""
        return [{"source-ref": f"{self.place}/{each.file}"} for each in self.known.pictures]

    def answer(self, who: Labeler, number: int, random: Random) -> Mapping[str, Any]:
        """Return the boxes that somebody draws in a picture."""
        there = self.known.pictures[number]
        return who.draw(there.marks, self.classes, there.size, random)


class Moods(Job):
    """One class for each sentence."""

    kind, task, title, attribute = "moods", "TextMultiClass", "Tell the moods", "mood"

    @property
    def classes(self) -> Sequence[str]:
        """The moods."""
        return self.known.feelings

    @property
    def sources(self) -> Sequence[Mapping[str, str]]:
        """The sentences."""
        return [{"source": text} for text, _ in self.known.sentences]

    def answer(self, who: Labeler, number: int, random: Random) -> Mapping[str, Any]:
        """Return the class that somebody gives a sentence."""
        return who.choose(self.known.sentences[number][1], self.classes, random)
