"""An in-memory SageMaker and Application Auto Scaling with the behaviour that roll-outs depend on.

Deployments begin with CreateEndpoint and UpdateEndpoint and end when a test says so; every change leaves an
EventBridge event, which a test delivers when, as often and in whatever order it likes.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "arn:aws:sagemaker:eu-west-1:111122223333"
GROUP, ENDPOINT = "fraud-models", "dev-fraud"
START = datetime(2026, 3, 1, tzinfo=UTC)
BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")

Parameters = dict[str, Any]


@dataclass
class Package:
    """One version of the group. A `bad` one never gets into service."""

    approval: str
    modified: datetime
    bad: bool = False
    properties: dict[str, str] = field(default_factory=dict)


@dataclass
class FakeEndpoint:
    config: str
    status: str
    pending: str | None = None
    failure: str = ""
    modified: datetime = START


def arn_of(version: int) -> str:
    return f"{ACCOUNT}:model-package/{GROUP}/{version}"


def invalid(operation: str, message: str, code: str = "ValidationException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


NO_KEY = "You can't request a KmsKeyId when using an instance type with local storage: {}."


class World:
    """The state of the account, and its API by operation name."""

    def __init__(self) -> None:
        self.now = START
        self.packages: dict[str, Package] = {}
        self.models: dict[str, Parameters] = {}
        self.configs: dict[str, Parameters] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.endpoint: FakeEndpoint | None = None
        self.events: list[Parameters] = []
        self.calls: list[tuple[str, Parameters]] = []
        self.started: Counter[str] = Counter()
        self.made_before: set[str] = set()  # operations that another caller was a moment ahead with
        self.refusals: dict[str, ClientError] = {}
        self.targets: dict[str, Parameters] = {}
        self.policies: dict[str, Parameters] = {}
        self.instances = 2  # that the endpoint has
        self.refuses_canary = False
        self.with_local_storage = {"ml.g5.xlarge"}

    # What people do

    def register(self, version: int, *, bad: bool = False, properties: dict[str, str] | None = None) -> None:
        self.packages[arn_of(version)] = Package("PendingManualApproval", self.now, bad, properties or {})

    def review(self, version: int, approval: str) -> None:
        """Approve or reject a version, and announce it."""
        self.now += timedelta(milliseconds=250)
        package = self.packages[arn_of(version)]
        package.approval, package.modified = approval, self.now
        detail = {
            "ModelPackageGroupName": GROUP,
            "ModelPackageVersion": version,
            "ModelPackageArn": arn_of(version),
            "CreationTime": START.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "LastModifiedTime": self.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": approval,
            "UpdatedModelPackageFields": ["ModelApprovalStatus"],
        }
        self._emit("SageMaker Model Package State Change", detail, arn_of(version))

    # What time does

    @property
    def deploying(self) -> bool:
        return self.endpoint is not None and self.endpoint.status in BUSY

    def settle(self) -> None:
        """End what is going on with the endpoint, by the nature of the package that it is about."""
        endpoint = self.endpoint
        assert endpoint is not None
        status = endpoint.status
        if status == "Deleting":
            self.endpoint = None
        elif status == "Creating":
            bad = self.package_of(endpoint.config).bad
            endpoint.status = "Failed" if bad else "InService"
            endpoint.failure = "The container did not pass the ping health check (production variant)." if bad else ""
        else:
            assert endpoint.pending is not None
            if not self.package_of(endpoint.pending).bad:
                endpoint.config = endpoint.pending
            endpoint.status, endpoint.pending = "InService", None
        self._announce_endpoint()

    def package_of(self, config: str) -> Package:
        return self.packages[self.package_arn_of(config)]

    def package_arn_of(self, config: str) -> str:
        model = self.configs[config]["ProductionVariants"][0]["ModelName"]
        return str(self.models[model]["PrimaryContainer"]["ModelPackageName"])

    def rollouts(self) -> dict[str, str]:
        """Roll-out state by endpoint configuration, as `mdlc model list` reads it."""
        return {arn.rsplit("/", 1)[1]: tags["mdlc:rollout"] for arn, tags in self.tags.items()}

    def requests(self, operation: str) -> list[Parameters]:
        return [parameters for name, parameters in self.calls if name == operation]

    # What AWS answers

    def call(self, operation: str, parameters: Parameters) -> Parameters:
        self.calls.append((operation, parameters))
        if operation in self.refusals:
            raise self.refusals.pop(operation)
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        if operation in self.made_before:
            getattr(self, f"_{name}")(parameters)
        answer: Parameters = getattr(self, f"_{name}")(parameters) or {}
        return answer

    def _describe_model_package(self, parameters: Parameters) -> Parameters:
        arn = parameters["ModelPackageName"]
        package = self.packages.get(arn)
        if package is None:
            raise invalid("DescribeModelPackage", f"ModelPackage {arn} does not exist.")
        return {
            "ModelPackageName": arn,
            "ModelPackageArn": arn,
            "CreationTime": START,
            "LastModifiedTime": package.modified,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": []},
            "ModelApprovalStatus": package.approval,
            "CustomerMetadataProperties": package.properties,
        }

    def _list_model_packages(self, parameters: Parameters) -> Parameters:
        assert parameters["ModelPackageGroupName"] == GROUP
        found = [
            {
                "ModelPackageArn": arn,
                "ModelPackageGroupName": GROUP,
                "ModelPackageVersion": int(arn.rsplit("/", 1)[1]),
                "CreationTime": START,
                "ModelPackageStatus": "Completed",
                "ModelApprovalStatus": package.approval,
            }
            for arn, package in self.packages.items()
            if package.approval == parameters["ModelApprovalStatus"]
        ]
        return {"ModelPackageSummaryList": found}

    def _create_model(self, parameters: Parameters) -> Parameters:
        name = parameters["ModelName"]
        if name in self.models:
            raise invalid("CreateModel", f'Cannot create already existing model "{ACCOUNT}:model/{name}".')
        self.models[name] = parameters
        return {"ModelArn": f"{ACCOUNT}:model/{name}"}

    def _describe_model(self, parameters: Parameters) -> Parameters:
        if parameters["ModelName"] not in self.models:
            raise invalid("DescribeModel", "Could not find model.")
        arn = f"{ACCOUNT}:model/{parameters['ModelName']}"
        return {"ModelName": parameters["ModelName"], "ModelArn": arn, "CreationTime": START.timestamp()}

    def _create_endpoint_config(self, parameters: Parameters) -> Parameters:
        name = parameters["EndpointConfigName"]
        arn = f"{ACCOUNT}:endpoint-config/{name}"
        if name in self.configs:
            raise invalid("CreateEndpointConfig", f'Cannot create already existing endpoint configuration "{arn}".')
        variant = parameters["ProductionVariants"][0]
        assert variant["ModelName"] in self.models
        if variant["InstanceType"] in self.with_local_storage and "KmsKeyId" in parameters:
            raise invalid("CreateEndpointConfig", NO_KEY.format(variant["InstanceType"]))
        self.configs[name] = parameters
        self.tags[arn] = {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", [])}
        return {"EndpointConfigArn": arn}

    def _describe_endpoint_config(self, parameters: Parameters) -> Parameters:
        config = self.configs.get(parameters["EndpointConfigName"])
        if config is None:
            raise invalid("DescribeEndpointConfig", "Could not find endpoint configuration.")
        name = config["EndpointConfigName"]
        return {
            "EndpointConfigName": name,
            "EndpointConfigArn": f"{ACCOUNT}:endpoint-config/{name}",
            "ProductionVariants": config["ProductionVariants"],
            "CreationTime": START.timestamp(),
        }

    def _delete_endpoint_config(self, parameters: Parameters) -> None:
        name = parameters["EndpointConfigName"]
        if self.configs.pop(name, None) is None:
            raise invalid("DeleteEndpointConfig", f'Could not find endpoint configuration "{name}".')
        del self.tags[f"{ACCOUNT}:endpoint-config/{name}"]

    def _list_endpoint_configs(self, parameters: Parameters) -> Parameters:
        found = [name for name in self.configs if parameters["NameContains"] in name]
        return {
            "EndpointConfigs": [
                {
                    "EndpointConfigName": name,
                    "EndpointConfigArn": f"{ACCOUNT}:endpoint-config/{name}",
                    "CreationTime": START.timestamp(),
                }
                for name in found
            ]
        }

    def _list_tags(self, parameters: Parameters) -> Parameters:
        tags = self.tags.get(parameters["ResourceArn"], {})
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _add_tags(self, parameters: Parameters) -> Parameters:
        tags = self.tags.setdefault(parameters["ResourceArn"], {})
        tags.update({tag["Key"]: tag["Value"] for tag in parameters["Tags"]})
        return {"Tags": parameters["Tags"]}

    def _describe_endpoint(self, _parameters: Parameters) -> Parameters:
        endpoint = self.endpoint
        if endpoint is None:
            raise invalid("DescribeEndpoint", f'Could not find endpoint "{ACCOUNT}:endpoint/{ENDPOINT}".')
        shown = {
            "EndpointName": ENDPOINT,
            "EndpointArn": f"{ACCOUNT}:endpoint/{ENDPOINT}",
            "EndpointConfigName": endpoint.config,
            "EndpointStatus": endpoint.status,
            "CreationTime": START.timestamp(),
            "LastModifiedTime": endpoint.modified,
            "ProductionVariants": [{"VariantName": "AllTraffic", "DesiredInstanceCount": self.instances}],
        }
        if endpoint.failure:
            shown["FailureReason"] = endpoint.failure
        if endpoint.pending:
            shown["PendingDeploymentSummary"] = {"EndpointConfigName": endpoint.pending}
        return shown

    def _create_endpoint(self, parameters: Parameters) -> Parameters:
        arn = f"{ACCOUNT}:endpoint/{ENDPOINT}"
        if self.endpoint is not None:
            raise invalid("CreateEndpoint", f'Cannot create already existing endpoint "{arn}".')
        self.endpoint = FakeEndpoint(parameters["EndpointConfigName"], "Creating")
        self.started[parameters["EndpointConfigName"]] += 1
        self._announce_endpoint()
        return {"EndpointArn": arn}

    def _update_endpoint(self, parameters: Parameters) -> Parameters:
        arn = f"{ACCOUNT}:endpoint/{ENDPOINT}"
        endpoint = self.endpoint
        if endpoint is None:
            raise invalid("UpdateEndpoint", f'Could not find endpoint "{arn}".')
        if endpoint.status in BUSY:
            raise invalid("UpdateEndpoint", f'Cannot update in-progress endpoint "{arn}".')
        if endpoint.status == "Failed":
            raise invalid("UpdateEndpoint", f'Cannot update failed endpoint "{arn}".')
        old, new = (self.configs[name] for name in (endpoint.config, parameters["EndpointConfigName"]))
        routing = parameters["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
        if self.refuses_canary and routing["Type"] == "CANARY":
            raise invalid("UpdateEndpoint", "The canary is larger than half of the fleet.")
        types = {config["ProductionVariants"][0]["InstanceType"] for config in (old, new)}
        if self.targets and len(types) > 1:
            raise invalid("UpdateEndpoint", "The variant is registered with Application Auto Scaling.")
        endpoint.status, endpoint.pending = "Updating", parameters["EndpointConfigName"]
        self.started[parameters["EndpointConfigName"]] += 1
        self._announce_endpoint()
        return {"EndpointArn": arn}

    def _delete_endpoint(self, _parameters: Parameters) -> None:
        if self.endpoint is None:
            raise invalid("DeleteEndpoint", "Could not find endpoint.")
        if self.endpoint.status in BUSY:
            raise invalid("DeleteEndpoint", "Cannot delete in-progress endpoint.")
        self.endpoint.status = "Deleting"
        self._announce_endpoint()

    def _register_scalable_target(self, parameters: Parameters) -> Parameters:
        assert self.endpoint is not None
        self.targets[parameters["ResourceId"]] = parameters
        return {"ScalableTargetARN": "arn:aws:application-autoscaling:eu-west-1:111122223333:scalable-target/1"}

    def _put_scaling_policy(self, parameters: Parameters) -> Parameters:
        assert parameters["ResourceId"] in self.targets
        self.policies[parameters["PolicyName"]] = parameters
        return {"PolicyARN": "arn:aws:autoscaling:eu-west-1:111122223333:scalingPolicy:1"}

    def _deregister_scalable_target(self, parameters: Parameters) -> None:
        if self.targets.pop(parameters["ResourceId"], None) is None:
            raise invalid("DeregisterScalableTarget", "No scalable target found.", "ObjectNotFoundException")
        self.policies.clear()

    def _announce_endpoint(self) -> None:
        self.now += timedelta(milliseconds=1)
        if self.endpoint is not None:
            self.endpoint.modified = self.now
        status = "DELETED" if self.endpoint is None else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.endpoint.status)
        detail = {"EndpointName": ENDPOINT, "EndpointStatus": status.upper()}
        self._emit("SageMaker Endpoint State Change", detail, f"{ACCOUNT}:endpoint/{ENDPOINT}")

    def _emit(self, detail_type: str, detail: Parameters, resource: str) -> None:
        self.events.append(
            {
                "version": "0",
                "id": f"event-{len(self.events)}",
                "detail-type": detail_type,
                "source": "aws.sagemaker",
                "account": "111122223333",
                "time": self.now.isoformat(timespec="seconds"),
                "region": "eu-west-1",
                "resources": [resource],
                "detail": detail,
            }
        )


Call = Callable[..., Parameters]


class FakeClient:
    """A boto3 client in front of a `World`, without botocore: fast enough for thousands of interleavings."""

    def __init__(self, call: Callable[[str, Parameters], Parameters]) -> None:
        self._call = call

    def __getattr__(self, method: str) -> Call:
        operation = "".join(word.capitalize() for word in method.split("_"))
        return lambda **parameters: self._call(operation, parameters)

    def get_paginator(self, method: str) -> "_Pages":
        return _Pages(getattr(self, method))


class _Pages:
    def __init__(self, method: Call) -> None:
        self._method = method

    def paginate(self, **parameters: str) -> Iterator[Parameters]:
        yield self._method(**parameters)
