"""S3 of MiniStack: settings of buckets, tags and lists that AWS refuses.

Sources: API reference of S3; user guide, "Categorizing your objects using tags"; answers that localstack/localstack
recorded from AWS (tests/aws/services/s3/test_s3_api.snapshot.json, test_s3_list_operations.snapshot.json, Apache-2.0).
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from ministack.services import s3

from localcloud.hooks.s3.versions import is_id

Refusal = Any
"""An answer of MiniStack's; None where nothing is refused."""
OWNERSHIP = frozenset({"BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"})
ACTIONS = (
    "AbortIncompleteMultipartUpload",
    "Expiration",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransition",
    "Transition",
)
LATE_CLASSES = frozenset({"STANDARD_IA", "ONEZONE_IA"})
LATE = 30
"""Days after which an object may go to one of these."""
_TAG_TEXT = re.compile(r"[\w\s.:/=+\-@]*")
_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")


def refuse_settings() -> None:
    """Refuse what AWS refuses; everything else goes to MiniStack."""
    for name, check in CHECKS.items():
        _check(name, check)
    read, head, create = s3._get_object, s3._head_object, s3._create_bucket
    s3._get_object = lambda bucket, key, headers, query=None: read(bucket, key, in_one_range(headers), query)
    s3._head_object = lambda bucket, key, headers=None, query=None: head(
        bucket, key, in_one_range(headers or {}), query
    )

    def created(name: str, body: bytes, headers: Mapping[str, str], **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        refusal = _new_bucket(headers)
        refusal = _new_tags(name, body) if refusal is None else refusal
        return refusal if refusal is not None else create(name, body, headers, **named)

    s3._create_bucket = created


def _check(name: str, check: Callable[..., Refusal]) -> None:
    operation = getattr(s3, name)

    def checked(bucket: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        refusal = check(bucket, *arguments) if bucket in s3._buckets else None
        return refusal if refusal is not None else operation(bucket, *arguments, **named)

    setattr(s3, name, checked)


def in_one_range(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return headers without a range that S3 does not read, as it answers with the whole object then."""
    found = _RANGE.fullmatch(headers.get("range", ""))
    if "range" not in headers or (found and not (found[2] and int(found[2]) < int(found[1]))):
        return headers
    return {name: value for name, value in headers.items() if name != "range"}


def _malformed() -> Refusal:
    return s3._error("MalformedXML", s3._MALFORMED_XML, 400)


def _argument(said: str, name: str, value: str | None = None) -> Refusal:
    given = {} if value is None else {"ArgumentValue": value}
    return s3._error("InvalidArgument", said, 400, extra={"ArgumentName": name, **given})


def _texts(body: bytes, name: str) -> list[str] | None:
    """Return what the elements of this name hold; None where the body is no XML."""
    try:
        root = s3.fromstring(body)
    except s3.ParseError:
        return None
    return [element.text or "" for element in root.iter() if element.tag.rpartition("}")[2] == name]


def _found(parent: Any, name: str) -> list[Any]:  # noqa: ANN401 - an element of XML
    """Return the elements of this name within another."""
    return [element for element in parent.iter() if element.tag.rpartition("}")[2] == name]


def _text_of(parent: Any, name: str) -> str:  # noqa: ANN401 - an element of XML
    return next((element.text or "" for element in _found(parent, name)), "")


def _versioning(bucket: str, body: bytes) -> Refusal:
    found = _texts(body, "Status")
    if found == []:
        said = "The Versioning element must be specified"
        return s3._error("IllegalVersioningConfigurationException", said, 400)
    if found == ["Suspended"] and s3._bucket_object_lock.get(bucket):
        said = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        return s3._error("InvalidBucketState", said, 409)
    return None


def _encryption(_bucket: str, body: bytes) -> Refusal:
    rules = _texts(body, "Rule")
    if rules is None or len(rules) != 1:
        return _malformed()
    if _texts(body, "SSEAlgorithm") == ["AES256"] and _texts(body, "KMSMasterKeyID"):
        said = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"
        return _argument(said, "ApplyServerSideEncryptionByDefault")
    return None


def _new_bucket(headers: Mapping[str, str]) -> Refusal:
    ownership = headers.get("x-amz-object-ownership")
    if ownership is None or ownership in OWNERSHIP:
        return None
    return _argument(f"Invalid x-amz-object-ownership header: {ownership}", "x-amz-object-ownership")


def _ownership(_bucket: str, body: bytes) -> Refusal:
    found = _texts(body, "ObjectOwnership")
    return None if found and len(found) == 1 and found[0] in OWNERSHIP else _malformed()


def _acceleration(bucket: str, body: bytes) -> Refusal:
    if "." in bucket:
        said = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
        return s3._error("InvalidRequest", said, 400)
    return None if _texts(body, "Status") in (["Enabled"], ["Suspended"]) else _malformed()


def _lifecycle(_bucket: str, body: bytes) -> Refusal:
    """Judge each rule: it does something, and objects are old enough for a class of storage that is billed by month."""
    try:
        rules = _found(s3.fromstring(body), "Rule")
    except s3.ParseError:
        return _malformed()
    for rule in rules:
        if not any(_found(rule, name) for name in ACTIONS):
            return s3._error("InvalidRequest", "At least one action needs to be specified in a rule.", 400)
        for action, days in (("Transition", "Days"), ("NoncurrentVersionTransition", "NoncurrentDays")):
            for moved in _found(rule, action):
                kind, age = _text_of(moved, "StorageClass"), _text_of(moved, days)
                if kind in LATE_CLASSES and age.isdigit() and int(age) < LATE:
                    least = f"must be greater than or equal to {LATE} for storageClass '{kind}'"
                    return _argument(f"'{days}' in {action} action {least}", days)
    return None


def _logging(_bucket: str, body: bytes) -> Refusal:
    target = (_texts(body, "TargetBucket") or [""])[0]
    if target and target not in s3._buckets:
        return s3._error("InvalidTargetBucketForLogging", "The target bucket for logging does not exist", 400)
    return None


def _notification(_bucket: str, body: bytes, *_: object) -> Refusal:
    try:
        root = s3.fromstring(body)
    except s3.ParseError:
        return None
    for rule in root.iter():
        if rule.tag.rpartition("}")[2] != "FilterRule":
            continue
        members = {member.tag.rpartition("}")[2]: member.text or "" for member in rule}
        if set(members) != {"Name", "Value"}:
            return _malformed()
        if members["Name"].lower() not in {"prefix", "suffix"}:
            return _argument("filter rule name must be either prefix or suffix", "FilterRule.Name", members["Name"])
    return None


def _new_tags(name: str, body: bytes) -> Refusal:
    """Refuse tags of a new bucket, and any for one that is there; MiniStack refuses a key that is there twice."""
    tags = list(_tags_of(body))
    if any(set(tag) != {"Key", "Value"} for tag in tags):
        return _malformed()
    if tags and name in s3._buckets:
        said = "Your previous request to create the named bucket succeeded and you already own it."
        return s3._error("BucketAlreadyOwnedByYou", said, 409, f"/{name}", extra={"BucketName": name})
    if any(tag["Key"].startswith("aws:") for tag in tags):
        said = 'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags.'
        return _tag(f'{said} Remove "aws:" from your tag keys and try again.')
    refusals = (_tag_refusal(tag["Key"], tag["Value"], set(), "") for tag in tags)
    return next((refusal for refusal in refusals if refusal is not None), None)


def _tags_of(body: bytes) -> Iterator[dict[str, str]]:
    try:
        root = s3.fromstring(body or b"<none/>")
    except s3.ParseError:
        return
    for tag in root.iter():
        if tag.tag.rpartition("}")[2] == "Tag":
            yield {member.tag.rpartition("}")[2]: member.text or "" for member in tag}


def _tags(reserved: str) -> Callable[[bytes], Refusal]:
    def refusal(body: bytes) -> Refusal:
        seen: set[str] = set()
        for members in _tags_of(body):
            if set(members) != {"Key", "Value"}:
                return _malformed()
            refused = _tag_refusal(members["Key"], members["Value"], seen, reserved)
            if refused is not None:
                return refused
            seen.add(members["Key"])
        return None

    return refusal


def _tag_refusal(key: str, value: str, seen: set[str], reserved: str) -> Refusal:
    if key in seen:
        return _tag("Cannot provide multiple Tags with the same key", TagKey=key)
    if key.startswith("aws:"):
        return _tag(reserved, TagKey=key)
    if not key or not _TAG_TEXT.fullmatch(key):
        return _tag("The TagKey you have provided is invalid", TagKey=key)
    if not _TAG_TEXT.fullmatch(value):
        return _tag("The TagValue you have provided is invalid", TagKey=key, TagValue=value)
    return None


def _tag(said: str, **told: str) -> Refusal:
    return s3._error("InvalidTag", said, 400, extra=told)


_of_bucket = _tags("System tags cannot be added/updated by requester")
_of_object = _tags("Your TagKey cannot be prefixed with aws:")


def _bucket_tags(_bucket: str, body: bytes) -> Refusal:
    return _of_bucket(body)


def _object_tags(bucket: str, key: str, body: bytes, query: Mapping[str, Any] | None = None) -> Refusal:
    refusal = _marker(bucket, key, query)
    return refusal if refusal is not None or key not in s3._buckets[bucket]["objects"] else _of_object(body)


def _marker(bucket: str, key: str, query: Mapping[str, Any] | None = None) -> Refusal:
    """Refuse the tags of a delete marker, which has none."""
    version, versions = _one(query or {}, "versionId"), s3._object_versions.get((bucket, key)) or ()
    named = [found for found in versions if found["version_id"] == version] if version else versions[-1:]
    if not named or not named[0].get("is_delete_marker"):
        return None
    return s3._error("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)


def _tag_header(_bucket: str, _key: str, _body: bytes, headers: Mapping[str, str]) -> Refusal:
    given = headers.get("x-amz-tagging", "")
    pairs = parse_qsl(given, keep_blank_values=True)
    names = [name for name, _ in pairs]
    if len(set(names)) == len(names) and all(_TAG_TEXT.fullmatch(text) for pair in pairs for text in pair):
        return None
    shape = "encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."
    return _argument(f"The header 'x-amz-tagging' shall be {shape}", "x-amz-tagging", given)


def _one(query: Mapping[str, Any], name: str) -> str | None:
    return "".join(query[name]) if name in query else None


def _is_token(token: str) -> bool:
    try:
        return bool(base64.b64decode(token, validate=True).decode())
    except ValueError:
        return False


def _list(_bucket: str, query: Mapping[str, Any]) -> Refusal:
    encoding, token = _one(query, "encoding-type"), _one(query, "continuation-token")
    if encoding not in (None, "url"):
        return _argument("Invalid Encoding Method specified in Request", "encoding-type", encoding)
    if token is not None and not _is_token(token):
        return _argument("The continuation token provided is incorrect", "continuation-token")
    marker = _one(query, "version-id-marker")
    if marker and not _one(query, "key-marker"):
        said = "A version-id marker cannot be specified without a key marker."
        return _argument(said, "version-id-marker", marker)
    return None


def _version(_bucket: str, _key: str, _headers: object = None, query: Mapping[str, Any] | None = None) -> Refusal:
    version = _one(query or {}, "versionId")
    if version and not is_id(version):
        return _argument("Invalid version id specified", "versionId", version)
    return None


def _deletion(bucket: str, key: str, headers: Any = None, query: Mapping[str, Any] | None = None) -> Refusal:  # noqa: ANN401 - MiniStack's
    refusal = _version(bucket, key, headers, query)
    return refusal if refusal is not None else _bypass(bucket, headers or {})


def _deletions(bucket: str, _body: bytes, headers: Any = None) -> Refusal:  # noqa: ANN401 - MiniStack's
    return _bypass(bucket, headers or {})


def _bypass(bucket: str, headers: Mapping[str, str]) -> Refusal:
    header = "x-amz-bypass-governance-retention"
    if header in headers and not s3._bucket_object_lock.get(bucket):
        return _argument(f"{header} is only applicable to Object Lock enabled buckets.", header)
    return None


CHECKS: Mapping[str, Callable[..., Refusal]] = {
    "_put_bucket_versioning": _versioning,
    "_put_bucket_encryption": _encryption,
    "_put_bucket_ownership_controls": _ownership,
    "_put_bucket_accelerate": _acceleration,
    "_put_bucket_lifecycle": _lifecycle,
    "_put_bucket_logging": _logging,
    "_put_bucket_notification": _notification,
    "_put_bucket_tagging": _bucket_tags,
    "_put_object_tagging": _object_tags,
    "_get_object_tagging": _marker,
    "_delete_object_tagging": _marker,
    "_put_object": _tag_header,
    "_list_objects_v1": _list,
    "_list_objects_v2": _list,
    "_list_object_versions": _list,
    "_list_multipart_uploads": _list,
    "_get_object": _version,
    "_head_object": _version,
    "_delete_object": _deletion,
    "_delete_objects": _deletions,
}
