"""A SageMaker runtime that answers anything: what is refused is refused by the function."""

from tests.lambda_.conftest import aws, context
from tests.lambda_.serving.predictions.conftest import runtime, settings

__all__ = ["aws", "context", "runtime", "settings"]
