"""Rules of secrets: none is written into a template, whatever its property is called."""

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from ml_rules.decided import leaves
from ml_rules.requests import pipeline_body
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, named_values

Found = Iterator[tuple[Resource, str]]

_NAMED: Final = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRET_?STRING|CLIENT_?SECRET|(?<!HTTP)(?<!NEXT)TOKEN|API[_-]?KEY(_?VALUE)?|ACCESS_?KEY(_ID)?|PRIVATE_?KEY|"
    r"CREDENTIAL|AUTH_?TOKEN|CONNECTION_?STRING)S?$",
    re.IGNORECASE,
)
_KEPT_ELSEWHERE: Final = re.compile(
    r"\$\{|\{\{resolve:(secretsmanager|ssm-secure)|^arn:|^/?[a-z0-9_-]+(/[a-z0-9_.-]+)+$|^(seconds|minutes|hours|days)$|^(true|false|none|enabled|disabled|optional|required)$",
    re.IGNORECASE,
)
"""A value that refers to where a secret is kept or by which name, or that is a switch or a unit of time."""
_FORMS: Final[dict[str, re.Pattern[str]]] = {
    "an access key of AWS": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a token of GitHub": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
    "a token of GitLab": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "a token of Slack": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T\w+/B\w+/\w+"),
    "a key of a model provider": re.compile(r"\b(sk-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,})"),
    "a key of Stripe": re.compile(r"\b[rs]k_(live|test)_[A-Za-z0-9]{16,}"),
    "a key of Google": re.compile(r"\bAIza[A-Za-z0-9_-]{35}"),
    "a token of npm or PyPI": re.compile(r"\b(npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,})"),
    "a token of a session": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "a password in an address": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@${}]*:[^\s/@${}]+@", re.IGNORECASE),
    "credentials of a request": re.compile(r"\b(Basic|Bearer) (?=[A-Za-z0-9+/_=.-]*\d)[A-Za-z0-9+/_=.-]{16,}"),
    "a password in words": re.compile(
        r"(?<![A-Za-z])(?<!:)(password|passwd|pwd|secret|secret_?key|api_?key|token|aws_secret_access_key)[\"']?\s*[=:]\s*[\"']?"
        r"(?![\w.-]+(/[\w.-]+)+(:[\w.-]+)*[\"'\s},])(?![\"'\s]|\$|<|%|\{|None|null|true|false|file:|env)[^\s\"'&;,<>(){}$]{6,}",
        re.IGNORECASE,
    ),
}
"""How keys and tokens are written, by those who give them out."""
_RANDOM: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_HELD: Final = re.compile(
    r"(^|\.)(Environment\.Variables|Environment|EnvironmentVariables|HyperParameters|Variables|Parameters)\."
)
"""Where somebody may give a program a secret under any name."""
_ENTROPY: Final = 4.3
"""Bits a character of a random text of letters and digits; words and names have less than four."""
_CODED: Final = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


@rule
def no_secret_in_plain_text(templates: Templates) -> Found:
    """A secret is not written into a template, by its name or by its value: a template says where it is kept."""
    for resource in [*templates.resources, *templates.declarations]:
        for name, value in named_values(resource.properties):
            if _NAMED.search(name) and isinstance(value, str) and value and not _KEPT_ELSEWHERE.search(value):
                yield resource, f"{name} holds a secret in plain text: refer to where it is kept."
        for name, value in _apart(resource):
            if _NAMED.search(name) and isinstance(value, str) and value and not _KEPT_ELSEWHERE.search(value):
                yield resource, f"{name} holds a secret in plain text: refer to where it is kept."
        for path, value in leaves(resource.properties):
            if form := _form(path, str(value)):
                yield resource, f"{path} holds {form}: refer to where it is kept."


def _apart(resource: Resource) -> Iterator[tuple[str, Any]]:
    """Yield what stands beside the properties, or in a definition inside of them: metadata, defaults of a pipeline."""
    yield from named_values(resource.attributes.get("Metadata"))
    if resource.type == "AWS::SageMaker::Pipeline":
        for parameter in as_list(get(pipeline_body(resource), "Parameters")):
            yield str(get(parameter, "Name", "")), get(parameter, "DefaultValue")


@rule
def parameter_hidden(templates: Templates) -> Found:
    """A parameter that is a secret has no default, and is told neither by the stack's parameters nor by its outputs."""
    parameters = [each for each in templates.declarations if each.type == "Parameter"]
    hidden = {each.logical_id for each in parameters if is_true(each.get("NoEcho"))}
    for output in templates.declarations:
        if output.type == "Output" and any(f"${{{name}}}" in str(output.get("Value")) for name in hidden):
            yield output, "It tells a parameter that nobody is to see."
    for parameter in parameters:
        if not _NAMED.search(parameter.logical_id) or str(parameter.get("Type")).startswith("AWS::SSM::"):
            continue
        if parameter.get("Default") and not _KEPT_ELSEWHERE.search(str(parameter.get("Default"))):
            yield parameter, "Its default is a secret in plain text."
        if not is_true(parameter.get("NoEcho")):
            yield parameter, "Everybody who may describe the stack reads it: NoEcho is not on."


def _form(path: str, text: str) -> str:
    """Return what secret `text` is by its form, or nothing; also where it is written in base64."""
    for shown in (text, *decode_base64(text)):
        for name, form in _FORMS.items():
            if form.search(shown):
                return name
    held = _HELD.search(f"{path}.") or path == "Default"
    return "what looks like a secret" if held and _is_random(text) else ""


def _is_random(text: str) -> bool:
    """Return whether a value is letters and digits without order; digests in hexadecimal digits tell nothing."""
    kinds = (any(map(str.islower, text)), any(map(str.isupper, text)), any(map(str.isdigit, text)))
    if not _RANDOM.fullmatch(text) or not all(kinds):
        return False
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) >= _ENTROPY


def decode_base64(text: str) -> Iterator[str]:
    """Yield what base64 in `text` stands for, where it is text."""
    for coded in _CODED.findall(text):
        try:
            yield base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue


RULES: Final = (no_secret_in_plain_text, parameter_hidden)
