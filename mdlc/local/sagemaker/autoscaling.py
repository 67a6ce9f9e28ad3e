"""Application Auto Scaling for endpoint variants: records only, nothing is scaled on this machine."""

from collections.abc import Mapping
from typing import Any

from mdlc.local.sagemaker.errors import ServiceError
from mdlc.local.sagemaker.host import Caller, Host
from mdlc.local.sagemaker.service import SageMaker


class AutoScaling:
    """Scalable targets and scaling policies of the service namespace `sagemaker`."""

    def __init__(self, host: Host, sagemaker: SageMaker) -> None:
        self._host, self._sagemaker = host, sagemaker

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run one operation, such as `RegisterScalableTarget`, and return its output members."""
        raise ServiceError("UnknownOperationException", f"{operation} is not provided by the local Auto Scaling")
