"""Deletes the versions of a model, so that their group can be deleted."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cleanup.missing import is_missing, unless_missing
from common.custom_resource import Failure

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def empty_registry(sagemaker: "SageMakerClient", group: str, time_left: Callable[[], bool]) -> None:
    """Delete all versions of the model package group; `Failure` says what is left."""
    try:
        pages = list(sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group))
    except ClientError as error:
        if not is_missing(error):
            raise
        return
    packages = [package["ModelPackageArn"] for page in pages for package in page["ModelPackageSummaryList"]]
    for done, package in enumerate(packages):
        if not time_left():
            raise Failure(f"{len(packages) - done} versions of {group} are left: delete the stack again.")
        unless_missing(partial(sagemaker.delete_model_package, ModelPackageName=package))
    logger.info("%d versions of %s are deleted", len(packages), group)
