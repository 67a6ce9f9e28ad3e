"""Labeling jobs of an environment, by the names and with the members that boto3 has for Ground Truth's; and reviews.

from mdlc.labels import Client
sagemaker = Client("dev")                      # was: boto3.client("sagemaker")
sagemaker.create_labeling_job(LabelingJobName="birds", ...)
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mdlc import reviews
from mdlc.client.operations import Answer, call

FUNCTION: Final = "LabelingFunctionName"


class Client(reviews.Client):
    """Calls the environment's labeling service, and its reviews, in the name of whoever has the AWS session.

    What the service refuses is a `ClientError` with SageMaker's name for it, as boto3's client raises it.
    """

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
        return list(self._call("ListLabelingQuestions", {"LabelingJobName": job})["Questions"])

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
        return call(self._cloud, name, operation, body)
