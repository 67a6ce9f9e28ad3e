"""API Gateway's control plane around MiniStack's: judged by its model, by what is there, answered as AWS answers."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from botocore.model import StructureShape
from ministack import app
from ministack.services import apigateway_v1 as apigateway

from localcloud.hooks.requests.services import Answer, Handler
from localcloud.hooks.rest_apis import defaults, documents, trials, updates, vpc_links
from localcloud.hooks.rest_apis.calls import SERVICE, Call, RefusedError, call_of
from localcloud.hooks.rest_apis.checks import CHECKS
from localcloud.hooks.rest_apis.patches import PATCHABLE
from localcloud.hooks.rest_apis.views import view
from localsagemaker.kernel.requests import violations

OWN: Final[Mapping[str, Callable[[Call], Mapping[str, Any]]]] = {
    **dict.fromkeys(PATCHABLE, updates.update),
    "CreateVpcLink": vpc_links.create,
    "DeleteVpcLink": vpc_links.delete,
    "GetVpcLink": vpc_links.get,
    "GetVpcLinks": vpc_links.get_all,
    "ImportDocumentationParts": documents.import_parts,
    "ImportRestApi": documents.import_api,
    "PutRestApi": documents.put_api,
}
"""What MiniStack has not, or does in another way."""

EXPORT: Final = "GetExport"
"""The operation whose answer is a document."""


def serve() -> None:
    """Stand before MiniStack's control plane."""
    app.SERVICE_HANDLERS[SERVICE] = _serving(app.SERVICE_HANDLERS[SERVICE])


def _serving(handler: Handler) -> Handler:
    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        call = call_of(method, path, body, query)
        if call is None:
            return await handler(method, path, headers, body, query)
        try:
            if (own := await _own(call)) is not None:
                return _answer(call, own)
        except RefusedError as error:
            refused: Answer = apigateway._v1_error(error.code, str(error), error.status)
            return refused
        status, told, said = await handler(method, path, headers, body, query)
        if status >= HTTPStatus.BAD_REQUEST or not said or call.operation == EXPORT:
            return _status(call, status), told, said
        parsed: dict[str, Any] = json.loads(said)
        return _answer(call, defaults.completed(call, parsed))

    return answer


async def _own(call: Call) -> Mapping[str, Any] | None:
    """Answer what MiniStack does not, once it is judged; nothing for the rest."""
    _judge(call)
    if call.operation == "TestInvokeMethod":
        return await trials.invoke(call)
    own = OWN.get(call.operation)
    return None if own is None else own(call)


def _judge(call: Call) -> None:
    """Refuse what breaks API Gateway's model, then what cannot be."""
    shape = call.model.input_shape
    if isinstance(shape, StructureShape):
        outside = {name for name, each in shape.members.items() if each.serialization.get("location")}
        place = f"{call.operation[:1].lower()}{call.operation[1:]}Input."
        found = [
            each
            if each.split(" at '", 1)[1].split("'", 1)[0].split(".")[0] in outside
            else each.replace(" at '", f" at '{place}", 1)
            for each in violations(call.parameters, shape)
        ]
        if found:
            noun = "error" if len(found) == 1 else "errors"
            raise RefusedError(f"{len(found)} validation {noun} detected: {'; '.join(found)}", "ValidationException")
    if check := CHECKS.get(call.operation):
        check(call.parameters)


def _answer(call: Call, told: Mapping[str, Any]) -> Answer:
    answer: Answer = apigateway._v1_response(view(call, told), _status(call, HTTPStatus.OK))
    return answer


def _status(call: Call, status: int) -> int:
    """Return the status that the model gives a success."""
    return status if status >= HTTPStatus.BAD_REQUEST else call.model.http.get("responseCode", HTTPStatus.OK)
