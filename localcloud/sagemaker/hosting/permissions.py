"""What the operations on models and endpoints act on."""

from collections.abc import Iterator

from account.sessions import in_callers_name
from localcloud.sagemaker.hosting.kinds import ENDPOINT, ENDPOINT_CONFIG, KINDS
from localcloud.sagemaker.kernel.authorization import Permissions, by_name
from localcloud.sagemaker.kernel.requests import Request
from localcloud.sagemaker.kernel.resources import Resources


def volume_key(request: Request, resources: Resources) -> str | None:
    """Return the key of an endpoint's volumes, which its configuration names; who makes it needs the grant."""
    if request.operation not in {"CreateEndpoint", "UpdateEndpoint"}:
        return None
    found = resources.find(ENDPOINT_CONFIG, request.scope, request.parameters["EndpointConfigName"])
    key: str | None = found.get("KmsKeyId") if found else None
    return key


def alarms(request: Request) -> Iterator[tuple[str, str]]:
    """Yield what SageMaker asks of each alarm that an update is to be rolled back for."""
    if request.operation != "UpdateEndpoint":
        return
    scope, rollback = request.scope, request.parameters.get("DeploymentConfig", {}).get("AutoRollbackConfiguration", {})
    for alarm in rollback.get("Alarms", ()):
        place = {"region": scope.region, "account": scope.account, "AlarmName": alarm["AlarmName"]}
        yield from in_callers_name("sagemaker:UpdateEndpoint", **place)


PERMISSIONS = Permissions(
    KINDS,
    {
        "CreateEndpoint": by_name(ENDPOINT, ENDPOINT_CONFIG),
        "UpdateEndpoint": by_name(ENDPOINT, ENDPOINT_CONFIG),
        "UpdateEndpointWeightsAndCapacities": by_name(ENDPOINT),
        "InvokeEndpoint": by_name(ENDPOINT),
    },
    key=volume_key,
    in_callers_name=alarms,
)
