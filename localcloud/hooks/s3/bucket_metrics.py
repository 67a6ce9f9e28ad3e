"""S3 of MiniStack: configurations of a bucket's request metrics, which it takes for the bucket itself.

Sources: API reference of S3, PutBucketMetricsConfiguration and its siblings (a list has 100 at most); the answers that
localstack/localstack recorded from AWS (tests/aws/services/s3/test_s3_api.snapshot.json, Apache-2.0).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ministack import app
from ministack.services import s3

from localcloud.hooks.requests.services import Answer

METRICS: Final = "metrics"
PAGE: Final = 100
NAMESPACE: Final = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
ABSENT: Final = ("NoSuchConfiguration", "The specified configuration does not exist.", 404)
_INNER: Final = re.compile(r"<MetricsConfiguration[^>]*>(.*)</MetricsConfiguration>", re.DOTALL)


def keep_metrics() -> None:
    """Keep configurations of metrics, and tell them."""
    handle = app.SERVICE_HANDLERS["s3"]

    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        bucket = s3._buckets.get(path.strip("/")) if METRICS in query else None
        if bucket is None:  # of one that is not there S3 says so itself
            answered: Answer = await handle(method, path, headers, body, query)
            return answered
        return _answered(bucket.setdefault(METRICS, {}), method, body, query)

    app.SERVICE_HANDLERS["s3"] = answer


def _answered(kept: dict[str, str], method: str, body: bytes, query: Mapping[str, Any]) -> Answer:
    name = s3._qp(query, "id", "")
    if method == "GET" and not name:
        return _listed(kept, s3._qp(query, "continuation-token", ""))
    found = _INNER.search(body.decode(errors="replace"))
    if method == "PUT" and found is None:
        return _refused("MalformedXML", "The XML you provided was not well-formed or did not validate.", 400)
    if method != "PUT" and name not in kept:
        return _refused(*ABSENT)
    if method == "GET":
        return 200, dict(_XML), f"<MetricsConfiguration {NAMESPACE}>{kept[name]}</MetricsConfiguration>".encode()
    if found is not None and method == "PUT":
        kept[name] = found[1]
    else:
        del kept[name]
    return 204, {}, b""


def _listed(kept: Mapping[str, str], token: str) -> Answer:
    names = [name for name in sorted(kept) if name > token]
    shown = "".join(f"<MetricsConfiguration>{kept[name]}</MetricsConfiguration>" for name in names[:PAGE])
    is_truncated = len(names) > PAGE
    rest = f"<NextContinuationToken>{names[PAGE - 1]}</NextContinuationToken>" if is_truncated else ""
    asked = f"<ContinuationToken>{token}</ContinuationToken>" if token else ""
    inner = f"<IsTruncated>{str(is_truncated).lower()}</IsTruncated>{asked}{rest}{shown}"
    return (
        200,
        dict(_XML),
        f"<ListMetricsConfigurationsResult {NAMESPACE}>{inner}</ListMetricsConfigurationsResult>".encode(),
    )


def _refused(code: str, said: str, status: int) -> Answer:
    refused: Answer = s3._error(code, said, status)
    return refused


_XML: Final = {"Content-Type": "application/xml"}
