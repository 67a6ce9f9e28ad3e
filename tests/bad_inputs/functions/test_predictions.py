"""Bad requests to the API's function: a typed 4xx in a sentence, or on to the endpoint as they are."""

import json
import re
import resource
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from predictions import handler
from tests.bad_inputs.bounds import CPU
from tests.bad_inputs.inputs import BadInput, content, label, plain, read
from tests.lambda_.serving.predictions.conftest import Runtime
from tests.lambda_.serving.predictions.test_handler import proxy_event

"""Seconds."""


def filled(text: str) -> str:
    return re.sub("«([^»]*)»", lambda found: plain(found[1]), text)


def event_of(given: BadInput) -> dict[str, Any]:
    headers = {"Host": "api.example.com"} | {name: filled(value) for name, value in given.get("headers", {}).items()}
    headers |= {f"X-{number}": "x" for number in range(given.get("many_headers", 0))}
    if type_ := content(given.get("type")).decode():
        headers["Content-Type"] = type_
    body = content(given.get("body", "0,1")).decode()
    event = proxy_event(body, headers, encoded=given.get("encoded", False))
    for name, text in given.get("event", {}).items():
        event[name] = json.loads(filled(text))
    return {name: value for name, value in event.items() if name != given.get("without")}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("given", read("functions/predictions"), ids=label)
def test_predictions(given: BadInput, runtime: Runtime, context: LambdaContext) -> None:
    event = event_of(given)
    before = resource.getrusage(resource.RUSAGE_THREAD)
    answer = handler.handler(event, context)
    after = resource.getrusage(resource.RUSAGE_THREAD)
    assert answer["statusCode"] in given.expected, answer["body"][:300]
    if answer["statusCode"] == 200:
        assert len(runtime.requests) == 1
    else:
        assert not runtime.requests
        error = json.loads(answer["body"])["error"]
        assert error.keys() == {"code", "message", "request_id"}
        given.require_sentence(error["message"])
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= CPU
