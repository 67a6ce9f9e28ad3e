"""What MiniStack says of a refusal, in AWS's own words, which programs look for.

Sources: the answers that localstack/localstack recorded from AWS (tests/aws/services/*/*.snapshot.json, Apache-2.0);
each is a case in tests/localcloud/answers.
"""

import html
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ministack import app
from ministack.core import responses

from localcloud.hooks.requests.services import Answer, Handler

FAILED = 400
"""The first status that is a refusal."""


@dataclass(frozen=True)
class Words:
    """A refusal as MiniStack has it, whole, and as AWS does: its words, and its code where that is another one.

    AWS's words may hold the groups of MiniStack's, `{account}`, `{region}`, `{entries}`, which is how many a batch has,
    and `{qualifier}`, with its colon.
    """

    code: str
    said: str
    says: str
    as_code: str = ""


_ABSENT_KEY = "Key (?P<key>.*) not found"
_ABSENT = "ResourceNotFoundException"
WORDS: Mapping[str, tuple[Words, ...]] = {
    "apigateway": (
        Words("NotFoundException", "Invalid API identifier specified", "{said} {account}:{api}"),
        Words("NotFoundException", "Invalid Model identifier specified", "Invalid model name specified: {model}"),
    ),
    "cloudformation": (
        Words(
            "ValidationError",
            r"Resource \[(?P<name>.*)\] does not exist in stack \[(?P<stack>.*)\]",
            "Resource {name} does not exist for stack {stack}",
        ),
        Words(
            "ValidationError",
            r"(?P<it>.* at 'stackName' failed .* regular expression pattern: \[a-zA-Z\]\[-a-zA-Z0-9\]\*)",
            "{it}|arn:[-a-zA-Z0-9:/._+]*",
        ),
    ),
    "ecr": (
        Words("RepositoryNotFoundException", "(?P<it>.* does not exist)", "{it} in the registry with id '{account}'"),
        Words(
            "RepositoryAlreadyExistsException", "(?P<it>.* already exists)", "{it} in the registry with id '{account}'"
        ),
    ),
    "events": (
        Words(_ABSENT, r"Rule (?P<rule>\S+) does not exist\.", "Rule {rule} does not exist on EventBus {bus}."),
        Words(_ABSENT, r"Event bus (?P<name>\S+) not found", "Event bus {name} does not exist."),
        Words("ResourceAlreadyExistsException", "(?P<it>Event bus .* already exists)", "{it}."),
        Words("ValidationException", "Cannot delete the default event bus", "Cannot delete event bus default."),
    ),
    "iam": (
        Words("NoSuchEntity", r"Policy (?P<arn>\S+) not found\.", "Policy {arn} was not found."),
        Words("NoSuchEntity", r"Role (?P<name>\S+) not found\.", "The role with name {name} cannot be found."),
    ),
    "kms": (
        Words(
            "NotFoundException",
            "Key (?P<key>(mrk-[0-9a-f]{32})|([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})) not found",
            "Key 'arn:aws:kms:{region}:{account}:key/{key}' does not exist",
        ),
        Words("NotFoundException", "Key (?P<key>(arn|alias).*) not found", "Key '{key}' does not exist"),
        Words("NotFoundException", _ABSENT_KEY, "Invalid keyId '{key}'"),
        Words(
            "ValidationException",
            "AliasName must start with alias/",
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ),
    ),
    "lambda": (Words(_ABSENT, "(?P<it>Function not found: arn(:[^:]+){6})", "{it}{qualifier}"),),
    "logs": (
        Words(_ABSENT, r"(?P<it>The specified log (group|stream) does not exist): .*", "{it}."),
        Words(
            "InvalidParameterException",
            "logGroupNamePrefix and logGroupNamePattern are mutually exclusive.",
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ),
    ),
    "s3": (
        Words(
            "InvalidDigest",
            "The Content-MD5 you specified is not valid.",
            "The Content-MD5 you specified was invalid.",
        ),
    ),
    "secretsmanager": (Words(_ABSENT, "(?P<it>.* for staging label: [^.]*)[.]", "{it}"),),
    "sns": (
        Words("NotFound", "(?P<it>(Topic|Subscription|Endpoint|PlatformApplication) does not exist): .*", "{it}"),
        Words(
            "InvalidParameter",
            "Invalid parameter: Endpoint .* is not a valid SQS ARN",
            "Invalid parameter: SQS endpoint ARN",
        ),
        Words(
            "BatchEntryIdsNotDistinct",
            "Batch entry ids must be distinct",
            "Two or more batch entries in the request have the same Id.",
        ),
    ),
    "sqs": (
        Words(
            "TooManyEntriesInBatchRequest",
            "Too many messages in a batch request.*",
            "Maximum number of entries per request are 10. You have sent {entries}.",
        ),
    ),
    "sts": (Words("ValidationError", r"Invalid RoleArn: (?P<arn>\S+)", "{arn} is invalid"),),
}


def use_own_words() -> None:
    """Let refusals of MiniStack's services say what AWS's say."""
    for service, words in WORDS.items():
        app.SERVICE_HANDLERS[service] = _rewording(app.SERVICE_HANDLERS[service], words)


def _rewording(handler: Handler, words: tuple[Words, ...]) -> Handler:
    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        status, answered, said = await handler(method, path, headers, body, query)
        if status < FAILED:
            return status, answered, said
        return status, answered, _reworded(said, words, _facts(path, body, query))

    return answer


def _facts(path: str, body: bytes, query: Mapping[str, Any]) -> dict[str, str]:
    """Return what AWS's words tell of a request beside what MiniStack's told."""
    parameters = _parameters(body)
    qualifier = "".join(query.get("Qualifier", ()))
    parts = [*path.split("/"), *[""] * 5]
    return {
        "account": responses.get_account_id(),
        "region": responses.get_region(),
        "bus": parameters.get("EventBusName") or "default",
        "entries": str(len(entries) if isinstance(entries := parameters.get("Entries"), list) else 0),
        "qualifier": f":{qualifier}" if qualifier else "",
        "api": parts[2],
        "model": parts[4],
    }


def _parameters(body: bytes) -> dict[str, Any]:
    """Return a request's parameters: none when its body is anything else, as an object of S3 is."""
    with suppress(ValueError):
        if isinstance(parsed := json.loads(body), dict):
            return parsed
    return {}


def _reworded(said: bytes, words: tuple[Words, ...], facts: Mapping[str, str]) -> bytes:
    text = said.decode(errors="replace")
    if text.startswith("{"):
        parsed: dict[str, Any] = json.loads(text)
        key = "message" if "message" in parsed else "Message"
        code = str(parsed.get("__type", "")).rpartition("#")[2]
        found = _found(code, str(parsed.get(key, "")), words, facts)
        return said if found is None else json.dumps({**parsed, key: found[1]}).encode()
    code, message = (_element(text, name) for name in ("Code", "Message"))
    found = _found(code, message, words, facts)
    if found is None:
        return said
    for name, value in zip(("Code", "Message"), found, strict=True):
        element = f"<{name}>{html.escape(value, quote=False)}</{name}>"
        before, rest = text.split(f"<{name}>", 1)
        text = before + element + rest.split(f"</{name}>", 1)[1]
    return text.encode()


def _element(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def _found(code: str, message: str, words: tuple[Words, ...], facts: Mapping[str, str]) -> tuple[str, str] | None:
    for each in words:
        # a client's code may have a prefix, as SQS's AWS.SimpleQueueService has
        if code.endswith(each.code) and (match := re.fullmatch(each.said, message)):
            return each.as_code or code, each.says.format(**{**facts, **match.groupdict(), "said": message})
    return None
