"""Deletes an endpoint that a roll-out made, with its configurations and models."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cleanup.missing import is_missing, unless_missing
from common.custom_resource import Failure

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_sagemaker import SageMakerClient

POLL_SECONDS = 2.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Endpoint:
    """An endpoint by its name, and what it is deleted with."""

    name: str
    sagemaker: "SageMakerClient"
    autoscaling: "ApplicationAutoScalingClient"

    def end(self, time_left: Callable[[], bool]) -> None:
        """Delete the endpoint, wait until it is gone, then delete its configurations and models.

        What cannot be taken out of scaling costs nothing and holds up no deletion: it is logged. `Failure` says what
        is left when the time is over.
        """
        self._unregister()
        while self._exists():
            if not time_left():
                raise Failure(
                    f"The endpoint {self.name} is still being deleted: delete the stack again in some minutes."
                )
            self._request_deletion()
            time.sleep(POLL_SECONDS)
        for delete in self._deletions(f"{self.name}-v"):
            if not time_left():
                raise Failure(f"Configurations and models of {self.name} are left: delete the stack again.")
            unless_missing(delete)

    def _deletions(self, prefix: str) -> Iterator[Callable[[], object]]:
        """Yield what deletes each configuration and each model of the endpoint."""
        for configs in self.sagemaker.get_paginator("list_endpoint_configs").paginate(NameContains=prefix):
            for config in configs["EndpointConfigs"]:
                if (name := config["EndpointConfigName"]).startswith(prefix):
                    yield partial(self.sagemaker.delete_endpoint_config, EndpointConfigName=name)
        for models in self.sagemaker.get_paginator("list_models").paginate(NameContains=prefix):
            for model in models["Models"]:
                if (name := model["ModelName"]).startswith(prefix):
                    yield partial(self.sagemaker.delete_model, ModelName=name)

    def _exists(self) -> bool:
        try:
            self.sagemaker.describe_endpoint(EndpointName=self.name)
        except ClientError as error:
            if not is_missing(error):
                raise
            return False
        return True

    def _request_deletion(self) -> None:
        """Ask for the deletion; SageMaker refuses while the endpoint is being updated, and then it is asked again."""
        try:
            self.sagemaker.delete_endpoint(EndpointName=self.name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationException":
                raise

    def _unregister(self) -> None:
        """Take the endpoint's variants out of Application Auto Scaling."""
        try:
            shown = self.sagemaker.describe_endpoint(EndpointName=self.name)
        except ClientError as error:
            if not is_missing(error):
                raise
            return
        for variant in shown.get("ProductionVariants", ()):
            try:
                self.autoscaling.deregister_scalable_target(
                    ServiceNamespace="sagemaker",
                    ResourceId=f"endpoint/{self.name}/variant/{variant['VariantName']}",
                    ScalableDimension="sagemaker:variant:DesiredInstanceCount",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "ObjectNotFoundException":
                    logger.warning("%s stays registered for scaling: %s", self.name, error)
