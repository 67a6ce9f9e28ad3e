"""The model registry: groups, their versions, approval, and the events that announce a change."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.events import detail
from localsagemaker.kernel.host import Host, Scope
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe
from localsagemaker.registry.kinds import MODEL_PACKAGE, MODEL_PACKAGE_GROUP
from localsagemaker.registry.permissions import PERMISSIONS

_REPLACED = (
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)
_SUMMARY = {
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "InferenceSpecification",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
}


class Registry:
    """Model package groups and model packages.

    A version's number is never used again, and a package is complete as soon as it is created: nothing validates or
    scans it here.
    """

    permissions = PERMISSIONS

    def __init__(self, host: Host, resources: Resources) -> None:
        self._host, self._resources = host, resources
        self._last_versions: dict[str, int] = {}
        self._tokens: dict[tuple[Scope, str], str] = {}

    def operations(self) -> dict[str, Handler]:
        """Return every operation of the registry."""
        return {
            "CreateModelPackageGroup": self._create_group,
            "DescribeModelPackageGroup": self._describe_group,
            "ListModelPackageGroups": self._list_groups,
            "DeleteModelPackageGroup": self._delete_group,
            "PutModelPackageGroupPolicy": self._put_policy,
            "GetModelPackageGroupPolicy": self._get_policy,
            "DeleteModelPackageGroupPolicy": self._delete_policy,
            "CreateModelPackage": self._create,
            "DescribeModelPackage": self._describe,
            "BatchDescribeModelPackage": self._describe_many,
            "ListModelPackages": self._list,
            "UpdateModelPackage": self._update,
            "DeleteModelPackage": self._delete,
        }

    def close(self) -> None:
        """Nothing runs."""

    def require_approved(self, scope: Scope, identifier: str) -> Record:
        """Return a package that may be deployed; `ValidationException` for a version that is not approved."""
        record = self._resources.get(MODEL_PACKAGE, scope, identifier)
        status = record.get("ModelApprovalStatus")
        if "ModelPackageVersion" in record and status != "Approved":
            raise ServiceError(
                "ValidationException",
                f"Model package {record['ModelPackageArn']} cannot be deployed: its approval status is {status}.",
            )
        return record

    def _create_group(self, request: Request) -> dict[str, Any]:
        name = request.parameters["ModelPackageGroupName"]
        record = self._resources.add(
            MODEL_PACKAGE_GROUP,
            request.scope,
            name,
            {**request.parameters, "ModelPackageGroupStatus": "Completed", "CreatedBy": request.caller.user_context},
        )
        self._last_versions.setdefault(record["ModelPackageGroupArn"], 0)
        return {"ModelPackageGroupArn": record["ModelPackageGroupArn"]}

    def _describe_group(self, request: Request) -> dict[str, Any]:
        name = request.parameters["ModelPackageGroupName"]
        record = self._resources.get(MODEL_PACKAGE_GROUP, request.scope, name)
        return describe(record, request.operation)

    def _list_groups(self, request: Request) -> dict[str, Any]:
        return listing(request, self._resources.all(MODEL_PACKAGE_GROUP, request.scope), MODEL_PACKAGE_GROUP)

    def _delete_group(self, request: Request) -> dict[str, Any]:
        with self._resources.lock:
            name = request.parameters["ModelPackageGroupName"]
            record = self._resources.get(MODEL_PACKAGE_GROUP, request.scope, name)
            if list(self._versions(request.scope, record["ModelPackageGroupName"])):
                raise ServiceError(
                    "ConflictException",
                    f"Model package group {record['ModelPackageGroupArn']} cannot be deleted: it has model packages.",
                )
            self._resources.remove(MODEL_PACKAGE_GROUP, request.scope, name)
        return {}

    def _put_policy(self, request: Request) -> dict[str, Any]:
        """Keep a resource policy; it would matter to other accounts only, and is not evaluated here."""
        name, policy = request.parameters["ModelPackageGroupName"], request.parameters["ResourcePolicy"]
        try:
            json.loads(policy)
        except ValueError as error:
            raise ServiceError("ValidationException", f"ResourcePolicy is not JSON: {error}.") from error
        record = self._resources.update(MODEL_PACKAGE_GROUP, request.scope, name, {"ResourcePolicy": policy})
        return {"ModelPackageGroupArn": record["ModelPackageGroupArn"]}

    def _get_policy(self, request: Request) -> dict[str, Any]:
        record = self._of_policy(request)
        if "ResourcePolicy" not in record:
            raise ServiceError(
                "ValidationException", f"Cannot find resource policy for: {record['ModelPackageGroupArn']}"
            )
        return {"ResourcePolicy": record["ResourcePolicy"]}

    def _delete_policy(self, request: Request) -> dict[str, Any]:
        record = self._of_policy(request)
        name = record["ModelPackageGroupName"]
        self._resources.update(MODEL_PACKAGE_GROUP, request.scope, name, {"ResourcePolicy": None})
        return {}

    def _of_policy(self, request: Request) -> Record:
        """Return the group of a policy; where it is not there, these operations have words of their own."""
        name = request.parameters["ModelPackageGroupName"]
        record = self._resources.find(MODEL_PACKAGE_GROUP, request.scope, name)
        if record is None:
            arn = MODEL_PACKAGE_GROUP.arn_of(request.scope, name)
            raise ServiceError("ValidationException", f"Cannot find Model Package Group: {arn}")
        return record

    def _versions(self, scope: Scope, group: str) -> Iterable[Record]:
        return (
            record
            for record in self._resources.all(MODEL_PACKAGE, scope)
            if record.get("ModelPackageGroupName") == group
        )

    def _create(self, request: Request) -> dict[str, Any]:
        token = (request.scope, request.parameters["ClientToken"])
        with self._resources.lock:
            if token in self._tokens:
                return {"ModelPackageArn": self._tokens[token]}
            record = self._register(request)
            self._tokens[token] = record["ModelPackageArn"]
        self._announce(request.scope, record, ())
        return {"ModelPackageArn": record["ModelPackageArn"]}

    def _register(self, request: Request) -> Record:
        parameters, scope = request.parameters, request.scope
        members: dict[str, Any] = {
            **{name: value for name, value in parameters.items() if name != "ClientToken"},
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": parameters.get("CertifyForMarketplace", False),
            "CreatedBy": request.caller.user_context,
        }
        if "ModelPackageGroupName" in parameters and "ModelPackageName" in parameters:
            raise ServiceError(
                "ValidationException",
                "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
                "Cannot determine which one to use.",
            )
        if "ModelPackageGroupName" in parameters:
            group = self._resources.find(MODEL_PACKAGE_GROUP, scope, parameters["ModelPackageGroupName"])
            if group is None:
                raise ServiceError("ValidationException", "Model Package Group does not exist.")
            if parameters.get("Tags"):
                raise ServiceError(
                    "ValidationException", "A version of a model package group takes no Tags: tag the group instead."
                )
            version = self._last_versions[group["ModelPackageGroupArn"]] + 1
            self._last_versions[group["ModelPackageGroupArn"]] = version
            members |= {
                "ModelPackageGroupName": group["ModelPackageGroupName"],
                "ModelPackageVersion": version,
                "ModelApprovalStatus": parameters.get("ModelApprovalStatus", "PendingManualApproval"),
            }
            name = f"{group['ModelPackageGroupName']}/{version}"
        elif "ModelPackageName" in parameters:
            name = parameters["ModelPackageName"]
        else:
            raise ServiceError("ValidationException", "Missing ARN.")
        return self._resources.add(MODEL_PACKAGE, scope, name, members)

    def _describe(self, request: Request) -> dict[str, Any]:
        record = self._resources.get(MODEL_PACKAGE, request.scope, request.parameters["ModelPackageName"])
        return describe(_leave_name_out(record), request.operation)

    def _describe_many(self, request: Request) -> dict[str, Any]:
        found: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for arn in request.parameters["ModelPackageArnList"]:
            record = self._resources.find(MODEL_PACKAGE, request.scope, arn)
            if record is None:
                errors[arn] = {"ErrorCode": "ResourceNotFound", "ErrorResponse": f"{arn} does not exist."}
            else:
                found[arn] = {name: value for name, value in record.items() if name in _SUMMARY}
        return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}

    def _list(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        group = parameters.get("ModelPackageGroupName")
        wanted = parameters.get("ModelPackageType", "Versioned" if group else "Unversioned")
        records: list[Record] = self._resources.all(MODEL_PACKAGE, request.scope)
        if group:
            name = self._resources.get(MODEL_PACKAGE_GROUP, request.scope, group)["ModelPackageGroupName"]
            records = list(self._versions(request.scope, name))
        if wanted != "Both":
            records = [record for record in records if ("ModelPackageVersion" in record) == (wanted == "Versioned")]
        answer = listing(request, records, MODEL_PACKAGE)
        answer["ModelPackageSummaryList"] = [_leave_name_out(summary) for summary in answer["ModelPackageSummaryList"]]
        return answer

    def _update(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        with self._resources.lock:
            record = self._resources.get(MODEL_PACKAGE, scope, parameters["ModelPackageArn"])
            changes: dict[str, Any] = {name: parameters[name] for name in _REPLACED if name in parameters}
            if parameters.keys() & {"CustomerMetadataProperties", "CustomerMetadataPropertiesToRemove"}:
                metadata = {
                    **record.get("CustomerMetadataProperties", {}),
                    **parameters.get("CustomerMetadataProperties", {}),
                }
                for name in parameters.get("CustomerMetadataPropertiesToRemove", ()):
                    metadata.pop(name, None)
                changes["CustomerMetadataProperties"] = metadata
            if "AdditionalInferenceSpecificationsToAdd" in parameters:
                changes["AdditionalInferenceSpecifications"] = [
                    *record.get("AdditionalInferenceSpecifications", ()),
                    *parameters["AdditionalInferenceSpecificationsToAdd"],
                ]
            by = {"LastModifiedBy": request.caller.user_context}
            name = MODEL_PACKAGE.name_of(record["ModelPackageArn"])
            updated = self._resources.update(MODEL_PACKAGE, scope, name, {**changes, **by})
        self._announce(scope, updated, changes)
        return {"ModelPackageArn": updated["ModelPackageArn"]}

    def _delete(self, request: Request) -> dict[str, Any]:
        record = self._resources.remove(MODEL_PACKAGE, request.scope, request.parameters["ModelPackageName"])
        self._announce(request.scope, {**record, "ModelPackageStatus": "Deleting"}, ("ModelPackageStatus",))
        return {}

    def _announce(self, scope: Scope, record: Record, changed: Iterable[str]) -> None:
        body = detail(describe(_leave_name_out(record), "DescribeModelPackage"))
        if changed:
            body["UpdatedModelPackageFields"] = sorted(changed)
        self._host.put_event(scope, "SageMaker Model Package State Change", body, [record["ModelPackageArn"]])


def _leave_name_out(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a description shows: a version goes by its group and number, and has no name of its own."""
    if "ModelPackageVersion" not in record:
        return dict(record)
    return {member: value for member, value in record.items() if member != "ModelPackageName"}
