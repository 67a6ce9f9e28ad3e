"""The cloud that our SageMaker service lives in, on MiniStack."""

import threading
from collections.abc import Mapping, Sequence

import boto3
from botocore.config import Config

from localcloud.alarms import AlarmState
from localcloud.hooks import networks, telemetry
from localcloud.hooks.callers import identity
from localcloud.hooks.kms import grants, keys
from localcloud.hooks.requests import catalog, services
from localcloud.hooks.stacks import places
from localcloud.objects import S3Objects
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Context, DataPoint, Home, Scope, Table

SERVICE = "sagemaker.amazonaws.com"
MANAGED_BY = "ManagedByAmazonSageMakerResource"
"""The tag that names the domain of a file system."""


class MiniStackHost:
    """Implements `localsagemaker.kernel.host.Cloud`; its methods may be called from any thread."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._sessions: dict[tuple[Scope, str, tuple[str, ...]], boto3.Session] = {}

    def authorize(self, caller: Caller, action: str, resource: str, context: Mapping[str, Context]) -> None:
        """Raise `ServiceError("AccessDeniedException", …)` unless the caller's policies allow the action."""
        with services.scope(caller.scope.account, caller.scope.region):
            denial = identity.denial(caller.arn, action, resource, context)
        if denial:
            raise ServiceError("AccessDeniedException", denial)

    def use_key(self, caller: Caller, action: str, key: str) -> None:
        """Raise `ServiceError("AccessDeniedException", …)` unless a caller may have SageMaker use a key."""
        with services.scope(caller.scope.account, caller.scope.region):
            try:
                keys.use(key, (action,), keys.Via("sagemaker"), caller.arn)
            except keys.KeyDenied as denied:
                raise ServiceError("AccessDeniedException", str(denied)) from denied

    def grant_volume(self, scope: Scope, role_arn: str, key: str) -> str:
        """Open a new volume for a role's instances with a grant, and return its id."""
        volume = {"aws:ebs:id": f"vol-{identity.unique_id(17)}"}
        with services.scope(scope.account, scope.region):
            try:
                return keys.open_volume(key, role_arn, volume)
            except keys.KeyDenied as denied:
                raise ServiceError("AccessDeniedException", str(denied)) from denied

    def retire_grant(self, grant: str) -> None:
        """Take a grant back."""
        grants.retire(grant)

    def assume(
        self, scope: Scope, role_arn: str, session: str, *, subnets: Sequence[str] = ()
    ) -> tuple[Caller, Mapping[str, str]]:
        """Take on a role as SageMaker does: identity, and the environment of a process that acts as it."""
        source = f"arn:aws:sagemaker:{scope.region}:{scope.account}:{session}"
        context = {"aws:SourceAccount": scope.account, "aws:SourceArn": source}
        if not identity.trusts_service(role_arn, SERVICE, context):
            raise ServiceError(
                "ValidationException",
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
                f"'{SERVICE}' to assume the role.",
            )
        credentials = identity.open_session(role_arn, session)
        places.place(credentials.access_key, subnets)
        environment = {
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.token,
            "AWS_REGION": scope.region,
            "AWS_DEFAULT_REGION": scope.region,
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return Caller(scope, credentials.arn), environment

    def objects(self, scope: Scope, role_arn: str, *, subnets: Sequence[str] = ()) -> S3Objects:
        """S3 as the role sees it from the subnets, or from anywhere."""
        client = self.session(scope, role_arn, subnets=subnets).client(
            "s3", endpoint_url=self._endpoint, config=Config(s3={"addressing_style": "path"}, max_pool_connections=16)
        )
        return S3Objects(client)

    def session(self, scope: Scope, role_arn: str, *, subnets: Sequence[str] = ()) -> boto3.Session:
        """Open a boto3 session of the role; this process's AWS_ENDPOINT_URL points its clients here."""
        key = (scope, role_arn, tuple(subnets))
        with self._lock:
            if key not in self._sessions:
                _, environment = self.assume(scope, role_arn, "SageMaker", subnets=subnets)
                self._sessions[key] = boto3.Session(
                    environment["AWS_ACCESS_KEY_ID"],
                    environment["AWS_SECRET_ACCESS_KEY"],
                    environment["AWS_SESSION_TOKEN"],
                    scope.region,
                )
            return self._sessions[key]

    def put_event(self, scope: Scope, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        """Emit an event of source `aws.sagemaker` on the default bus."""
        with services.scope(scope.account, scope.region):
            telemetry.put_event("aws.sagemaker", detail_type, detail, resources)

    def put_states_event(
        self, scope: Scope, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]
    ) -> None:
        """Emit an event of source `aws.states` on the default bus."""
        with services.scope(scope.account, scope.region):
            telemetry.put_event("aws.states", detail_type, detail, resources)

    def put_metrics(self, scope: Scope, metrics: Sequence[DataPoint]) -> None:
        """Record data points, and look at the alarms on them."""
        with services.scope(scope.account, scope.region):
            for each in metrics:
                telemetry.put_metric(each.namespace, each.name, each.value, each.unit, each.dimensions)
            telemetry.look_at_alarms()

    def alarm_state(self, scope: Scope, alarm: str) -> AlarmState:
        """State of an alarm, evaluated now over what is recorded."""
        with services.scope(scope.account, scope.region):
            return telemetry.alarm_state(alarm)

    def write_log(self, scope: Scope, group: str, stream: str, lines: Sequence[str]) -> None:
        """Append lines to a CloudWatch log stream."""
        with services.scope(scope.account, scope.region):
            telemetry.write_log(group, stream, lines)

    def create_table(self, scope: Scope, table: Table) -> None:
        """Make a table of the Glue data catalog, and its database where there is none."""
        with services.scope(scope.account, scope.region):
            catalog.create_table(table)

    def create_home(self, scope: Scope, home: Home) -> str:
        """Make a file system of a domain with its mount targets and security groups, and return its id."""
        with services.scope(scope.account, scope.region):
            file_system = networks.create_file_system(home.domain, home.kms_key, {MANAGED_BY: home.owner_arn})
            try:
                group, _ = (networks.create_group(name, home.vpc) for name in home.groups)
                for subnet in home.subnets:
                    networks.mount(file_system, subnet, group)
            except networks.NetworkError as error:
                self.delete_home(scope, file_system, home)
                raise ServiceError("ValidationException", str(error)) from error
            return file_system

    def delete_home(self, scope: Scope, file_system: str, home: Home) -> None:
        """Delete a file system of a domain with all that was made for it."""
        with services.scope(scope.account, scope.region):
            networks.delete_file_system(file_system)
            for name in home.groups:
                networks.delete_group(name, home.vpc)

    def attach_interface(self, scope: Scope, subnet: str, groups: Sequence[str], description: str) -> str:
        """Put a network interface into a subnet."""
        with services.scope(scope.account, scope.region):
            try:
                return networks.attach_interface(subnet, groups, description)
            except networks.NetworkError as error:
                raise ServiceError("ValidationException", str(error)) from error

    def release_interface(self, scope: Scope, interface: str) -> None:
        """Take a network interface away."""
        with services.scope(scope.account, scope.region):
            networks.release_interface(interface)
