"""The roles of state machines: who may give one a role, and clients of this cloud in a session of it."""

import threading
import uuid
from typing import Any, Final

import boto3
from botocore.config import Config

from localcloud.hooks.callers import identity
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Host

SERVICE: Final = "states.amazonaws.com"
PATIENCE_SECONDS: Final = 99_999_999
"""The time-out of a task that names none, which its client has too: what ends a task is its state."""


class StateRoles:
    """Implements `localcloud.states.service.Roles`. A client is made once; it may be used on any thread."""

    def __init__(self, host: Host, endpoint: str) -> None:
        self._host, self._endpoint = host, endpoint
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._lock = threading.Lock()

    def require(self, caller: Caller, role_arn: str, machine_arn: str) -> None:
        """Raise `ServiceError("AccessDeniedException")` unless the caller may pass the role and its trust has us."""
        self._host.authorize(caller, "iam:PassRole", role_arn, {"iam:PassedToService": SERVICE})
        if not self.trusts(role_arn, machine_arn):
            raise ServiceError(
                "AccessDeniedException",
                "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to "
                "assume the provided role.",
            )

    def trusts(self, role_arn: str, machine_arn: str) -> bool:
        """Return whether Step Functions may assume the role for that state machine, by its global or regional name."""
        _, _, _, region, account, *_ = machine_arn.split(":")
        context = {"aws:SourceAccount": account, "aws:SourceArn": machine_arn}
        names = (SERVICE, f"states.{region}.amazonaws.com")
        return any(identity.trusts_service(role_arn, name, context) for name in names)

    def client(self, service: str, region: str, role_arn: str) -> Any:  # noqa: ANN401 - a client of any service
        """Make a client of a service in a session of the role, or find the one that was made."""
        with self._lock:
            key = (service, region, role_arn)
            if key not in self._clients:
                self._clients[key] = self._connect(*key)
            return self._clients[key]

    def _connect(self, service: str, region: str, role_arn: str) -> Any:  # noqa: ANN401 - a client of any service
        credentials = identity.open_session(role_arn, identity.unique_id(32))
        session = boto3.Session(credentials.access_key, credentials.secret_key, credentials.token, region)
        config = Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            connect_timeout=PATIENCE_SECONDS,
            read_timeout=PATIENCE_SECONDS,
            max_pool_connections=50,
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"},
        )
        connect: Any = session.client  # typed for names of services that are written out
        client = connect(service, endpoint_url=self._endpoint, config=config)
        client.meta.events.register("after-call", _number_request)
        client.meta.events.register("after-call.s3", _number_host)
        client.meta.events.register("before-parameter-build.s3.PutObject", _name_type)
        return client


def _number_request(parsed: dict[str, Any], **_: object) -> None:
    """Give an answer that MiniStack refused before it was numbered a request id, which causes of errors show."""
    parsed["ResponseMetadata"].setdefault("RequestId", str(uuid.uuid4()))


def _name_type(params: dict[str, Any], **_: object) -> None:
    """Let an object that a task writes be text, as AWS's does: a body is JSON in a state machine."""
    params.setdefault("ContentType", "text/plain; charset=UTF-8")


def _number_host(parsed: dict[str, Any], **_: object) -> None:
    """Give an answer of S3 the id of the host that gave it."""
    parsed["ResponseMetadata"].setdefault("HostId", identity.unique_id(76))
