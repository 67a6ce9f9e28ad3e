"""Versions of a model in the registry, and how far each has rolled out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from botocore.exceptions import ClientError

from mdlc.client.aws import Cloud
from mdlc.client.deployed import ENDPOINT, MODEL_GROUP, Deployed
from mdlc.client.waiting import until
from mdlc.errors import InputError
from mdlc.output import Say
from rollout.state import Approval
from rollout.state import Rollout as RolloutState

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import DescribeModelPackageOutputTypeDef

Decision = Literal["Approved", "Rejected"]

NOT_DEPLOYED: Final = "none"
UNDER_WAY: Final = frozenset({NOT_DEPLOYED, RolloutState.PENDING, RolloutState.DEPLOYING})
SERVING: Final = RolloutState.SERVING
NAMED_METRICS: Final = ("roc_auc", "accuracy", "precision", "recall", "f1", "macro_f1", "r2", "rmse", "mae")


@dataclass(frozen=True)
class Rollout:
    """How far a model package has been rolled out to an endpoint, by the tags of its endpoint configuration."""

    state: str = NOT_DEPLOYED
    """A state of the roll-out's own, or none: never asked for, or too long ago to be known."""
    reason: str = ""
    requested_at: datetime | None = None
    endpoint_config: str = ""


@dataclass(frozen=True)
class ModelVersion:
    """One version of a model package group."""

    version: int
    arn: str
    approval: str
    created: datetime
    metrics: Mapping[str, float]
    """By name, from its model-quality report; empty when it has none."""
    rollout: Rollout

    @property
    def state(self) -> str:
        """Its approval, and how far it has rolled out: `Approved, serving`."""
        return f"{self.approval}, {self.rollout.state if self.rollout.state != NOT_DEPLOYED else 'not rolled out'}"

    def as_json(self) -> dict[str, Any]:
        """Return the version as --json shows it."""
        return {
            "version": self.version,
            "model_package": self.arn,
            "approval": self.approval,
            "created": self.created.isoformat(),
            "metrics": dict(self.metrics),
            "rollout": self.rollout.state,
            "reason": self.rollout.reason or None,
            "endpoint_config": self.rollout.endpoint_config or None,
        }


def versions(cloud: Cloud, group: str, endpoint: str | None, limit: int) -> list[ModelVersion]:
    """Return the newest `limit` versions of a group, newest first."""
    rollouts = read_rollouts(cloud.sagemaker, endpoint) if endpoint else {}
    found: list[ModelVersion] = []
    for page in cloud.sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending"
    ):
        for summary in page["ModelPackageSummaryList"]:
            if len(found) == limit:
                return found
            described = cloud.sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
            found.append(_version(cloud, described, rollouts))
    return found


def _version(
    cloud: Cloud, described: "DescribeModelPackageOutputTypeDef", rollouts: Mapping[str, Rollout]
) -> ModelVersion:
    statistics = described.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
    return ModelVersion(
        version=described["ModelPackageVersion"],
        arn=described["ModelPackageArn"],
        approval=described.get("ModelApprovalStatus", ""),
        created=described["CreationTime"],
        metrics=quality(cloud.read_json(statistics["S3Uri"])) if statistics else {},
        rollout=rollouts.get(described["ModelPackageArn"], Rollout()),
    )


def show(deployed: Deployed, version: int) -> dict[str, Any]:
    """Return all that the registry says of a version, and its roll-out; raise `InputError` when there is none."""
    cloud, endpoint = deployed.cloud, deployed.find(ENDPOINT)
    arn = package_arn(cloud.sagemaker, deployed.need(MODEL_GROUP), version)
    described = cloud.sagemaker.describe_model_package(ModelPackageName=arn)
    rollouts = read_rollouts(cloud.sagemaker, endpoint, version) if endpoint else {}
    containers = described.get("InferenceSpecification", {}).get("Containers", [])
    reports = {
        name: statistics["S3Uri"]
        for name, statistics in (
            ("quality", described.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})),
            ("bias", described.get("ModelMetrics", {}).get("Bias", {}).get("Report", {})),
            ("explanations", described.get("ModelMetrics", {}).get("Explainability", {}).get("Report", {})),
        )
        if "S3Uri" in statistics
    }
    return {
        **_version(cloud, described, rollouts).as_json(),
        "description": described.get("ModelPackageDescription") or None,
        "decision": described.get("ApprovalDescription") or None,
        "image": containers[0].get("Image") if containers else None,
        "model": containers[0].get("ModelDataUrl") if containers else None,
        "reports": reports,
        "metadata": dict(described.get("CustomerMetadataProperties", {})),
    }


def quality(report: Mapping[str, Any]) -> dict[str, float]:
    """Return the named metrics of a model-quality report, whichever problem type it files them under."""
    found: dict[str, float] = {}
    for metrics in report.values():
        for name in NAMED_METRICS:
            value = metrics.get(name, {}).get("value") if isinstance(metrics, dict) else None
            if isinstance(value, int | float):
                found.setdefault(name, float(value))
    return found


def package_arn(sagemaker: "SageMakerClient", group: str, version: int) -> str:
    """Return the ARN of a version; raise `InputError` when the group has no such version."""
    for page in sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group):
        for summary in page["ModelPackageSummaryList"]:
            if summary.get("ModelPackageVersion") == version:
                return summary["ModelPackageArn"]
    raise InputError(f"{group} has no version {version}.")


