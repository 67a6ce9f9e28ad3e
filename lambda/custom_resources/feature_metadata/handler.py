"""The custom resource `Custom::FeatureMetadata`: descriptions and parameters of a feature group's features.

Properties: `FeatureGroupName`, and `Features`, a JSON object `{feature: {"Description", "Parameters": {key: value}}}`.
The metadata becomes exactly that. It goes with its group, so deleting the resource does nothing; a feature that leaves
the properties keeps what it has.
"""

import json
import logging
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from common import custom_resource
from common.custom_resource import CLIENT, Context, Failure, Request, Resource

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import UpdateFeatureMetadataRequestTypeDef

WAIT_SECONDS = 60.0  # a feature that was just added is not there at once
POLL_SECONDS = 2.0

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


@cache
def sagemaker() -> "SageMakerClient":
    """Return the SageMaker client of this execution environment."""
    return boto3.client("sagemaker", config=CLIENT)


def on_event(event: dict[str, Any], context: Context) -> None:
    """Answer CloudFormation."""
    custom_resource.answer(event, context, _act, logger.error)


def _act(request: Request) -> Resource:
    if request.type == "Delete":
        return Resource(request.logical_id)
    group = request.text("FeatureGroupName")
    deadline = time.monotonic() + min(WAIT_SECONDS, request.seconds_left())
    for feature, wanted in _features(request.text("Features")).items():
        _write(group, feature, wanted, deadline)
    return Resource(f"{group}/metadata")


def _features(text: str) -> Mapping[str, Mapping[str, Any]]:
    try:
        features = json.loads(text)
    except ValueError as error:
        raise Failure(f"Features is no JSON: {error}.") from None
    if not isinstance(features, dict):
        raise Failure("Features is no JSON object of features.")
    return features


def _write(group: str, feature: str, wanted: Mapping[str, Any], deadline: float) -> None:
    """Change what differs, and nothing else."""
    found = _read(group, feature, deadline)
    there = {item.get("Key", ""): item.get("Value", "") for item in found.get("Parameters", ())}
    parameters: Mapping[str, str] = wanted.get("Parameters", {})
    request: UpdateFeatureMetadataRequestTypeDef = {"FeatureGroupName": group, "FeatureName": feature}
    if found.get("Description", "") != wanted.get("Description", ""):
        request["Description"] = wanted.get("Description", "")
    if changed := [(key, value) for key, value in sorted(parameters.items()) if there.get(key) != value]:
        request["ParameterAdditions"] = [{"Key": key, "Value": value} for key, value in changed]
    if removals := sorted(there.keys() - parameters.keys()):
        request["ParameterRemovals"] = removals
    if len(request) > 2:  # noqa: PLR2004 - more than the two names
        sagemaker().update_feature_metadata(**request)
        logger.info("Metadata of %s in %s is written", feature, group)


def _read(group: str, feature: str, deadline: float) -> Mapping[str, Any]:
    while True:
        try:
            return sagemaker().describe_feature_metadata(FeatureGroupName=group, FeatureName=feature)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFound":
                raise
        if time.monotonic() + POLL_SECONDS > deadline:
            raise Failure(f"{group} has no feature {feature}.")
        time.sleep(POLL_SECONDS)
