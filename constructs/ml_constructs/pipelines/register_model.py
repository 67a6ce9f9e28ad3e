"""Steps that register or create a model."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.roles import grant_pass
from ml_constructs.foundation.values import Value
from ml_constructs.jobs.job import JobSettings, Located
from ml_constructs.pipelines.step import SERVICE_RETRY, Step
from ml_constructs.registry.registration import Registration


class RegisterModelStep(Step):
    """Registers a model version."""

    type = "RegisterModel"
    retries = (SERVICE_RETRY,)

    def __init__(
        self, scope: Construct, construct_id: str, *, registration: Registration, depends_on: Sequence[Step] = ()
    ) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        self._registration = registration

    def arguments(self) -> Mapping[str, object]:
        """Return the request of `CreateModelPackage`."""
        return self._registration.request()

    def grant_run(self, role: iam.IRole) -> None:
        """Let `role` register versions in the group."""
        self._registration.grant_run(role)


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
        """Return the request of `CreateModel` without a name, which SageMaker gives."""
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
