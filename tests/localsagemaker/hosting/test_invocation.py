"""A request as the wire has it: which headers of `InvokeEndpoint` reach the container, and which are refused.

Source: API reference, InvokeEndpoint, "Request Syntax" and "URI Request Parameters".
"""

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.invocation import Request


def test_headers_reach_the_container() -> None:
    wire = {
        "content-type": "text/csv",
        "accept": "application/json",
        "x-amzn-sagemaker-custom-attributes": "trace=1",
        "x-amzn-sagemaker-target-variant": "Canary",
        "x-amzn-sagemaker-inference-id": "abc",
        "authorization": "AWS4-HMAC-SHA256",
    }
    request = Request.read(wire, b"1,2")
    assert request.headers == {
        "Content-Type": "text/csv",
        "Accept": "application/json",
        "X-Amzn-SageMaker-Custom-Attributes": "trace=1",
        "X-Amzn-SageMaker-Inference-Id": "abc",
    }
    assert (request.target_variant, request.body) == ("Canary", b"1,2")


def test_a_request_without_headers_takes_any_answer() -> None:
    assert Request.read({}, b"x").headers == {"Content-Type": "application/octet-stream", "Accept": "*/*"}


@pytest.mark.parametrize(
    ("header", "value", "member"),
    [
        ("x-amzn-sagemaker-target-model", "other.tar.gz", "TargetModel"),
        ("x-amzn-sagemaker-target-container-hostname", "nope", "TargetContainerHostname"),
        ("x-amzn-sagemaker-inference-component", "nope", "InferenceComponentName"),
        ("x-amzn-sagemaker-session-id", "NEW_SESSION", "SessionId"),
        ("x-amzn-sagemaker-enable-explanations", "`true`", "EnableExplanations"),
        ("x-amzn-sagemaker-custom-attributes", "x" * 1025, "CustomAttributes"),
        ("x-amzn-sagemaker-inference-id", "x" * 65, "InferenceId"),
        ("x-amzn-sagemaker-target-variant", "a b", "TargetVariant"),
    ],
)
def test_what_no_endpoint_here_has_is_refused_by_name(header: str, value: str, member: str) -> None:
    with pytest.raises(ServiceError, match=f"^{member} ") as refused:
        Request.read({header: value}, b"x")
    assert (refused.value.code, refused.value.status) == ("ValidationError", 400)


@pytest.mark.parametrize(
    ("header", "longest"), [("x-amzn-sagemaker-custom-attributes", 1024), ("x-amzn-sagemaker-inference-id", 64)]
)
def test_the_longest_that_the_api_takes_is_taken(header: str, longest: int) -> None:
    assert "x" * longest in Request.read({header: "x" * longest}, b"x").headers.values()
