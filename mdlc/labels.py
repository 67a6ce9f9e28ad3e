"""Labeling jobs of an environment, by the names and with the members that boto3 has for Ground Truth's.

from mdlc.labels import Client
sagemaker = Client("dev")                      # was: boto3.client("sagemaker")
sagemaker.create_labeling_job(LabelingJobName="birds", ...)
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError

from mdlc.client.aws import Cloud
from mdlc.errors import CommandError

FUNCTION: Final = "LabelingFunctionName"
_TIMES: Final = ("CreationTime", "LastModifiedTime", "Ends", "Earliest", "Latest", "Asked", "Answered")
_PATIENT: Final = Config(read_timeout=90, retries={"total_max_attempts": 3})
Answer = dict[str, Any]


class Client:
    """Calls the environment's labeling service in the name of whoever has the AWS session.

    What the service refuses is a `ClientError` with SageMaker's name for it, as boto3's client raises it.
    """

    def __init__(self, environment: str = "dev", cloud: Cloud | None = None) -> None:
        self._environment, self._cloud = environment, cloud or Cloud()

    def create_labeling_job(self, **request: Any) -> Answer:  # noqa: ANN401 - members of the request
        """Make a job of a request, and return its LabelingJobArn."""
        return self._call("CreateLabelingJob", request)

    def describe_labeling_job(self, *, LabelingJobName: str) -> Answer:  # noqa: N803 - boto3's name
        """Return what there is to know of a job."""
        return self._call("DescribeLabelingJob", {"LabelingJobName": LabelingJobName})

    def list_labeling_jobs(self, **request: Any) -> Answer:  # noqa: ANN401 - members of the request
        """Return a page of jobs."""
        return self._call("ListLabelingJobs", request)

    def stop_labeling_job(self, *, LabelingJobName: str) -> Answer:  # noqa: N803 - boto3's name
        """Ask nobody any more; labels are made of what was answered."""
        return self._call("StopLabelingJob", {"LabelingJobName": LabelingJobName})

    def progress(self, job: str) -> Answer:
        """Return how many objects of a job are in each stage, and the forecast of its end."""
        return self._call("DescribeLabelingProgress", {"LabelingJobName": job})

    def explain(self, job: str, identity: str | None = None) -> Answer:
        """Return in a sentence each why objects have no label: one, or the first hundred of all."""
        asked = {"LabelingJobName": job} | ({} if identity is None else {"ObjectId": identity})
        return self._call("ExplainLabelingObject", asked)

    def reopen(self, job: str, identity: str, more: int = 1) -> None:
        """Ask more people about an object of a job that goes on."""
        self._call("ReopenLabelingObject", {"LabelingJobName": job, "ObjectId": identity, "More": more})

    def questions(self, job: str) -> list[Answer]:
        """Return what people asked about the objects of a job, the oldest first."""
        found = self._call("ListLabelingQuestions", {"LabelingJobName": job})["Questions"]
        return [_with_times(each) for each in found]

    def answer(self, job: str, question: str, text: str) -> None:
        """Answer a question, by its QuestionId; who asked sees it where they asked."""
        self._call("AnswerLabelingQuestion", {"LabelingJobName": job, "QuestionId": question, "Text": text})

    def jobs(self, **request: Any) -> Iterator[Answer]:  # noqa: ANN401 - members of the request
        """Yield the summaries of all pages."""
        page = self.list_labeling_jobs(**request)
        yield from page["LabelingJobSummaryList"]
        while token := page.get("NextToken"):
            page = self.list_labeling_jobs(**request, NextToken=token)
            yield from page["LabelingJobSummaryList"]

    def _call(self, operation: str, body: Mapping[str, Any]) -> Answer:
        name = self._cloud.output(self._environment, FUNCTION, "labeling service")
        client = self._cloud.session.client("lambda", endpoint_url=self._cloud.endpoint, config=_PATIENT)
        event = json.dumps({"operation": operation, "body": body}, default=_spell, ensure_ascii=False)
        answer = client.invoke(FunctionName=name, Payload=event.encode())
        said = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise CommandError(f"{operation} failed: {said.get('errorMessage', said)}; mdlc logs show more.")
        if "error" in said:
            raise ClientError({"Error": said["error"]}, operation)
        return _with_times(said["answer"])


def _spell(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{value!r} is no member of a request.")


def _with_times(answer: Mapping[str, Any]) -> Answer:
    """Return an answer with its times as boto3 has them."""
    found = dict(answer)
    for name in _TIMES:
        if name in found:
            found[name] = datetime.fromtimestamp(found[name], UTC)
    if "Forecast" in found:
        found["Forecast"] = _with_times(found["Forecast"])
    if "LabelingJobSummaryList" in found:
        found["LabelingJobSummaryList"] = [_with_times(each) for each in found["LabelingJobSummaryList"]]
    return found
