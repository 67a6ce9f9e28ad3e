"""Kinds of SageMaker jobs, by the name that SageMaker's API makes its members of: `TrainingJobStatus`."""

from collections.abc import Mapping
from typing import Final

TRAINING: Final = "TrainingJob"
PROCESSING: Final = "ProcessingJob"
LOG_GROUPS: Final[Mapping[str, str]] = {
    TRAINING: "/aws/sagemaker/TrainingJobs",
    PROCESSING: "/aws/sagemaker/ProcessingJobs",
}
"""Where every job of a kind writes its log; its streams are called `NAME/…`."""
