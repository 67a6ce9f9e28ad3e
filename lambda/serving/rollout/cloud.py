"""Reads the state of a roll-out from AWS, and makes the calls that were decided on. No decision is made here."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rollout.events import Approved
from rollout.requests import (
    INSTANCE_TYPE_PROPERTY,
    Deployment,
    create_endpoint,
    problem,
    resource_id,
    scalable_target,
    scaling_policy,
    tag_list,
    update_endpoint,
)
from rollout.settings import Settings
from rollout.state import Approval, Endpoint, Rollout, State, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import DescribeEndpointOutputTypeDef, DescribeModelPackageOutputTypeDef

SNAPSHOTS = 5
_NEVER = datetime.min.replace(tzinfo=UTC)

REFUSALS = ("ValidationException", "ResourceLimitExceeded", "ResourceInUse", "ResourceNotFound", "ConflictException")
"""Errors that say something about the request; all others (permissions, throttling, faults) are worth a retry."""


class UnsettledError(Exception):
    """The endpoint changes faster than it can be read; Lambda delivers the event again in a minute."""


class Refused(Exception):  # noqa: N818 - an answer of SageMaker, no programming error
    """SageMaker will not deploy this configuration; the message says why."""


class Started(StrEnum):
    """Whether a deployment began, or the endpoint was busy with another one."""

    YES = "yes"
    BUSY = "busy"


class Cloud:
    """The endpoint, its configurations and the package group of one roll-out.

    Every method raises `ClientError` where AWS denies, throttles or fails: Lambda then delivers the event again.
    """

    def __init__(
        self, settings: Settings, sagemaker: "SageMakerClient", autoscaling: "ApplicationAutoScalingClient"
    ) -> None:
        self._settings, self._sagemaker, self._autoscaling = settings, sagemaker, autoscaling
        self._config_name = re.compile(rf"{re.escape(settings.endpoint)}-v\d+-[0-9a-f]{{8}}")

    def request(self, approved: Approved) -> Approval | None:
        """Record the approval of a package in a model and an endpoint configuration that serve it.

        One that cannot be deployed as it asks to be, or whose instance type SageMaker refuses, is marked as failed at
        once on a configuration of the settings, so that its reason is kept.
        None when there is nothing to approval: it is not approved any more, or this approval is known already.
        """
        package = self._package(approved.package)
        if package is None or not _is_approved(package):
            return None
        at = _exact_time(approved.at, package)
        if any(approval.package == approved.package and approval.requested_at >= at for approval in self._approvals()):
            return None
        properties = package.get("CustomerMetadataProperties", {})
        reason = problem(properties)
        try:
            return self._record(Deployment.of_package(approved.package, properties, self._settings), at, reason)
        except ClientError as error:
            if not properties.get(INSTANCE_TYPE_PROPERTY) or _code(error) != "ValidationException":
                raise
            own = properties[INSTANCE_TYPE_PROPERTY]
            reason = f"SageMaker refuses it on {own}, its {INSTANCE_TYPE_PROPERTY}: {_message(error)}"
        return self._record(Deployment.of_package(approved.package, {}, self._settings), at, reason)

    def lost_approval(self) -> Approved | None:
        """Return the approval that came last, if its event was lost: its version is newer than every recorded one.

        Of an older version, and of a recorded one that is approved again, an approval is known by its event alone:
        nothing else says when a package was approved, since every change of it moves its time.
        """
        recorded = self._approvals()
        newest = max((approval.version for approval in recorded), default=0)
        last = max((approval.requested_at for approval in recorded), default=_NEVER)
        pages = self._sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=self._settings.package_group, ModelApprovalStatus="Approved"
        )
        listed = [each for page in pages for each in page["ModelPackageSummaryList"]]
        arns = [each["ModelPackageArn"] for each in listed if each["ModelPackageVersion"] > newest]
        found = [
            Approved(arn, package.get("LastModifiedTime") or package["CreationTime"])
            for arn in arns
            if (package := self._package(arn)) is not None and _is_approved(package)
        ]
        return max((each for each in found if each.at > last), key=lambda approved: approved.at, default=None)

    def _record(self, deployment: Deployment, at: datetime, reason: str) -> Approval:
        """Make the model and the configuration of an approval, which is marked as failed where there is a reason."""
        rollout = Rollout.FAILED if reason else Rollout.PENDING
        approval = Approval(deployment.config_name(at), deployment.package, deployment.digest, at, rollout, reason)
        model, config = deployment.model(), deployment.endpoint_config(approval)
        self._ensure(
            lambda: self._sagemaker.create_model(**model),
            lambda: self._sagemaker.describe_model(ModelName=deployment.model_name),
        )
        self._ensure(
            lambda: self._sagemaker.create_endpoint_config(**config),
            lambda: self._sagemaker.describe_endpoint_config(EndpointConfigName=approval.config),
        )
        return approval

    def read(self) -> State:
        """Read everything that a decision depends on; approvals last, so that they are the freshest.

        Approvals and endpoint must belong together, or a deployment that just began would look like one that was rolled
        back: they are read again when the endpoint changed meanwhile.
        """
        for _ in range(SNAPSHOTS):
            before = self._describe()
            approvals = self._approvals()
            shown = self._describe()
            if _same(before, shown):
                break
        else:
            raise UnsettledError
        packages = {approval.package for approval in approvals}
        return State(
            _endpoint(shown), approvals, frozenset(arn for arn in packages if _is_approved(self._package(arn)))
        )

    def endpoint(self) -> Endpoint | None:
        """Return the endpoint as it is now; none if there is none."""
        return _endpoint(self._describe())

    def write(self, approval: Approval) -> None:
        """Write how far the approval has come into the tags of its endpoint configuration."""
        self._sagemaker.add_tags(
            ResourceArn=_config_arn(approval.package, approval.config), Tags=tag_list(approval.progress())
        )

    def create(self, approval: Approval) -> Started:
        """Create the endpoint; raises `Refused`."""
        request = create_endpoint(approval.config, self._settings)
        return self._start(lambda: self._sagemaker.create_endpoint(**request))

    def update(self, approval: Approval, serving: str) -> Started:
        """Roll `approval` out on the endpoint that serves the configuration `serving` now; raises `Refused`."""
        # Application Auto Scaling makes an update fail that changes the instance type of a registered variant.
        if self._instance_type(serving) != self._instance_type(approval.config):
            self._unregister()
        request = update_endpoint(approval.config, self._settings, instances=self._instances())
        return self._start(lambda: self._sagemaker.update_endpoint(**request))

    def delete(self) -> None:
        """Delete the endpoint; it is gone some time later."""
        try:
            self._sagemaker.delete_endpoint(EndpointName=self._settings.endpoint)
        except ClientError as error:
            if not _is_missing(error) and _code(error) not in REFUSALS:
                raise

    def forget(self, approval: Approval) -> None:
        """Delete an approval with its endpoint configuration; its model stays for the next one."""
        try:
            self._sagemaker.delete_endpoint_config(EndpointConfigName=approval.config)
        except ClientError as error:
            if not _is_missing(error):
                raise

    def tag(self, endpoint: str) -> None:
        """Give the endpoint of this ARN its tags, which one of an older release lacks; repeating it changes nothing."""
        if self._settings.tags:
            self._sagemaker.add_tags(ResourceArn=endpoint, Tags=tag_list(self._settings.tags))

    def scale(self) -> None:
        """Register the variant with Application Auto Scaling; repeating it changes nothing."""
        self._autoscaling.register_scalable_target(**scalable_target(self._settings))
        self._autoscaling.put_scaling_policy(**scaling_policy(self._settings))

    def _start(self, call: "Callable[[], object]") -> Started:
        try:
            call()
        except ClientError as error:
            if _code(error) not in REFUSALS:
                raise
            message = _message(error)
            endpoint = self.endpoint()
            busy = endpoint is not None and endpoint.status.busy
            if busy or "in-progress" in message or "already existing" in message:
                return Started.BUSY
            raise Refused(message) from error
        return Started.YES

    def _ensure(self, create: "Callable[[], object]", describe: "Callable[[], object]") -> None:
        """Create what may be there already: another reconciliation can be a moment ahead."""
        try:
            create()
        except ClientError as error:
            if _code(error) not in REFUSALS:
                raise
            try:
                describe()
            except ClientError:
                raise error from None

    def _describe(self) -> "DescribeEndpointOutputTypeDef | None":
        try:
            return self._sagemaker.describe_endpoint(EndpointName=self._settings.endpoint)
        except ClientError as error:
            if _is_missing(error):
                return None
            raise

    def _instances(self) -> int:
        """Return how many instances the endpoint has now, which an update retains."""
        shown = self._describe()
        variants = shown.get("ProductionVariants", []) if shown else []
        return sum(variant.get("DesiredInstanceCount", 0) for variant in variants)

    def _approvals(self) -> tuple[Approval, ...]:
        pages = self._sagemaker.get_paginator("list_endpoint_configs").paginate(
            NameContains=f"{self._settings.endpoint}-v"
        )
        configs = [config for page in pages for config in page["EndpointConfigs"]]
        approvals = [
            Approval.of_tags(config["EndpointConfigName"], self._tags(config["EndpointConfigArn"]))
            for config in configs
            if self._config_name.fullmatch(config["EndpointConfigName"])
        ]
        return tuple(approval for approval in approvals if approval is not None)

    def _tags(self, arn: str) -> "Mapping[str, str]":
        pages = self._sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

    def _package(self, arn: str) -> "DescribeModelPackageOutputTypeDef | None":
        try:
            return self._sagemaker.describe_model_package(ModelPackageName=arn)
        except ClientError as error:
            if _code(error) in REFUSALS:
                return None
            raise

    def _instance_type(self, config: str) -> str | None:
        try:
            shown = self._sagemaker.describe_endpoint_config(EndpointConfigName=config)
        except ClientError as error:
            if _is_missing(error):
                return None
            raise
        return next((variant.get("InstanceType") for variant in shown["ProductionVariants"]), None)

    def _unregister(self) -> None:
        try:
            self._autoscaling.deregister_scalable_target(
                ServiceNamespace="sagemaker",
                ResourceId=resource_id(self._settings),
                ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            )
        except ClientError as error:
            if _code(error) != "ObjectNotFoundException":
                raise


def _endpoint(shown: "DescribeEndpointOutputTypeDef | None") -> Endpoint | None:
    if shown is None:
        return None
    status = Status(shown["EndpointStatus"])
    config = shown.get("EndpointConfigName", "")
    pending = shown.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
    return Endpoint(
        status=status,
        config=config,
        pending_config=config if status is Status.CREATING else pending,
        failure_reason=shown.get("FailureReason", ""),
        arn=shown["EndpointArn"],
    )


def _same(before: "DescribeEndpointOutputTypeDef | None", after: "DescribeEndpointOutputTypeDef | None") -> bool:
    """Return whether no deployment began or ended in between; a busy endpoint changes all the time."""
    if before is None or after is None:
        return before is after
    if before["EndpointStatus"] != after["EndpointStatus"]:
        return False
    return Status(after["EndpointStatus"]).busy or before["LastModifiedTime"] == after["LastModifiedTime"]


def _is_approved(package: "DescribeModelPackageOutputTypeDef | None") -> bool:
    return (
        package is not None
        and package.get("ModelApprovalStatus") == "Approved"
        and package["ModelPackageStatus"] == "Completed"
    )


def _exact_time(at: datetime, package: "DescribeModelPackageOutputTypeDef") -> datetime:
    """Return the time of a change to the millisecond: events have it to the second, the package itself has it exactly.

    Where the package was changed again since, the second of the event must do.
    """
    exact = package.get("LastModifiedTime") or package["CreationTime"]
    return exact if at == exact.replace(microsecond=0) else at


def _config_arn(package: str, config: str) -> str:
    """Return the ARN of an endpoint configuration in the account and region of the package."""
    return f"{package.split(':model-package/', maxsplit=1)[0]}:endpoint-config/{config.lower()}"


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _message(error: ClientError) -> str:
    return error.response["Error"].get("Message", "")


def _is_missing(error: ClientError) -> bool:
    return _code(error) == "ResourceNotFound" or (
        _code(error) == "ValidationException" and "could not find" in _message(error).lower()
    )
