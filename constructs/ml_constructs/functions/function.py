"""Lambda functions from the folder `lambda/`: one asset per capability."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.foundation.roles import service_role
from ml_constructs.network.closed_network import Placement
from ml_constructs.network.endpoint_services import BY_LAMBDA

SOURCE = Path(__file__).parents[3] / "lambda"
CACHES = ["**/__pycache__", "**/__pycache__/**", "**/*.pyc"]
ANSWERED_LATER = cdk.Duration.minutes(5)  # Lambda starts a function, and calls it again, within this
POWERTOOLS_ACCOUNT = "017000801446"
POWERTOOLS_LAYER = "AWSLambdaPowertoolsPythonV3-python314-arm64:36"  # Powertools 3.31.1


def capability(handler: str) -> Path:
    """Return the folder of the capability whose package has `handler`; raise `ValueError` where none has."""
    package = handler.partition(".")[0]
    if found := sorted(SOURCE.glob(f"*/{package}")):
        return found[0].parent
    raise ValueError(f"No folder of lambda/ has the package {package!r} of the handler {handler!r}.")


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """What the functions of an environment share: how logs are kept, the network that they run in, how much they log.

    Without `placement` a function runs outside of the environment's network.
    """

    logs: LogSettings
    placement: Placement | None = None
    log_level: str = "INFO"

    def outside(self) -> "FunctionSettings":
        """Return the settings of a function that runs outside of the network."""
        return replace(self, placement=None)


class PythonFunction(Construct):
    """One function with a role and a log group of its own.

    `handler` is the import path below a capability's folder in `lambda/`, the same in tests and in AWS; the function's
    asset is that folder, or `code` where it is more than a folder. The role may write the function's logs and, in a
    network, keep its interfaces there; all else is granted by who owns the resource. Asynchronous calls that it fails
    at go to `dead_letters`, or else to the queue of the log settings; with `answers_are_events` what it answers to one
    is put on the account's default bus by Lambda.
    With `powertools` it has the layer, and logs as much as the settings say.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handler: str,
        description: str,
        environment: Mapping[str, str],
        timeout: cdk.Duration,
        settings: FunctionSettings,
        powertools: bool = False,
        memory: int = 256,
        dead_letters: sqs.IQueue | None = None,
        answers_are_events: bool = False,
        code: lambda_.Code | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        placement = settings.placement
        self.log_group = log_group = settings.logs.group(self, "Logs")
        role = service_role(self, "Role", service="lambda.amazonaws.com", description=description)
        self.role: iam.IRole = role
        write_logs = log_group.grant_write(self.role)
        failed = dead_letters or settings.logs.dead_letters
        bus = events.EventBus.from_event_bus_name(self, "Bus", "default") if answers_are_events else None
        if placement is not None:
            placement.grant_lambda_interfaces(self.role)
            own = [*([failed.queue_arn] if failed else []), *([bus.event_bus_arn] if bus else [])]
            placement.admit(role, made_by_service=BY_LAMBDA, own_resources=own)
        layers = []
        variables = dict(environment)
        if powertools:
            variables["POWERTOOLS_LOG_LEVEL"] = settings.log_level
            arn = f"arn:{stack.partition}:lambda:{stack.region}:{POWERTOOLS_ACCOUNT}:layer:{POWERTOOLS_LAYER}"
            layers.append(lambda_.LayerVersion.from_layer_version_arn(self, "Powertools", arn))
        self.function = lambda_.Function(
            self,
            "Function",
            architecture=lambda_.Architecture.ARM_64,
            code=code or lambda_.Code.from_asset(str(capability(handler)), exclude=CACHES),
            dead_letter_queue=failed,
            description=description,
            environment=variables,
            handler=handler,
            layers=layers,
            log_group=log_group,
            memory_size=memory,
            on_success=destinations.EventBridgeDestination(bus) if bus else None,
            role=self.role,
            runtime=lambda_.Runtime.PYTHON_3_14,
            security_groups=[placement.security_group] if placement else None,
            timeout=timeout,
            tracing=lambda_.Tracing.ACTIVE,
            vpc=placement.vpc if placement else None,
            vpc_subnets=cdk.aws_ec2.SubnetSelection(subnet_type=cdk.aws_ec2.SubnetType.PRIVATE_ISOLATED)
            if placement
            else None,
        )
        if placement is None:
            acknowledge(
                self.function,
                LambdaInsideVPC="It asks AWS's control plane, for which the closed network has no endpoints; it "
                "listens to nothing and reads no data set.",
            )
        if bus is not None:
            acknowledge(
                self.function.node.find_child("EventInvokeConfig"),
                LambdaAsyncFailureDestination="What it fails at goes to its dead-letter queue, which keeps the event "
                "as it was, so that it can be put back.",
            )
        write_logs.apply_before(self.function)
        self._timeout = timeout

    def custom_resource(
        self, scope: Construct, construct_id: str, *, kind: str, properties: Mapping[str, str]
    ) -> cdk.CustomResource:
        """Add `Custom::<kind>`, which the function answers; a function that cannot even start fails it soon after."""
        resource = cdk.CustomResource(
            scope,
            construct_id,
            resource_type=f"Custom::{kind}",
            service_token=self.function.function_arn,
            service_timeout=self._timeout.plus(ANSWERED_LATER),
            properties=dict(properties),
        )
        resource.node.add_dependency(self)
        return resource
