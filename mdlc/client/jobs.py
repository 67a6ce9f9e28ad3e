"""Kinds of SageMaker jobs, by the name that SageMaker's API makes its members of: `TrainingJobStatus`."""

from collections.abc import Mapping
from typing import Final

TRAINING: Final = "TrainingJob"
PROCESSING: Final = "ProcessingJob"
KINDS: Final = (TRAINING, PROCESSING)
LOG_GROUPS: Final[Mapping[str, str]] = {kind: f"/aws/sagemaker/{kind}s" for kind in KINDS}
"""Where every job of a kind writes its log; its streams are called `NAME/…`."""
