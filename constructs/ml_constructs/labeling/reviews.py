"""Reviews of predictions: A2I's operations, what carries human loops on, who is told of their ends, and the gate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.folder import Folder
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.labeling.service import OUTPUT, LabelingService
from ml_constructs.labeling.task_store import TaskStore

LOOK = cdk.Duration.minutes(5)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Which predictions become human loops: of each system those in its folder, as `labels.review.gate` decides."""

    systems: Mapping[str, Folder]
    below: float
    share: float
    a_day: int
    classes: Sequence[str] = field(default=())


class HumanReviews(Construct):
    """Human loops on the tasks of a labeling service, and where there is a `gate` loops of predictions."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        store: TaskStore,
        service: LabelingService,
        functions: FunctionSettings,
        gate: Gate | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._store, self._service, self._functions = store, service, functions
        minutes = cdk.Duration.minutes
        self.loops = self._function(
            "Loops",
            "human_loops",
            "Takes operations on human loops, and on what they are made of",
            minutes(1),
        )
        store.grant_act(self.loops.role)
        store.grant_keep(self.loops.role)
        self.course = self._function("Course", "human_loop_course", "Carries human loops on, and ends them", minutes(5))
        store.grant_act(self.course.role)
        store.grant_keep(self.course.role)
        Folder(store.contents.bucket, [OUTPUT]).grant_write(self.course.role)
        loop = {"Keys": {"PK": {"S": ["LOOPS"]}}}
        of_flow = {"Keys": {"PK": {"S": [{"prefix": "JOB#reviews_"}]}}}
        service.tell(
            self.course,
            {**loop, "NewImage": {"State": {"S": ["starting", "asked"]}}},
            {**of_flow, "NewImage": {"Stage": {"S": ["answered", "failed"]}}},
            {**of_flow, "NewImage": {"State": {"S": ["declined"]}, "Reason": {"S": ["unrendered"]}}},
        )
        self.news = self._news()
        service.tell(self.news, {**loop, "NewImage": {"State": {"S": ["ended"]}}})
        self.gate = self._gate(gate) if gate else None

    def grant_call(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` call A2I's operations, as `mdlc.reviews.Client` does."""
        iam.Grant.add_to_principal(
            grantee=grantee, actions=["lambda:InvokeFunction"], resource_arns=[self.loops.function.function_arn]
        )

    def step(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        flow_definition: str,
        content: Mapping[str, Any],
        heartbeat: cdk.Duration | None = None,
    ) -> tasks.LambdaInvoke:
        """Return a state that starts a human loop and waits for its end, which answers it with the output's URI.

        `name` is the loop's, `flow_definition` an ARN, `content` what the template sees as `task.input`; each may have
        JSONata expressions. A loop that is stopped or fails fails the state as `HumanLoopStopped` or `HumanLoopFailed`.
        """
        body = {
            "HumanLoopName": name,
            "FlowDefinitionArn": flow_definition,
            "HumanLoopInput": {"InputContent": f"{{% $string({_jsonata(content)}) %}}"},
        }
        return tasks.LambdaInvoke.jsonata(
            scope,
            construct_id,
            lambda_function=self.loops.function,
            integration_pattern=sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
            heartbeat_timeout=sfn.Timeout.duration(heartbeat) if heartbeat else None,
            payload=sfn.TaskInput.from_object(
                {"operation": "StartHumanLoop", "body": body, "taskToken": "{% $states.context.Task.Token %}"}
            ),
        )

    def _function(
        self,
        construct_id: str,
        package: str,
        description: str,
        timeout: cdk.Duration,
        variables: Mapping[str, str] | None = None,
    ) -> PythonFunction:
        return PythonFunction(
            self,
            construct_id,
            handler=f"{package}.handler.handler",
            description=description,
            environment={**self._service.variables, **(variables or {})},
            timeout=timeout,
            settings=self._functions,
            powertools=True,
            memory=1024,
            dead_letters=self._service.dead_letters,
        )

    def _news(self) -> PythonFunction:
        stack = cdk.Stack.of(self)
        flows = stack.format_arn(service="sagemaker", resource="flow-definition", resource_name="")
        function = PythonFunction(
            self,
            "News",
            handler="human_loop_news.handler.handler",
            description="Tells the bus and state machines that human loops have ended",
            environment={"FLOW_ARNS": flows},
            timeout=cdk.Duration.minutes(1),
            settings=self._functions.outside(),
            powertools=True,
            dead_letters=self._service.dead_letters,
        )
        bus = stack.format_arn(service="events", resource="event-bus", resource_name="default")
        iam.Grant.add_to_principal(grantee=function.role, actions=["events:PutEvents"], resource_arns=[bus])
        iam.Grant.add_to_principal(  # AWS has no resource for tokens: whoever has one may answer it
            grantee=function.role,
            actions=["states:SendTaskFailure", "states:SendTaskSuccess"],
            resource_arns=["*"],
        )
        self._store.grant_hear(function.role)
        acknowledge(
            function.function,
            function_inside="It is told names and states of loops that have ended, nothing that people saw or said; "
            "the network has no endpoints of EventBridge and Step Functions, which cost by the hour.",
        )
        return function

    def _gate(self, gate: Gate) -> PythonFunction:
        variables = {
            "MORE_CLASSES": json.dumps(list(gate.classes)),
            "REVIEWED_SYSTEMS": ",".join(gate.systems),
            "REVIEWS_A_DAY": str(gate.a_day),
            "REVIEW_BELOW": str(gate.below),
            "REVIEW_SHARE": str(gate.share),
        }
        function = self._function(
            "Gate", "review_gate", "Sends predictions to review", cdk.Duration.minutes(5), variables
        )
        function.function.add_environment("ROLE_ARN", function.role.role_arn)
        self._store.grant_act(function.role)
        self._store.grant_keep(function.role)
        Folder(self._store.contents.bucket, [OUTPUT, "reviews"]).grant_write(function.role)
        for folder in gate.systems.values():
            folder.grant_read(function.role, listing=False)
            iam.Grant.add_to_principal(
                grantee=function.role, actions=["s3:DeleteObject"], resource_arns=[folder.objects]
            )
        events.Rule(
            self,
            "Due",
            description="Every five minutes -> predictions that came since are reviewed or left",
            schedule=events.Schedule.rate(LOOK),
            targets=[
                targets.LambdaFunction(
                    function.function,
                    dead_letter_queue=self._service.dead_letters,
                    max_event_age=cdk.Duration.minutes(15),
                    retry_attempts=2,
                )
            ],
        )
        return function


def _jsonata(value: object) -> str:
    """Return a JSONata expression of a value, whose texts may be expressions in `{% … %}` themselves."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(name)}: {_jsonata(each)}" for name, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_jsonata, value)) + "]"
        case str() if value.startswith("{%") and value.endswith("%}"):
            return value[2:-2].strip()
    return json.dumps(value)
