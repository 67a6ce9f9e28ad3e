"""A request as the wire has it: which headers of `InvokeEndpoint` reach the container."""

from localcloud.sagemaker.hosting.invocation import Request


def test_headers_reach_the_container() -> None:
    """Source: API reference, InvokeEndpoint, "Request Syntax"."""
    wire = {
        "content-type": "text/csv",
        "accept": "application/json",
        "x-amzn-sagemaker-custom-attributes": "trace=1",
        "x-amzn-sagemaker-target-variant": "Canary",
        "authorization": "AWS4-HMAC-SHA256",
    }
    request = Request.read(wire, b"1,2")
    assert request.headers == {
        "Content-Type": "text/csv",
        "Accept": "application/json",
        "X-Amzn-SageMaker-Custom-Attributes": "trace=1",
    }
    assert (request.target_variant, request.body) == ("Canary", b"1,2")


def test_a_request_without_headers_takes_any_answer() -> None:
    assert Request.read({}, b"x").headers == {"Content-Type": "application/octet-stream", "Accept": "*/*"}
