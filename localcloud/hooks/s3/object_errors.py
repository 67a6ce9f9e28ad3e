"""S3 of MiniStack: what AWS's errors tell beside code and message, such as the bucket or the condition that failed.

Sources: API reference of S3, "Error responses"; answers that localstack/localstack recorded from AWS
(tests/aws/services/s3/*.snapshot.json, Apache-2.0).
"""

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from ministack import app
from ministack.services import s3

from localcloud.hooks.requests.services import Answer, Handler

FAILED = 400
NAMES_BUCKET = frozenset(
    {
        "BucketAlreadyOwnedByYou",
        "BucketNotEmpty",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchCORSConfiguration",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "NoSuchWebsiteConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
_RESOURCE = re.compile(r"<Resource>(?P<name>.*?)</Resource>|<Resource ?/>", re.DOTALL)

_MESSAGE = re.compile("<Message>.*?</Message>", re.DOTALL)
_SIZE = re.compile(r"Range specified is not valid for source object of size: (\d+)")


def tell_what_failed() -> None:
    """Let errors of S3 name what they are about in AWS's members, and not in MiniStack's `Resource`."""
    handler, tell = app.SERVICE_HANDLERS["s3"], s3._range_error_xml

    def told_of_range(bucket: str, key: str) -> Any:  # noqa: ANN401 - MiniStack's
        error = tell(bucket, key)
        s3.SubElement(error, "ActualObjectSize").text = str(s3._ensure_bucket(bucket)["objects"][key]["size"])
        return error

    app.SERVICE_HANDLERS["s3"], s3._range_error_xml = _telling(handler), told_of_range


def _telling(handler: Handler) -> Handler:
    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        status, answered, content = await handler(method, path, headers, body, query)
        if status >= FAILED and b"<Error>" in content:
            content = told(content.decode(), method, path, headers, query).encode()
        return status, answered, content

    return answer


def told(text: str, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any]) -> str:
    """Return an error with the members that AWS adds for its code."""
    text = _reworded(text, headers)
    found = _RESOURCE.search(text)
    named = html.unescape(found["name"] or "") if found else ""
    bucket, _, key = (named or unquote(path)).lstrip("/").partition("/")
    code = _text(text, "Code")
    members: dict[str, str] = {}
    if code in NAMES_BUCKET:
        members["BucketName"] = bucket
    if code in {"NoSuchKey", "NoSuchVersion"}:
        members["Key"] = key
    if code == "NoSuchVersion":
        members["VersionId"] = "".join(query.get("versionId", ()))
    if code == "NoSuchUpload":
        members["UploadId"] = "".join(query.get("uploadId", ()))
    if code == "MethodNotAllowed":
        members |= {"Method": method, "ResourceType": "DeleteMarker" if key else "BUCKET"}
    if code == "PreconditionFailed":
        members["Condition"] = "If-Match" if "if-match" in headers else "If-Unmodified-Since"
    if code == "NotImplemented":
        unsupported = ("x-amz-if-match-last-modified-time", "x-amz-if-match-size")
        members["Header"] = next((name for name in unsupported if name in headers), "")
    if code == "InvalidRange":
        members["RangeRequested"] = headers.get("range", "")
    if code == "InvalidArgument" and "x-amz-copy-source-range" in headers:
        members |= {"ArgumentName": "x-amz-copy-source-range", "ArgumentValue": headers["x-amz-copy-source-range"]}
    added = "".join(
        f"<{name}>{html.escape(value, quote=False)}</{name}>"
        for name, value in members.items()
        if value and f"<{name}>" not in text
    )
    return _RESOURCE.sub("", text).replace("</Error>", f"{added}</Error>")


def _reworded(text: str, headers: Mapping[str, str]) -> str:
    """Say in AWS's words that a copy begins behind the end of its source."""
    size = _SIZE.search(text)
    begin = re.match(r"bytes=(\d+)-", headers.get("x-amz-copy-source-range", ""))
    if not (size and begin and int(begin[1]) >= int(size[1])):
        return text
    said = "<Message>The specified copy range is invalid for the source object size</Message>"
    return _MESSAGE.sub(said, text).replace("<Code>InvalidArgument</Code>", "<Code>InvalidRequest</Code>")


def _text(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return html.unescape(found[1]) if found else ""
