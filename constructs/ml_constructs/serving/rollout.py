"""The roll-out of approved models to an endpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from account.instance_types import Usage, families_with_local_storage, require
from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.dead_letters import dead_letters
from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.roles import grant_pass
from ml_constructs.functions.cleanup import EndpointEnd
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.jobs.job import JobSettings, grant_volume, job_role
from ml_constructs.network.closed_network import Placement

VARIANT = "AllTraffic"
CANARY_PERCENT_LIMIT = 50
LONGEST_WAIT_SECONDS = 3600
ALARM_PERIOD = cdk.Duration.minutes(1)
"""What the alarm of a roll-out looks at in one piece: who waits for less sees nothing of the new model."""
ENDPOINT_SCALING = "sagemaker.application-autoscaling.amazonaws.com"
SCALING_ROLE = f"aws-service-role/{ENDPOINT_SCALING}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """Instances of an endpoint: where a package names none, and between which numbers it scales."""

    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    minimum: int = 1
    maximum: int = 2
    invocations_per_instance: int = 1000

    def __post_init__(self) -> None:
        """Refuse sizes that no endpoint can have."""
        require([self.instance_type], Usage.ENDPOINT)
        if not 1 <= self.minimum <= self.maximum:
            raise ValueError(
                f"An endpoint scales between 1 <= minimum <= maximum instances, not between {self.minimum} and"
                f" {self.maximum}."
            )
        if not self.minimum <= self.instance_count <= self.maximum:
            raise ValueError(
                f"An endpoint of {self.instance_count} instances lies outside its own limits of {self.minimum} to"
                f" {self.maximum}."
            )
        if self.invocations_per_instance < 1:
            raise ValueError(f"invocations_per_instance is at least 1, not {self.invocations_per_instance}.")


@dataclass(frozen=True, kw_only=True)
class Canary:
    """How traffic goes over to a new model: `percent` of the capacity, watched for `wait`, then all of it.

    It is rounded down to whole instances, and at least one; a fleet of one goes over at once, and is watched as long.
    The old instances go after `termination_wait`. Limits are those of SageMaker's API, "BlueGreenUpdatePolicy" and
    "TrafficRoutingConfig".
    """

    percent: int = 50
    wait: cdk.Duration = field(default_factory=lambda: cdk.Duration.minutes(2))
    termination_wait: cdk.Duration = field(default_factory=lambda: cdk.Duration.minutes(1))

    def __post_init__(self) -> None:
        """Refuse what SageMaker would (a canary is the smaller part, and waits an hour at most), and one unwatched."""
        if not 1 <= self.percent <= CANARY_PERCENT_LIMIT:
            raise ValueError(f"A canary takes 1 to {CANARY_PERCENT_LIMIT} percent of the capacity, not {self.percent}.")
        for name, waits in (("wait", self.wait), ("termination_wait", self.termination_wait)):
            if waits.to_seconds() > LONGEST_WAIT_SECONDS:
                raise ValueError(f"The {name} of a canary is an hour at most, not {waits.to_human_string()}.")
        if self.wait.to_seconds() < ALARM_PERIOD.to_seconds():
            raise ValueError(
                f"The wait of a canary is a minute at least, in which its alarm can see what it does, not"
                f" {self.wait.to_human_string()}."
            )


class EndpointRollout(Construct):
    """Rolls the package of `group` that was approved last out to the endpoint `endpoint_name`.

    The endpoint is created with the first approved package and updated ever after, blue/green with a canary that an
    alarm on 5xx answers rolls back. It is the function's, not CloudFormation's, so that no deployment ever replaces it,
    and it goes when the stack does.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        group: sagemaker.CfnModelPackageGroup,
        settings: JobSettings,
        models: Folder,
        fleet: Fleet,
        canary: Canary,
        functions: FunctionSettings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stack = cdk.Stack.of(self)
        self.endpoint_name = endpoint_name
        group_name = group.model_package_group_name
        self.model_role = job_role(
            self, settings, kind="Endpoints", description=f"Models behind the endpoint {endpoint_name}"
        )
        models.grant_read(self.model_role)
        self.alarm = self._alarm()
        self.dead_letters = dead_letters(self, "DeadLetters", what=f"Events about the endpoint {endpoint_name}")
        self.function = PythonFunction(
            self,
            "Rollout",
            handler="rollout.handler.on_event",
            description=f"Rolls approved models out to the endpoint {endpoint_name}",
            timeout=cdk.Duration.minutes(2),
            settings=functions,
            powertools=True,
            dead_letters=self.dead_letters,
            answers_are_events=True,
            environment={
                "ALARM_NAMES": self.alarm.alarm_name,
                "CANARY_PERCENT": str(canary.percent),
                "CANARY_WAIT_SECONDS": str(canary.wait.to_seconds()),
                "ENDPOINT_NAME": endpoint_name,
                "INSTANCE_COUNT": str(fleet.instance_count),
                "INSTANCE_TYPE": fleet.instance_type,
                "INVOCATIONS_PER_INSTANCE": str(fleet.invocations_per_instance),
                "KMS_KEY_ARN": settings.key.key_arn,
                "LOCAL_STORAGE_FAMILIES": ",".join(families_with_local_storage(Usage.ENDPOINT)),
                "MAX_CAPACITY": str(fleet.maximum),
                "MIN_CAPACITY": str(fleet.minimum),
                "MODEL_PACKAGE_GROUP_NAME": group_name,
                "MODEL_ROLE_ARN": self.model_role.role_arn,
                "POWERTOOLS_SERVICE_NAME": "rollout",
                **_network(settings.placement),
                "TAGS": self._stack.to_json_string(dict(settings.tags)),
                "TERMINATION_WAIT_SECONDS": str(canary.termination_wait.to_seconds()),
                "VARIANT_NAME": VARIANT,
            },
        )
        self._end = EndpointEnd(self, "Cleanup", endpoint_name=endpoint_name, logs=functions.logs).end
        self._end.node.add_dependency(self.model_role)
        self._grant(group_name)
        grant_volume(settings.key, self.function.role)
        self._on("PackageChanged", "SageMaker Model Package State Change", {"ModelPackageGroupName": [group_name]})
        self._on("EndpointChanged", "SageMaker Endpoint State Change", {"EndpointName": [endpoint_name]})
        self._start(
            events.Rule(
                self,
                "Due",
                description="Every hour -> roll-out, which finds an approval whose event was lost",
                schedule=events.Schedule.rate(cdk.Duration.hours(1)),
            )
        )

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` ask the endpoint."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:InvokeEndpoint"], resource_arns=[self._arn("endpoint")]
        )

    def _arn(self, resource: str, suffix: str = "", *, name: str | None = None) -> str:
        return self._stack.format_arn(
            service="sagemaker", resource=resource, resource_name=f"{name or self.endpoint_name}{suffix}"
        )

    def _alarm(self) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            "ServerErrors",
            alarm_description=f"The endpoint {self.endpoint_name} answers 5xx: a roll-out in progress is undone",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            metric=cloudwatch.Metric(
                namespace="AWS/SageMaker",
                metric_name="Invocation5XXErrors",
                dimensions_map={"EndpointName": self.endpoint_name, "VariantName": VARIANT},
                period=ALARM_PERIOD,
                statistic="Sum",
            ),
            threshold=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        acknowledge(
            alarm,
            CloudWatchAlarmAction="SageMaker itself watches this alarm during a roll-out, and undoes it.",
        )
        return alarm

    def _on(self, construct_id: str, detail_type: str, detail: dict[str, Sequence[str]]) -> None:
        pattern = events.EventPattern(source=["aws.sagemaker"], detail_type=[detail_type], detail=detail)
        self._start(events.Rule(self, construct_id, description=f"{detail_type} -> roll-out", event_pattern=pattern))

    def _start(self, rule: events.Rule) -> None:
        """Start the function by a rule."""
        rule.add_target(
            targets.LambdaFunction(
                self.function.function,
                dead_letter_queue=self.dead_letters,
                max_event_age=cdk.Duration.hours(24),
                retry_attempts=10,
            )
        )
        rule.node.add_dependency(self._end)  # no event may bring back an endpoint that is going

    def _grant(self, group_name: str) -> None:
        role = self.function.role
        versions = "-v*"  # models and configs are named <endpoint>-v<version>-<hash>
        configs = self._arn("endpoint-config", versions)
        allowed = {
            self._arn("endpoint"): (
                "AddTags",
                "CreateEndpoint",
                "DeleteEndpoint",
                "DescribeEndpoint",
                "UpdateEndpoint",
                "UpdateEndpointWeightsAndCapacities",
            ),
            configs: (
                "AddTags",
                "CreateEndpoint",
                "CreateEndpointConfig",
                "DeleteEndpointConfig",
                "DescribeEndpointConfig",
                "ListTags",
                "UpdateEndpoint",
            ),
            self._arn("model", versions): ("AddTags", "CreateModel", "DescribeModel"),
            self._arn("model-package", "/*", name=group_name): ("DescribeModelPackage",),
            "*": ("ListEndpointConfigs", "ListModelPackages"),
        }
        for resource, actions in allowed.items():
            iam.Grant.add_to_principal(
                grantee=role, actions=[f"sagemaker:{action}" for action in actions], resource_arns=[resource]
            )
        grant_pass(self.model_role, role)
        self._grant_scaling(role)
        iam.Grant.add_to_principal(
            grantee=role, actions=["cloudwatch:DescribeAlarms"], resource_arns=[self.alarm.alarm_arn]
        )

    def _grant_scaling(self, role: iam.IRole) -> None:
        target = self._stack.format_arn(
            service="application-autoscaling", resource="scalable-target", resource_name="*"
        )
        iam.Grant.add_to_principal(
            grantee=role,
            actions=[
                "application-autoscaling:DeregisterScalableTarget",
                "application-autoscaling:PutScalingPolicy",
                "application-autoscaling:RegisterScalableTarget",
            ],
            resource_arns=[target],
            conditions={"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
        )
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["iam:CreateServiceLinkedRole"],
            resource_arns=[f"arn:{self._stack.partition}:iam::{self._stack.account}:role/{SCALING_ROLE}"],
            conditions={"StringLike": {"iam:AWSServiceName": ENDPOINT_SCALING}},
        )
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"],
            resource_arns=[
                self._stack.format_arn(
                    service="cloudwatch",
                    resource="alarm",
                    resource_name=f"TargetTracking-endpoint/{self.endpoint_name}/*",
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                )
            ],
        )


def _network(models: Placement | None) -> Mapping[str, str]:
    if models is None:
        return {}
    groups = models.security_group.security_group_id
    return {"SECURITY_GROUP_IDS": groups, "SUBNET_IDS": cdk.Fn.join(",", models.subnet_ids)}
