"""A state that registers a model version."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from ml_constructs.foundation.values import Join
from ml_constructs.jobs.job import Image, Located
from ml_constructs.machines.expressions import Path, render
from ml_constructs.machines.job_task import Backoff
from ml_constructs.registry.registration import Inference, Registration, Report, Reports

# Errors of AWS SDK integrations are named by the SDK for Java 2: Step Functions developer guide, "Learning to use AWS
# service SDK integrations". An error without a class of its own, throttling among them, is the service's.
SDK_BACKOFF = Backoff(
    errors=("SageMaker.SageMakerException", "SageMaker.SdkClientException", "SageMaker.ResourceLimitExceededException"),
    interval=cdk.Duration.seconds(15),
    rate=2,
    attempts=5,
)
LIMIT = cdk.Duration.minutes(1)


@dataclass(frozen=True, kw_only=True)
class Registry:
    """The model package group of the best models, and how they may be served."""

    group: sagemaker.CfnModelPackageGroup
    image: Image
    inference: Inference


class RegistrationTask(Construct):
    """Registers `model` as the next version of the registry's group, once per execution, to be approved by a person."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry: Registry,
        model: Located,
        report: Report,
        lineage: Sequence[str],
    ) -> None:
        """Add the state; `lineage` names members of its input that the package's metadata repeat."""
        super().__init__(scope, construct_id)
        self._registration = Registration(
            group=registry.group,
            image=registry.image,
            model=model,
            inference=registry.inference,
            approval="PendingManualApproval",
            reports=Reports(quality=report),
            description=Join(["Model of the training job ", Path("$.TrainingJobName")]),
        )
        request = {
            **self._registration.request(),
            "CustomerMetadataProperties": {name: Path(f"$.{name}") for name in lineage},
        }
        token = {"ClientToken.$": "States.Hash($$.Execution.Id, 'MD5')"}  # tried again, it is the same package
        self.state = sfn.CustomState(
            self,
            construct_id,
            state_json={
                "Type": "Task",
                "Resource": f"arn:{cdk.Stack.of(self).partition}:states:::aws-sdk:sagemaker:createModelPackage",
                "Parameters": {**_object(render(request)), **token},
                "TimeoutSeconds": LIMIT.to_seconds(),
                "ResultSelector": {"ModelPackageArn.$": "$.ModelPackageArn"},
                "ResultPath": f"$.{construct_id}",
            },
        )
        SDK_BACKOFF.apply(self.state)

    def grant_run(self, role: iam.IRole) -> None:
        """Let the machine's `role` register versions."""
        self._registration.grant_run(role)


def _object(rendered: object) -> dict[str, object]:
    return dict(rendered) if isinstance(rendered, dict) else {}
