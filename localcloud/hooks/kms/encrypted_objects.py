"""S3 of MiniStack: objects under a key of KMS are written and read by who may use the key."""

import contextvars
import secrets
from collections.abc import Mapping
from typing import Any

from ministack.services import s3

from localcloud.hooks.kms import keys, managed_keys

_SSE = "x-amz-server-side-encryption"
_KEY = f"{_SSE}-aws-kms-key-id"
_BUCKET_KEY = f"{_SSE}-bucket-key-enabled"
_CUSTOMER = f"{_SSE}-customer-algorithm"
_OK = 200
_KMS = frozenset({"aws:kms", "aws:kms:dsse"})
_called: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar("called", default=("", ""))

_under_key: contextvars.ContextVar[bool] = contextvars.ContextVar("under_key", default=False)


def ask_for_keys() -> None:
    """Ask for the key of an object when it is written, read, copied or uploaded in parts."""
    _remember_what_is_called()
    _write()
    _tag_otherwise()
    read, part, source, head = (
        s3._check_sse_read_headers,
        s3._check_sse_c_part,
        s3._check_sse_c_copy_source,
        s3._head_object,
    )
    heads: contextvars.ContextVar[bool] = contextvars.ContextVar("heads", default=False)

    def headed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        token = heads.set(True)
        try:
            return head(*arguments, **named)
        finally:
            heads.reset(token)

    s3._head_object = headed
    s3._check_sse_read_headers = lambda headers, found: (
        read(headers, found) or (None if heads.get() else _asked(found, "Decrypt"))
    )
    s3._check_sse_c_copy_source = lambda headers, found: source(headers, found) or _asked(found, "Decrypt")
    s3._check_sse_c_part = lambda headers, upload: part(headers, upload) or _asked(upload, "Decrypt")


def _write() -> None:
    resolve = s3._resolve_sse_write_headers

    def resolved(headers: dict[str, str], bucket: str) -> Any:  # noqa: ANN401 - MiniStack's
        if headers.get(_SSE) in _KMS and not headers.get(_KEY):
            headers = {**headers, _KEY: managed_keys.aws_managed("aws/s3")}
        made, error = resolve(headers, bucket)
        under_key = error is None and (made.get(_SSE) in _KMS or _CUSTOMER in made)
        _under_key.set(under_key)
        if error is not None or made.get(_SSE) not in _KMS:
            return made, error
        named = made.get(_KEY)
        record = keys.find(named) if named else None
        made = {**made, _KEY: record["Arn"] if record else named or managed_keys.aws_managed("aws/s3")}
        if headers.get(_BUCKET_KEY) == "true" or (not headers.get(_SSE) and _has_bucket_key(bucket)):
            made[_BUCKET_KEY] = "true"
        refusal = _refusal(made, "GenerateDataKey")
        return (None, refusal) if refusal is not None else (made, None)

    s3._resolve_sse_write_headers = resolved
    if _BUCKET_KEY not in s3._SSE_STORED_HEADERS:
        s3._SSE_STORED_HEADERS = (*s3._SSE_STORED_HEADERS, _BUCKET_KEY)


def _tag_otherwise() -> None:
    """Give an object under a key an ETag that is no MD5. Source: API reference of S3, "Object"."""
    digest, copy = s3.md5_hash, s3._copy_object

    def copied(bucket: str, key: str, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - MiniStack's
        status, answered, content = copy(bucket, key, headers)
        if status == _OK and _under_key.get():
            found = s3._ensure_bucket(bucket)["objects"][key]
            versions = s3._object_versions.get((bucket, key)) or ()
            before, tag = found["etag"].strip('"'), secrets.token_hex(16)
            for record in (found, *(each for each in versions if each.get("is_latest"))):
                record["etag"] = f'"{tag}"'
            content = content.replace(before.encode(), tag.encode())
        return status, answered, content

    s3._copy_object = copied
    s3.md5_hash = lambda body: secrets.token_hex(16) if _under_key.get() else digest(body)


def _remember_what_is_called() -> None:
    parse = s3._parse_bucket_key

    def parsed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        bucket, key = parse(*arguments, **named)
        _called.set((bucket, key))
        _under_key.set(False)
        return bucket, key

    s3._parse_bucket_key = parsed


def _asked(found: Mapping[str, Any], action: str) -> Any:  # noqa: ANN401 - MiniStack's
    return _refusal(found.get("preserved_headers") or {}, action)


def _refusal(encryption: Mapping[str, str], action: str) -> Any:  # noqa: ANN401 - MiniStack's
    """Return the answer to who may not use the key that an object is, or is to be, encrypted with."""
    if encryption.get(_SSE) not in _KMS or _KEY not in encryption:
        return None
    bucket, key = _called.get()
    whole = encryption.get(_BUCKET_KEY) == "true"
    context = {"aws:s3:arn": f"arn:aws:s3:::{bucket}" if whole else f"arn:aws:s3:::{bucket}/{key}"}
    try:
        keys.use(encryption[_KEY], [action], keys.Via("s3", context))
    except keys.KeyDenied as denied:
        return s3._error(denied.code, str(denied), 403 if denied.code == "AccessDenied" else 400, f"/{bucket}/{key}")
    return None


def _has_bucket_key(bucket: str) -> bool:
    raw = s3._bucket_encryption.get(bucket) or ""
    text = raw.decode() if isinstance(raw, bytes) else str(raw)
    return "<BucketKeyEnabled>true</BucketKeyEnabled>" in text