def approved_versions(sagemaker: "SageMakerClient", group: str) -> list[int]:
    """Return the approved versions of a group, the newest first."""
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, ModelApprovalStatus="Approved", SortBy="CreationTime", SortOrder="Descending"
    )
    return [
        summary["ModelPackageVersion"]
        for page in pages
        for summary in page["ModelPackageSummaryList"]
        if "ModelPackageVersion" in summary
    ]


def still_serves(deployed: Deployed, arn: str, version: int) -> bool:
    """Return whether an endpoint still serves a version that was rejected: it does until another one is approved."""
    endpoint = deployed.find(ENDPOINT)
    if endpoint is None:
        return False
    sagemaker = deployed.cloud.sagemaker
    rollout = read_rollouts(sagemaker, endpoint, version).get(arn, Rollout())
    return rollout.state == SERVING and not approved_versions(sagemaker, deployed.need(MODEL_GROUP))


def read_rollouts(sagemaker: "SageMakerClient", endpoint: str, version: int | None = None) -> dict[str, Rollout]:
    """Return the latest roll-out of each model package, or of one version, to `endpoint`, by the package's ARN."""
    latest: dict[str, Approval] = {}
    name = f"{endpoint}-v" if version is None else f"{endpoint}-v{version}-"
    for page in sagemaker.get_paginator("list_endpoint_configs").paginate(NameContains=name):
        for config in page["EndpointConfigs"]:
            tags = {
                tag["Key"]: tag["Value"]
                for tag_page in sagemaker.get_paginator("list_tags").paginate(ResourceArn=config["EndpointConfigArn"])
                for tag in tag_page["Tags"]
            }
            approval = Approval.of_tags(config["EndpointConfigName"], tags)
            if approval is None:
                continue
            known = latest.get(approval.package)
            if known is None or known.requested_at <= approval.requested_at:
                latest[approval.package] = approval
    return {
        package: Rollout(approval.rollout, approval.reason, approval.requested_at, approval.config)
        for package, approval in latest.items()
    }


def decide(sagemaker: "SageMakerClient", arn: str, decision: Decision, comment: str | None) -> bool:
    """Approve or reject a model package; return False when that had been decided before and nothing changed."""
    if sagemaker.describe_model_package(ModelPackageName=arn).get("ModelApprovalStatus") == decision:
        return False
    if comment:
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=decision, ApprovalDescription=comment)
    else:
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=decision)
    return True


def reopen(sagemaker: "SageMakerClient", arn: str) -> None:
    """Take back a decision, so that deciding again is news to whoever listens."""
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="PendingManualApproval")


def approve(
    deployed: Deployed, version: int, *, comment: str | None, timeout: float | None, say: Say
) -> tuple[str, Rollout]:
    """Approve a version and, with a `timeout`, wait for its roll-out: the package's ARN and how far it came.

    A version that is approved already and was rolled back is approved anew, since that is what asks for another try.
    Where the environment has no endpoint there is nothing to wait for: `InputError` with a `timeout`.
    """
    cloud, group = deployed.cloud, deployed.need(MODEL_GROUP)
    endpoint = deployed.find(ENDPOINT) if timeout is None else deployed.need(ENDPOINT)
    arn = package_arn(cloud.sagemaker, group, version)
    if endpoint is None:
        decide(cloud.sagemaker, arn, "Approved", comment)
        return arn, Rollout()
    before = read_rollouts(cloud.sagemaker, endpoint, version).get(arn, Rollout())
    if not decide(cloud.sagemaker, arn, "Approved", comment) and before.state not in {*UNDER_WAY, SERVING}:
        reopen(cloud.sagemaker, arn)
        decide(cloud.sagemaker, arn, "Approved", comment)
    if timeout is None:
        return arn, before
    return arn, wait_for_rollout(
        cloud.sagemaker,
        endpoint,
        arn,
        version,
        before=before,
        timeout=timeout,
        interval=cloud.poll_seconds,
        watch=lambda state: say(f"rolling out version {version} to {endpoint}: {state}"),
    )


def wait_for_rollout(  # noqa: PLR0913 - each is named by the caller
    sagemaker: "SageMakerClient",
    endpoint: str,
    arn: str,
    version: int,
    *,
    before: Rollout,
    timeout: float,
    interval: float,
    watch: Callable[[str], None] = lambda _: None,
) -> Rollout:
    """Return how the roll-out of a package has_ended.

    `before` is its roll-out ahead of the approval: an ending that was there already is not this one's. Raise
    `CommandError` when it has not has_ended within `timeout` seconds.
    """

    def has_ended(rollout: Rollout) -> bool:
        renewed = rollout.requested_at != before.requested_at or before.state in UNDER_WAY
        return rollout.state not in UNDER_WAY and (renewed or rollout.state == SERVING)

    return until(
        lambda: read_rollouts(sagemaker, endpoint, version).get(arn, Rollout()),
        has_ended,
        late=lambda rollout: f"The roll-out to {endpoint} is still {rollout.state}",
        timeout=timeout,
        interval=interval,
        watch=lambda rollout: watch(rollout.state),
    )


def endpoint_status(sagemaker: "SageMakerClient", endpoint: str) -> str:
    """Return the status of an endpoint, `none` when it was not created yet."""
    try:
        return sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"]
    except ClientError as error:
        if "Could not find" in str(error):
            return NOT_DEPLOYED
        raise
