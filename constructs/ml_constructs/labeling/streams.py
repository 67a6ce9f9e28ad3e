"""Streams of labeling jobs: topics that objects come by and labels leave by, and what takes in what comes.

A stream has two topics, and a folder of the data bucket whose new objects come by the first. Everything that comes by
any topic is in one queue, from which one function takes it in: the message says which topic it came by, and the table
which jobs listen there. So the output of one job is the input of another without anything being made for it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.dead_letters import dead_letters
from ml_constructs.labeling.service import OUTPUT, LabelingService

FOLDER: Final = f"{OUTPUT}/streams"
"""The folder of the data bucket with a folder for each stream."""
EVENTS: Final = "events.amazonaws.com"
TIMEOUT: Final = cdk.Duration.minutes(1)
HIDDEN: Final = cdk.Duration.minutes(6)
"""Source: Lambda developer guide, "Using Lambda with Amazon SQS": six times the function's time-out."""
KEPT: Final = cdk.Duration.days(7)
RECEIVES: Final = 10
"""The function gives a message up, with the reason, before that."""


class LabelingStreams(Construct):
    """The topics of an environment's streams, their queue, and the function that takes objects in.

    `prefix` begins the names of the topics, by which requests name them. People and programs who send objects may
    publish by policies of their own (`grant_send`); of services EventBridge alone, for the folder of each stream.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        names: Sequence[str],
        idle: cdk.Duration,
        service: LabelingService,
        key: kms.Key,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stack, self._prefix, self._key = cdk.Stack.of(self), prefix, key
        self._bucket = service.store.contents.bucket
        self.dead_letters = dead_letters(self, "DeadLetters", what="Messages to streaming labeling jobs")
        self.queue = sqs.Queue(
            self,
            "Queue",
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=RECEIVES, queue=self.dead_letters),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=KEPT,
            visibility_timeout=HIDDEN,
        )
        self.inputs = {name: self._topic(name, "input") for name in names}
        self.outputs = {name: self._topic(name, "output") for name in names}
        for name, topic in self.inputs.items():
            self._tell_of_objects(name, topic)
        self._admit_events(key)
        variables = {
            "STREAMS": ",".join(names),
            "TOPICS": self._arn(prefix),
            "IDLE_DAYS": str(idle.to_days()),
        }
        self.function = service.add_function(
            "arrivals",
            "Takes in objects of streaming labeling jobs",
            scope=self,
            variables={**variables, "LETTERS_URL": self.dead_letters.queue_url},
            timeout=TIMEOUT,
            dead_letters=self.dead_letters,
        )
        service.store.grant_take(self.function.role)
        self._feed()
        for function in (service.jobs, service.finish):
            for variable, value in variables.items():
                function.function.add_environment(variable, value)
        self._grant_publish(service.finish.role, self.outputs)  # which has the key, as the data bucket's

    def grant_send(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` send objects to every stream."""
        self._grant_publish(grantee, self.inputs)
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resource_arns=[self._key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"sns.{self._stack.region}.amazonaws.com"}},
        )

    def _grant_publish(self, grantee: iam.IGrantable, topics: Mapping[str, sns.ITopic]) -> None:
        iam.Grant.add_to_principal(
            grantee=grantee, actions=["sns:Publish"], resource_arns=[topic.topic_arn for topic in topics.values()]
        )

    def _name(self, name: str, way: str) -> str:
        return f"{self._prefix}{name}-{way}"

    def _arn(self, topic: str) -> str:
        return self._stack.format_arn(service="sns", resource=topic, arn_format=cdk.ArnFormat.NO_RESOURCE_NAME)

    def _topic(self, name: str, way: str) -> sns.Topic:
        """Make a topic whose messages come to the queue."""
        topic = sns.Topic(
            self,
            f"{name.title()}{way.title()}",
            topic_name=self._name(name, way),
            enforce_ssl=True,
            master_key=self._key,
        )
        topic.add_subscription(subscriptions.SqsSubscription(self.queue, dead_letter_queue=self.dead_letters))
        return topic

    def _tell_of_objects(self, name: str, topic: sns.Topic) -> None:
        """Have each new object of the stream's folder come by its topic."""
        rule = events.CfnRule(
            self,
            f"{name.title()}Objects",
            description=f"New objects of {FOLDER}/{name} -> {self._name(name, 'input')}",
            event_pattern={
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {
                    "bucket": {"name": [self._bucket.bucket_name]},
                    "object": {"key": [{"prefix": f"{FOLDER}/{name}/"}]},
                },
            },
            targets=[
                events.CfnRule.TargetProperty(
                    id="Topic",
                    arn=topic.topic_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self.dead_letters.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=cdk.Duration.hours(24).to_seconds(), maximum_retry_attempts=10
                    ),
                )
            ],
        )
        source: Mapping[str, Mapping[str, str]] = {"ArnEquals": {"aws:SourceArn": rule.attr_arn}}
        service = iam.ServicePrincipal(EVENTS)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="NewObjects",
                principals=[service],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions=source,
            )
        )
        self.dead_letters.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"Events{name.title().replace('-', '')}",
                principals=[service],
                actions=["sqs:SendMessage"],
                resources=[self.dead_letters.queue_arn],
                conditions=source,
            )
        )

    def _admit_events(self, key: kms.Key) -> None:
        """Let EventBridge encrypt what it publishes; its requests tell no source, but which topic they are for."""
        topics = [self._arn(self._name(name, "input")) for name in self.inputs]
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LabelingStreams",
                principals=[iam.ServicePrincipal(EVENTS)],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topics}},
            )
        )

    def _feed(self) -> None:
        """Have the function get what is in the queue."""
        iam.Grant.add_to_principal(
            grantee=self.function.role,
            actions=["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            resource_arns=[self.queue.queue_arn],
        )
        mapping = lambda_.CfnEventSourceMapping(
            self.function,
            "Fed",
            batch_size=10,
            event_source_arn=self.queue.queue_arn,
            function_name=self.function.function.function_name,
            function_response_types=["ReportBatchItemFailures"],
        )
        mapping.node.add_dependency(self.function.role)
        acknowledge(
            mapping,
            LambdaEventSourceMappingDestination="Lambda has none for a queue: what always fails goes to dead letters "
            "of the queue itself.",
        )
