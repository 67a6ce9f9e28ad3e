"""Steps that make a model known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.foundation.roles import grant_pass
from ml_constructs.foundation.values import Expression, Join, Value
from ml_constructs.jobs.job import Image, JobSettings, Located
from ml_constructs.pipelines.step import SERVICE_RETRY, Step


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
        """`ModelMetrics`."""
        found: dict[str, object] = {}
        if self.quality:
            found["ModelQuality"] = {"Statistics": self.quality.declaration()}
        if self.bias:
            found["Bias"] = {"Report": self.bias.declaration()}
        if self.explainability:
            found["Explainability"] = {"Report": self.explainability.declaration()}
        return found

    def baselines(self) -> Mapping[str, object]:
        """`DriftCheckBaselines`."""
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


class RegisterModelStep(Step):
    """Registers the model as the next version of `group`.

    `metadata` are the package's `CustomerMetadataProperties`, strings in SageMaker; numbers are written as such.
    """

    type = "RegisterModel"
    retries = (SERVICE_RETRY,)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group: sagemaker.CfnModelPackageGroup,
        image: Image,
        model: Located,
        inference: Inference,
        approval: Value,
        reports: Reports,
        description: Value,
        metadata: Mapping[str, Value] | None = None,
        depends_on: Sequence[Step] = (),
    ) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        self._group = group
        self._image = image
        self._model = model
        self._inference = inference
        self._approval = approval
        self._reports = reports
        self._description = description
        self._metadata = dict(metadata or {})

    def arguments(self) -> Mapping[str, object]:
        """`CreateModelPackage`."""
        request: dict[str, object] = {
            "ModelPackageGroupName": self._group.model_package_group_name,
            "ModelPackageDescription": self._description,
            "ModelApprovalStatus": self._approval,
            "InferenceSpecification": {
                "Containers": [{"Image": self._image.uri, "ModelDataUrl": self._model.uri}],
                "SupportedContentTypes": list(self._inference.content_types),
                "SupportedResponseMIMETypes": list(self._inference.response_types),
                "SupportedRealtimeInferenceInstanceTypes": list(self._inference.instance_types),
                "SupportedTransformInstanceTypes": list(self._inference.instance_types),
            },
        }
        if metrics := self._reports.metrics():
            request["ModelMetrics"] = metrics
        if baselines := self._reports.baselines():
            request["DriftCheckBaselines"] = baselines
        if self._metadata:
            request["CustomerMetadataProperties"] = {
                key: value.text if isinstance(value, Expression) else str(value)
                for key, value in self._metadata.items()
            }
        return request

    def grant_run(self, role: iam.IRole) -> None:
        """Let `role` register versions in the group; SageMaker looks its model and the digest of its image up."""
        name = self._group.model_package_group_name
        stack = cdk.Stack.of(self)
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["sagemaker:AddTags", "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"],
            resource_arns=[
                stack.format_arn(service="sagemaker", resource="model-package-group", resource_name=name),
                stack.format_arn(service="sagemaker", resource="model-package", resource_name=f"{name}/*"),
            ],
        )
        self._model.grant_read(role)
        self._image.grant_pull(role)


class CreateModelStep(Step):
    """Makes a model that batch transform or an endpoint can use; it acts as `role`."""

    type = "Model"
    retries = (SERVICE_RETRY,)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: JobSettings,
        model: Located,
        role: iam.IRole,
        environment: Mapping[str, Value] | None = None,
        depends_on: Sequence[Step] = (),
    ) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        self._settings = settings
        self._model = model
        self._environment = dict(environment or {})
        self.role = role
        model.grant_read(role)

    def arguments(self) -> Mapping[str, object]:
        """`CreateModel` without a name, which SageMaker gives."""
        container: dict[str, object] = {"Image": self._settings.image.uri, "ModelDataUrl": self._model.uri}
        if self._environment:
            container["Environment"] = self._environment
        return {
            "ExecutionRoleArn": self.role.role_arn,
            "PrimaryContainer": container,
            "EnableNetworkIsolation": True,
            **self._settings.vpc_config,
        }

    def grant_run(self, role: iam.IRole) -> None:
        """Let the pipeline's `role` create the model."""
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["sagemaker:AddTags", "sagemaker:CreateModel", "sagemaker:DescribeModel"],
            resource_arns=[
                cdk.Stack.of(self).format_arn(service="sagemaker", resource="model", resource_name="pipelines-*")
            ],
        )
        grant_pass(self.role, role)
