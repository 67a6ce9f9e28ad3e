"""S3 of MiniStack: writes, copies and completed uploads under a condition.

Sources: user guide of S3, "How to prevent object overwrites with conditional writes"; answers that
localstack/localstack recorded from AWS (tests/aws/services/s3/test_s3_api.snapshot.json and
test_s3_preconditions.snapshot.json, Apache-2.0).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import s3

_SOURCE = "x-amz-copy-source-"
Headers = Mapping[str, str]


def judge_conditions() -> None:
    """Judge conditions of writes as AWS does, also on copies, and see what changed during an upload in parts."""
    s3._check_put_preconditions = write_refusal
    s3._check_copy_source_preconditions = source_refusal
    _copy()
    _complete()
    iam_actions.s3_service_context = _with_conditions(iam_actions.s3_service_context)


def _with_conditions(keys: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return what finds a request's condition keys, with those of its own conditions and of whether it makes an object.

    The request that begins an upload in parts makes none, neither does one that brings a part: user guide of S3,
    "Enforce conditional writes on Amazon S3 buckets".
    """

    def found(action: str, query: Mapping[str, Any] | None, path: str = "", headers: Headers | None = None) -> Any:  # noqa: ANN401 - MiniStack's
        context = keys(action, query, path, headers)
        if action == "s3:PutObject":
            asked = query or {}
            makes = "partNumber" not in asked and "uploads" not in asked
            context["s3:ObjectCreationOperation"] = str(makes).lower()
            given = {name.lower(): value for name, value in (headers or {}).items()}
            context |= {f"s3:{name}": given[name] for name in ("if-match", "if-none-match") if given.get(name)}
        return context

    return found


def _copy() -> None:
    copy = s3._copy_object

    def copied(bucket: str, key: str, headers: Headers) -> Any:  # noqa: ANN401 - MiniStack's
        target = s3._ensure_bucket(bucket)
        refusal = write_refusal(headers, target["objects"].get(key)) if target is not None else None
        return refusal if refusal is not None else copy(bucket, key, headers)

    s3._copy_object = copied


def _complete() -> None:
    create, complete = s3._create_multipart_upload, s3._complete_multipart_upload
    seen: dict[str, Any] = {}

    def created(bucket: str, key: str, headers: Headers) -> Any:  # noqa: ANN401 - MiniStack's
        known = set(s3._multipart_uploads)
        answer = create(bucket, key, headers)
        for upload in set(s3._multipart_uploads) - known:
            seen[upload] = s3._ensure_bucket(bucket)["objects"].get(key)
        return answer

    def completed(bucket: str, key: str, body: bytes, query: Mapping[str, Any], headers: Headers | None = None) -> Any:  # noqa: ANN401 - MiniStack's
        upload, headers = s3._qp(query, "uploadId"), headers or {}
        if upload in seen and upload in s3._multipart_uploads and (name := _condition(headers)):
            found = s3._ensure_bucket(bucket)["objects"].get(key)
            if write_refusal(headers, found) is None and found is not seen[upload]:
                return _conflict(key, name)
        answer = complete(bucket, key, body, query, headers)
        if upload not in s3._multipart_uploads:
            seen.pop(upload, None)
        return answer

    s3._create_multipart_upload, s3._complete_multipart_upload = created, completed


def write_refusal(headers: Headers, found: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - MiniStack's
    """Judge If-Match and If-None-Match of a write by the object that is there; None where it may be written."""
    match, none = (headers.get(name, "").strip() for name in ("if-match", "if-none-match"))
    unsupported = _unsupported(match, none)
    if unsupported is not None or not (match or none):
        return unsupported
    if none:
        return None if found is None else _failed("If-None-Match")
    if found is None:
        return s3._error("NoSuchKey", "The specified key does not exist.", 404)
    return None if match.strip('"') == found["etag"].strip('"') else _failed("If-Match")


def _unsupported(match: str, none: str) -> Any:  # noqa: ANN401 - MiniStack's
    header = ",".join(name for name, value in (("If-Match", match), ("If-None-Match", none)) if value)
    more = "Multiple conditional request headers present in the request"
    if not (match and none):
        more = f"We don't accept the provided value of {header} header for this API"
        if none in ("", "*") and match != "*":
            return None
    said = "A header you provided implies functionality that is not implemented"
    return s3._error("NotImplemented", said, 501, extra={"Header": header, "additionalMessage": more})


def source_refusal(headers: Headers, found: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
    """Judge the conditions of a copy on its source; None where it may be copied."""
    etag, written = (found.get("etag") or "").strip('"'), s3._object_mtime_dt(found)
    match, none = (headers.get(f"{_SOURCE}{name}", "").strip('"') for name in ("if-match", "if-none-match"))
    before = s3._parse_http_date(headers.get(f"{_SOURCE}if-unmodified-since", ""))
    after = s3._parse_http_date(headers.get(f"{_SOURCE}if-modified-since", ""))
    if match and match != etag:
        return _failed(f"{_SOURCE}If-Match")
    if not match and before and written and written > before:
        return _failed(f"{_SOURCE}If-Unmodified-Since")
    if none and none == etag:
        return _failed(f"{_SOURCE}If-None-Match")
    is_past = after and after <= dt.datetime.now(dt.UTC)  # AWS overlooks a time that is to come
    if not none and is_past and written and written <= after:
        return _failed(f"{_SOURCE}If-Modified-Since")
    return None


def _condition(headers: Headers) -> str:
    return next((name for name in ("If-Match", "If-None-Match") if headers.get(name.lower())), "")


def _failed(condition: str) -> Any:  # noqa: ANN401 - MiniStack's
    said = "At least one of the pre-conditions you specified did not hold"
    return s3._error("PreconditionFailed", said, 412, extra={"Condition": condition})


def _conflict(key: str, condition: str) -> Any:  # noqa: ANN401 - MiniStack's
    said = "The conditional request cannot succeed due to a conflicting operation against this resource."
    return s3._error("ConditionalRequestConflict", said, 409, extra={"Condition": condition, "Key": key})
