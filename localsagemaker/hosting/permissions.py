"""What the operations on models and endpoints act on."""

from collections.abc import Iterator

from account.sessions import in_callers_name
from localsagemaker.hosting.kinds import ENDPOINT, ENDPOINT_CONFIG, KINDS
from localsagemaker.kernel.authorization import KeyUse, Permissions, by_name
from localsagemaker.kernel.requests import Request
from localsagemaker.kernel.resources import Resources


def volume_keys(request: Request, resources: Resources) -> Iterator[KeyUse]:
    """Yield the key of an endpoint's volumes, which its configuration names; who makes the endpoint needs the grant.

    Source: SageMaker developer guide, "API Permissions …", CreateEndpoint: `kms:CreateGrant` "required only if the
    associated EndPointConfig has a KmsKeyId specified", of who calls; no role of its models has it in "How to use
    execution roles". An update makes instances as creation does.
    """
    if request.operation in {"CreateEndpoint", "UpdateEndpoint"}:
        found = resources.find(ENDPOINT_CONFIG, request.scope, request.parameters["EndpointConfigName"])
        if found and (key := found.get("KmsKeyId")):
            yield KeyUse(key)


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
    keys=volume_keys,
    in_callers_name=alarms,
)
