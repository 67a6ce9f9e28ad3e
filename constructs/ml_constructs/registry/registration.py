"""Registrations of models: the request of `CreateModelPackage`, whoever makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from ml_constructs.foundation.values import Expression, Join, Value
from ml_constructs.jobs.job import Image, Located


@dataclass(frozen=True)
class Report:
    """A JSON document that a step wrote into one of its outputs."""

    output: Located
    file: str

    def declaration(self) -> Mapping[str, object]:
        """Return a `MetricsSource`."""
        return {"ContentType": "application/json", "S3Uri": Join([self.output.uri, self.file], on="/")}


@dataclass(frozen=True, kw_only=True)
class Reports:
    """What is known about a model when it is registered; later drift is measured against the same documents."""

    quality: Report | None = None
    bias: Report | None = None
    explainability: Report | None = None

    def metrics(self) -> Mapping[str, object]:
        """Return the member `ModelMetrics` of the request."""
        found: dict[str, object] = {}
        if self.quality:
            found["ModelQuality"] = {"Statistics": self.quality.declaration()}
        if self.bias:
            found["Bias"] = {"Report": self.bias.declaration()}
        if self.explainability:
            found["Explainability"] = {"Report": self.explainability.declaration()}
        return found

    def baselines(self) -> Mapping[str, object]:
        """Return the member `DriftCheckBaselines` of the request."""
        found: dict[str, object] = {}
        if self.quality:
            found["ModelQuality"] = {"Statistics": self.quality.declaration()}
        if self.bias:
            found["Bias"] = {"PostTrainingConstraints": self.bias.declaration()}
        if self.explainability:
            found["Explainability"] = {"Constraints": self.explainability.declaration()}
        return found


@dataclass(frozen=True, kw_only=True)
class Inference:
    """How a registered model may be asked, and where it may run."""

    content_types: Sequence[str]
    response_types: Sequence[str]
    instance_types: Sequence[str]


UNAPPROVED = ("PendingManualApproval", "Rejected")
"""What versions are registered as."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A model that becomes the next version of `group`.

    `metadata` are the package's `CustomerMetadataProperties`, strings in SageMaker; numbers are written as such.
    """

    group: sagemaker.CfnModelPackageGroup
    image: Image
    model: Located
    inference: Inference
    approval: Value
    reports: Reports
    description: Value
    metadata: Mapping[str, Value] = field(default_factory=dict)

    def request(self) -> Mapping[str, object]:
        """Return the request of `CreateModelPackage`, expressions not yet written out."""
        request: dict[str, object] = {
            "ModelPackageGroupName": self.group.model_package_group_name,
            "ModelPackageDescription": self.description,
            "ModelApprovalStatus": self.approval,
            "InferenceSpecification": {
                "Containers": [{"Image": self.image.uri, "ModelDataUrl": self.model.uri}],
                "SupportedContentTypes": list(self.inference.content_types),
                "SupportedResponseMIMETypes": list(self.inference.response_types),
                "SupportedRealtimeInferenceInstanceTypes": list(self.inference.instance_types),
                "SupportedTransformInstanceTypes": list(self.inference.instance_types),
            },
        }
        if metrics := self.reports.metrics():
            request["ModelMetrics"] = metrics
        if baselines := self.reports.baselines():
            request["DriftCheckBaselines"] = baselines
        if self.metadata:
            request["CustomerMetadataProperties"] = {
                key: value.text if isinstance(value, Expression) else str(value) for key, value in self.metadata.items()
            }
        return request

    def grant_run(self, role: iam.IRole) -> None:
        """Let `role` register versions in the group, none that is approved: that takes a person.

        SageMaker looks its model and the digest of its image up.
        Source of the rights on the image: the managed policy AmazonSageMakerModelRegistryFullAccess.
        """
        name = self.group.model_package_group_name
        stack = cdk.Stack.of(self.group)
        versions = [
            stack.format_arn(service="sagemaker", resource="model-package-group", resource_name=name),
            stack.format_arn(service="sagemaker", resource="model-package", resource_name=f"{name}/*"),
        ]
        iam.Grant.add_to_principal(
            grantee=role, actions=["sagemaker:AddTags", "sagemaker:DescribeModelPackage"], resource_arns=versions
        )
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["sagemaker:CreateModelPackage"],
            resource_arns=versions,
            conditions={"StringEquals": {"sagemaker:ModelApprovalStatus": list(UNAPPROVED)}},
        )
        self.model.grant_read(role)
        self.image.grant_pull(role)
        self.image.grant_look_up(role)
