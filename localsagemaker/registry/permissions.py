"""What the operations of the model registry act on, and their condition keys."""

from collections.abc import Iterator, Mapping

from localsagemaker.kernel.authorization import Permissions, by_arn, by_name
from localsagemaker.kernel.host import Context
from localsagemaker.kernel.requests import Request
from localsagemaker.kernel.resources import Resources
from localsagemaker.registry.kinds import KINDS, MODEL_PACKAGE, MODEL_PACKAGE_GROUP


def _new_package(request: Request) -> Iterator[str]:
    """Find the group that a package becomes a version of, or a package without one."""
    scope, group = request.scope, request.parameters.get("ModelPackageGroupName")
    if group:
        yield MODEL_PACKAGE_GROUP.arn_of(scope, group)
        yield MODEL_PACKAGE.arn(scope, f"{group.rsplit('/', 1)[-1]}/*")
    else:
        yield MODEL_PACKAGE.arn_of(scope, request.parameters.get("ModelPackageName", "*"))


def _conditions(request: Request, _: Resources) -> Mapping[str, Context]:
    """Return the condition keys of approval, life cycle and metadata."""
    metadata = request.parameters.get("CustomerMetadataProperties") or {}
    keys: dict[str, Context] = {
        f"sagemaker:CustomerMetadataProperties/{name}": value for name, value in metadata.items()
    }
    if status := request.parameters.get("ModelApprovalStatus"):
        keys["sagemaker:ModelApprovalStatus"] = status
    if removed := request.parameters.get("CustomerMetadataPropertiesToRemove"):
        keys["sagemaker:CustomerMetadataPropertiesToRemove"] = removed
    cycle = request.parameters.get("ModelLifeCycle") or {}
    keys |= {f"sagemaker:ModelLifeCycle:{name}": cycle[name] for name in ("Stage", "StageStatus") if name in cycle}
    return keys


PERMISSIONS = Permissions(
    KINDS,
    {
        "CreateModelPackage": _new_package,
        "UpdateModelPackage": by_arn("ModelPackageArn"),
        "BatchDescribeModelPackage": lambda request: request.parameters["ModelPackageArnList"],
        **dict.fromkeys(
            ("PutModelPackageGroupPolicy", "GetModelPackageGroupPolicy", "DeleteModelPackageGroupPolicy"),
            by_name(MODEL_PACKAGE_GROUP),
        ),
    },
    _conditions,
)
