"""Notices: one topic that tells people what failed in an environment, why, and with which command it goes on."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from ml_constructs.foundation.dead_letters import dead_letters
from ml_constructs.foundation.table import PrivateTable
from ml_constructs.functions.function import FunctionSettings, PythonFunction

CLOUDWATCH = "cloudwatch.amazonaws.com"
JOBS = {
    "HyperParameterTuningJob": "SageMaker HyperParameter Tuning Job State Change",
    "ProcessingJob": "SageMaker Processing Job State Change",
    "TrainingJob": "SageMaker Training Job State Change",
    "TransformJob": "SageMaker Transform Job State Change",
}
"""Kinds of jobs, as members of SageMaker's events begin, and the detail types of these."""


class Notices(Construct):
    """Publishes what failed to one encrypted topic, which `addresses` get by e-mail: each notice once.

    It hears of runs, jobs, roll-outs, builds and alarms by events of AWS, and looks every hour for rules that are
    disabled and alarms that last. What is the environment's is known by its name, or by the names of its stacks: no
    other stack needs to know this one. `systems` gives the system of each of these names. Only the function may
    publish, and CloudWatch, about dead letters of the function's own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        systems: Mapping[str, str],
        addresses: Sequence[str],
        builds: str | None,
        key: kms.Key,
        functions: FunctionSettings,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stack = cdk.Stack.of(self)
        self._prefix = f"{environment}-"
        self.topic = sns.Topic(
            self, "Topic", display_name=f"Notices of {environment}", enforce_ssl=True, master_key=key
        )
        for address in addresses:
            self.topic.add_subscription(subscriptions.EmailSubscription(address))
        self.ledger = PrivateTable(
            self, "Ledger", partition_key="Id", key=key, removal_policy=removal_policy, expires="Expires"
        )
        self.dead_letters = dead_letters(self, "DeadLetters", what="Notices to people", topic=self.topic)
        self.function = PythonFunction(
            self,
            "Function",
            handler="notices.handler.handler",
            description="Tells people what failed",
            environment={
                "ENVIRONMENT": environment,
                "SYSTEMS": self._stack.to_json_string(dict(systems)),
                "TABLE_NAME": self.ledger.table.table_name,
                "TOPIC_ARN": self.topic.topic_arn,
            },
            timeout=cdk.Duration.seconds(45),
            settings=functions.outside(),
            powertools=True,
            dead_letters=self.dead_letters,
        )
        self._grant(self.function.role, key)
        self._close_topic(key)
        self._hear(builds)

    def _grant(self, role: iam.IRole, key: kms.Key) -> None:
        self.ledger.grant(role, "PutItem", "UpdateItem")
        executions = self._stack.format_arn(
            service="sagemaker", resource="pipeline", resource_name=f"{self._prefix}*/execution/*"
        )
        jobs = [
            self._stack.format_arn(service="sagemaker", resource=resource, resource_name="*")
            for resource in ("hyper-parameter-tuning-job", "processing-job", "training-job", "transform-job")
        ]
        # Alarms are described by their prefix, and asked about as all of them; rules are listed without a resource.
        alarms = self._stack.format_arn(
            service="cloudwatch", resource="alarm", resource_name="*", arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
        )
        allowed: Mapping[str, Sequence[str]] = {
            "sns:Publish": [self.topic.topic_arn],
            "sagemaker:DescribePipelineExecution": [executions],
            "sagemaker:ListPipelineExecutionSteps": [executions],
            "sagemaker:ListTags": jobs,
            "cloudwatch:DescribeAlarms": [alarms],
            "events:ListRules": ["*"],
        }
        for action, resources in allowed.items():
            iam.Grant.add_to_principal(grantee=role, actions=[action], resource_arns=resources)
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resource_arns=[key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"sns.{self._stack.region}.amazonaws.com"}},
        )

    def _close_topic(self, key: kms.Key) -> None:
        """Let the function publish, and CloudWatch for alarms of the environment's; nobody else."""
        alarms = self._stack.format_arn(
            service="cloudwatch",
            resource="alarm",
            resource_name=f"{self._prefix}*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        conditions = {"StringEquals": {"aws:SourceAccount": self._stack.account}, "ArnLike": {"aws:SourceArn": alarms}}
        service = iam.ServicePrincipal(CLOUDWATCH)
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="NoticesTopic",
                principals=[service],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions=conditions,
            )
        )
        publish, topic = ["sns:Publish"], [self.topic.topic_arn]
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms", principals=[service], actions=publish, resources=topic, conditions=conditions
            )
        )
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="NobodyElse",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=publish,
                resources=topic,
                conditions={
                    "ArnNotEquals": {"aws:PrincipalArn": self.function.role.role_arn},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            )
        )

    def _hear(self, builds: str | None) -> None:
        named, prefix = self._stack.format_arn, self._prefix
        pipelines = named(service="sagemaker", resource="pipeline", resource_name=prefix)
        machines = named(
            service="states",
            resource="stateMachine",
            resource_name=prefix,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        rollouts = named(
            service="lambda",
            resource="function",
            resource_name=prefix,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        self._on(
            "RunFailed",
            "aws.sagemaker",
            ["SageMaker Model Building Pipeline Execution Status Change"],
            {"currentPipelineExecutionStatus": ["Failed"], "pipelineArn": [{"prefix": pipelines}]},
        )
        self._on(
            "MachineFailed",
            "aws.states",
            ["Step Functions Execution Status Change"],
            {"status": ["FAILED", "TIMED_OUT"], "stateMachineArn": [{"prefix": machines}]},
        )
        self._on(
            "JobFailed",
            "aws.sagemaker",
            list(JOBS.values()),
            {"$or": [{f"{job}Status": ["Failed"]} for job in JOBS]},
        )
        self._on(
            "RolloutTurnedDown",
            "lambda",
            ["Lambda Function Invocation Result - Success"],
            {
                "requestContext": {"functionArn": [{"prefix": rollouts}]},
                "responsePayload": {"turned_down": {"config": [{"exists": True}]}},
            },
        )
        self._on(
            "Alarm",
            "aws.cloudwatch",
            ["CloudWatch Alarm State Change"],
            {"alarmName": [{"prefix": prefix}], "state": {"value": ["ALARM", "INSUFFICIENT_DATA"]}},
        )
        if builds is not None:
            self._on(
                "BuildFailed",
                "aws.codebuild",
                ["CodeBuild Build State Change"],
                {"build-status": ["FAILED", "FAULT", "TIMED_OUT"], "project-name": [builds]},
            )
        self._start(
            events.Rule(
                self,
                "Due",
                description="Every hour -> notices of what does not watch any more, and of alarms that last",
                schedule=events.Schedule.rate(cdk.Duration.hours(1)),
            )
        )

    def _on(self, construct_id: str, source: str, types: Sequence[str], detail: Mapping[str, object]) -> None:
        pattern = events.EventPattern(source=[source], detail_type=list(types), detail=detail)
        self._start(
            events.Rule(self, construct_id, description=f"{', '.join(types)} -> notices", event_pattern=pattern)
        )

    def _start(self, rule: events.Rule) -> None:
        rule.add_target(
            targets.LambdaFunction(
                self.function.function,
                dead_letter_queue=self.dead_letters,
                max_event_age=cdk.Duration.hours(24),
                retry_attempts=10,
            )
        )
