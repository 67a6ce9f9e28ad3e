"""VPC links of REST APIs: records, as networks are here.

Sources: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateVpcLink.html; the words are those that
localstack/localstack recorded from AWS (tests/aws/services/apigateway, Apache-2.0).
"""

import re
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from localcloud.hooks.callers import identity
from localcloud.hooks.rest_apis.calls import Call, Parameters, RefusedError, absent

READY = {"status": "AVAILABLE", "statusMessage": "Your vpc link is ready for use"}
_LINKS: Any = AccountRegionScopedDict()


def link_of(parameters: Parameters) -> dict[str, Any]:
    """Return the link that a request names."""
    found: dict[str, Any] | None = _LINKS.get(parameters["vpcLinkId"])
    if found is None:
        raise absent("Invalid Vpc Link identifier specified")
    found |= READY
    return found


def create(call: Call) -> dict[str, Any]:
    """Record a link to a load balancer; it is PENDING in this answer, and there in the next."""
    name, targets = call.parameters.get("name"), call.parameters.get("targetArns") or []
    if not name:
        raise RefusedError("Name cannot be empty")
    for arn in targets:
        if not re.fullmatch("arn(:[^:]*){4}:.+", arn):
            raise RefusedError(f"Invalid ARN. ARN is not well formed {arn}")
    link = {"id": identity.unique_id(6), "name": name, "status": "PENDING", "targetArns": targets, "tags": {}}
    link |= {key: call.parameters[key] for key in ("description", "tags") if key in call.parameters}
    _LINKS[link["id"]] = link
    return dict(link)


def get(call: Call) -> dict[str, Any]:
    """Return a link."""
    return link_of(call.parameters)


def get_all(call: Call) -> dict[str, Any]:
    """Return every link."""
    del call
    return {"item": [{**link, **READY} for link in _LINKS.values()]}


def delete(call: Call) -> dict[str, Any]:
    """Forget a link."""
    link_of(call.parameters)
    del _LINKS[call.parameters["vpcLinkId"]]
    return {}
