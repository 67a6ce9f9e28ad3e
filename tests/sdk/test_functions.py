"""Code of a notebook that becomes a job: functions by `@remote` and `@step`, and folders by `FrameworkProcessor`.

The SDK starts functions with its own package, which an image for them has. Ours has not: the notebook's own stands in.
"""

import sysconfig
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.processing import FrameworkProcessor
from sagemaker.core.remote_function import remote
from sagemaker.core.resources import TrainingJob
from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output
from sagemaker.core.workflow.parameters import ParameterInteger
from sagemaker.mlops.workflow.function_step import step
from sagemaker.mlops.workflow.pipeline import Pipeline

from tests.sdk.notebook import BUCKET, content, finished


@pytest.fixture
def settings(image: str, role: str) -> Mapping[str, Any]:
    """What a function runs on."""
    return {
        "image_uri": image,
        "role": role,
        "instance_type": "ml.m5.large",
        "environment_variables": {"PYTHONPATH": sysconfig.get_paths()["purelib"]},
    }


def test_a_function_runs_as_a_job_and_returns_its_value(settings: Mapping[str, Any], session: Session) -> None:
    """@remote: "runs the annotated function as a SageMaker training job synchronously", and returns what it does."""

    @remote(sagemaker_session=session, **settings)
    def divide(number: int, by: int) -> dict[str, Any]:
        import os  # noqa: PLC0415 - what it is sent with is itself

        return {"half": number / by, "job": os.environ["TRAINING_JOB_NAME"]}

    answer = divide(7, by=2)
    assert answer["half"] == 3.5
    assert TrainingJob.get(answer["job"]).training_job_status == "Completed"


def test_an_error_of_a_function_is_raised_in_the_notebook(settings: Mapping[str, Any], session: Session) -> None:
    """@remote: an exception of the function is raised again by the call."""

    @remote(sagemaker_session=session, **settings)
    def divide(number: int, by: int) -> float:
        return number / by

    with pytest.raises(ZeroDivisionError):
        divide(1, 0)


def test_steps_that_are_functions_pass_their_values_on(
    settings: Mapping[str, Any], session: Session, role: str
) -> None:
    """@step: a call gives a DelayedReturn, which other steps take; `execution.result` is what the function returned."""

    @step(name="Load", **settings)
    def load(count: int) -> list[int]:
        return list(range(count))

    @step(name="Total", **settings)
    def total(numbers: list[int], more: int) -> int:
        return sum(numbers) + more

    count = ParameterInteger(name="Count", default_value=3)
    pipeline = Pipeline(
        f"functions-{uuid.uuid4().hex[:8]}",
        parameters=[count],
        steps=[total(load(count), more=10)],
        sagemaker_session=session,
    )
    pipeline.upsert(role_arn=role)
    execution = pipeline.start(parameters={"Count": 5})
    assert set(finished(execution)) == {"Load", "Total"}
    assert execution.result("Load") == [0, 1, 2, 3, 4]
    assert execution.result("Total") == 20
    pipeline.delete()


def test_a_folder_of_code_is_processed(image: str, role: str, session: Session, tmp_path: Path) -> None:
    """FrameworkProcessor: `source_dir` is unpacked beside `code`, whose arguments are those of the call."""
    (tmp_path / "helper.py").write_text("def shout(word):\n    return word.upper()\n")
    (tmp_path / "main.py").write_text(
        "import pathlib, sys\nfrom helper import shout\n"
        "pathlib.Path('/opt/ml/processing/output/said').write_text(shout(sys.argv[1]))\n"
    )
    processor = FrameworkProcessor(
        image_uri=image,
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        command=["python3"],
        base_job_name="folder",
        sagemaker_session=session,
    )
    place = ProcessingS3Output(
        s3_uri=f"s3://{BUCKET}/folder", local_path="/opt/ml/processing/output", s3_upload_mode="EndOfJob"
    )
    processor.run(
        code="main.py",
        source_dir=str(tmp_path),
        outputs=[ProcessingOutput(output_name="said", s3_output=place)],
        arguments=["hello"],
        logs=False,
    )
    assert content(f"s3://{BUCKET}/folder/said") == b"HELLO"
