"""The service of labeling jobs: Ground Truth's operations, and what carries jobs on from their first object to the end.

The table is the only queue. It tells of every change of a job, and of objects that are answered: who is told does what
is next and writes it down, and that is told again. So a function may end between any two calls. What is told and then
lost is found by the sweep, which touches each minute what nobody has changed for long.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ml_constructs.foundation.dead_letters import dead_letters
from ml_constructs.foundation.folder import Folder
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.labeling.task_store import TaskStore

OUTPUT = "labeling"
"""The folder of the data bucket that jobs read and write, and that is the annotation leads'."""

EVENTS = "mdlc.labeling"
"""The source of the events of jobs' ends."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Who labels, and what jobs may reach beside their own folder; `issuer` is the URL of the people's user pool."""

    workteams: Sequence[str]
    inputs: Sequence[str] = ()
    functions: Sequence[str] = ()
    template_hosts: Sequence[str] = ()
    patience: cdk.Duration
    issuer: str = ""
    tells_ends: bool = False
    """Whether the default bus is told when a job ends."""


class LabelingService(Construct):
    """Functions that take requests of jobs, prepare their objects, carry them on and end them."""

    def __init__(
        self, scope: Construct, construct_id: str, *, store: TaskStore, reach: Reach, functions: FunctionSettings
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        self.store, self._reach, self._functions = store, reach, functions
        self._reads = [Folder(store.contents.bucket, path.split("/")) for path in (OUTPUT, *reach.inputs)]
        self.dead_letters = dead_letters(self, "DeadLetters", what="Work on labeling jobs")
        arns = stack.format_arn(service="sagemaker", resource="labeling-job", resource_name="")
        self._variables = variables = {
            **store.variables,
            "WORKTEAMS": ",".join(reach.workteams),
            "INPUTS": ",".join(reach.inputs),
            "FUNCTIONS": ",".join(reach.functions),
            "TEMPLATE_HOSTS": ",".join(reach.template_hosts),
            "PATIENCE_SECONDS": str(reach.patience.to_seconds()),
            "JOB_ARNS": arns,
            **({"ISSUER": reach.issuer} if reach.issuer else {}),
        }
        self.variables: Mapping[str, str] = variables
        minutes = cdk.Duration.minutes
        self.jobs = self._function("jobs", "Creates, describes, lists and stops labeling jobs", variables, minutes(1))
        self.prepare = self._function("prepare", "Makes tasks of the objects of labeling jobs", variables, minutes(15))
        self.finish = self._function("finish", "Carries labeling jobs on, and ends them", variables, minutes(15))
        self.sweep = self._function("sweep", "Takes back what nobody labels", store.variables, minutes(2), 256)
        for function in (self.jobs, self.prepare, self.finish):
            store.grant_keep(function.role)
        self._grant_read(self.jobs.role)
        self._reads[0].grant_write(self.finish.role)
        if reach.tells_ends:
            self._tell_ends()
        for function in (self.prepare, self.finish):
            self._grant_users(function.role)
        job = {"Keys": {"PK": {"S": ["JOBS"]}}}
        self.tell(self.prepare, {**job, "NewImage": {"State": {"S": ["Initializing"]}}})
        self.tell(
            self.finish,
            {**job, "NewImage": {"State": {"S": ["InProgress", "Stopping"]}}},
            {"NewImage": {"Stage": {"S": ["answered", "failed"]}}},
        )
        events.Rule(
            self,
            "EachMinute",
            description="Each minute -> what nobody labels is taken back",
            schedule=events.Schedule.rate(minutes(1)),
            targets=[
                targets.LambdaFunction(
                    self.sweep.function,
                    dead_letter_queue=self.dead_letters,
                    max_event_age=minutes(15),
                    retry_attempts=2,
                )
            ],
        )

    def _tell_ends(self) -> None:
        """Let the function that ends jobs say so on the default bus, under one source and no other."""
        self.finish.function.add_environment("TELLS_ENDS", "yes")
        bus = events.EventBus.from_event_bus_name(self, "Bus", "default")
        iam.Grant.add_to_principal(
            grantee=self.finish.role,
            actions=["events:PutEvents"],
            resource_arns=[bus.event_bus_arn],
            conditions={
                "ForAllValues:StringEquals": {"events:source": [EVENTS]},
                "Null": {"events:source": "false"},  # which all values of none would fulfil
            },
        )

    def grant_call(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` call Ground Truth's operations, as `mdlc.labels.Client` does."""
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["lambda:InvokeFunction"],
            resource_arns=[self.jobs.function.function_arn],
        )

    def add_function(
        self,
        name: str,
        description: str,
        *,
        scope: Construct,
        variables: Mapping[str, str],
        timeout: cdk.Duration,
        dead_letters: sqs.IQueue,
    ) -> PythonFunction:
        """Add a function in another construct that makes tasks of objects: it acts, keeps, reads, and calls users'."""
        function = PythonFunction(
            scope,
            name.capitalize(),
            handler=f"labeling_{name}.handler.handler",
            description=description,
            environment={**self._variables, **variables},
            timeout=timeout,
            settings=self._functions,
            powertools=True,
            memory=1024,
            dead_letters=dead_letters,
        )
        self.store.grant_act(function.role)
        self.store.grant_keep(function.role)
        self._grant_read(function.role)
        self._grant_users(function.role)
        return function

    def _grant_read(self, role: iam.IRole) -> None:
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["s3:GetObject"],  # the key is granted with the store, which is in the same bucket
            resource_arns=[folder.objects for folder in self._reads],
        )

    def _grant_users(self, role: iam.IRole) -> None:
        """Let a role call the users' functions, if there are any."""
        if self._reach.functions:
            iam.Grant.add_to_principal(
                grantee=role, actions=["lambda:InvokeFunction"], resource_arns=list(self._reach.functions)
            )

    def _function(
        self, name: str, description: str, variables: Mapping[str, str], timeout: cdk.Duration, memory: int = 1024
    ) -> PythonFunction:
        function = PythonFunction(
            self,
            name.capitalize(),
            handler=f"labeling_{name}.handler.handler",
            description=description,
            environment=variables,
            timeout=timeout,
            settings=self._functions,
            powertools=True,
            memory=memory,
            dead_letters=self.dead_letters,
        )
        self.store.grant_act(function.role)
        return function

    def tell(self, function: PythonFunction, *patterns: Mapping[str, object]) -> None:
        """Have a function told of changes of the table that match one of the patterns."""
        self.store.grant_told(function.role)
        mapping = lambda_.CfnEventSourceMapping(
            function,
            "Told",
            batch_size=100,
            bisect_batch_on_function_error=True,
            destination_config={"onFailure": {"destination": self.dead_letters.queue_arn}},
            event_source_arn=self.store.table.table_stream_arn,
            filter_criteria={
                "filters": [
                    {"pattern": json.dumps({"dynamodb": pattern}, separators=(",", ":"))} for pattern in patterns
                ]
            },
            function_name=function.function.function_name,
            maximum_batching_window_in_seconds=1,
            maximum_retry_attempts=3,
            starting_position="TRIM_HORIZON",
        )
        mapping.node.add_dependency(function.role)
