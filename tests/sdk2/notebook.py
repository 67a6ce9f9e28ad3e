"""What every notebook of version 2 repeats."""

from collections.abc import Callable

from sagemaker.estimator import Estimator

BUCKET = "notebook-of-sdk-2"
Make = Callable[..., Estimator]
