"""Rules of where things go to and come from: addresses, buckets, images and scripts that somebody has judged."""

import re
from collections.abc import Iterator
from typing import Any, Final

from ml_rules.decided import leaves
from ml_rules.programs.secrets import decode_base64
from ml_rules.requests import DEFINED, definition, pipeline_body
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get

Found = Iterator[tuple[Resource, str]]

_ADDRESS: Final = re.compile(r"\b(https?|wss?|ftp)://([^\s/:\"'<>\\]+)", re.IGNORECASE)
_OF_AWS: Final = re.compile(r"([a-z0-9.*${}:-]+\.)?(amazonaws\.com(\.cn)?|api\.aws|aws\.amazon\.com)|\$\{.*")
_OF_WORDS: Final = re.compile(r"(^|\.)(\$schema|Schema.*|.*Description|Content|Reason|Format)$")
"""Properties whose addresses nobody goes to."""
_TO_PEOPLE: Final = {"sms", "http", "https", "application"}
"""How a notification leaves the account; mail goes to addresses of an environment's settings, who confirm it."""
_BUCKETS: Final = re.compile(r"(?:s3://|arn:[a-z-]+:s3:::)([a-z0-9.$][a-zA-Z0-9.${}:/-]*?)(?=[/\s\"',*?]|$)")
_ASSETS: Final = re.compile(
    r"cdk-[a-z0-9]+-assets-(\d{12}|\$\{AWS::AccountId\})-[a-z0-9-]+|prod-[a-z0-9-]+-starport-layer-bucket"
)
"""Buckets that a template names without having them: the CDK's own, and ECR's of layers (ECR user guide)."""
_IMAGE: Final = re.compile(
    r"(^|\.)(Image|ImageUri|TrainingImage|ImageURI|ContainerImage|BaseImage|Environment\.Image)$"
)
_PUBLIC: Final = re.compile(
    r"^(docker\.io|registry-1\.docker\.io|public\.ecr\.aws|quay\.io|ghcr\.io|gcr\.io|nvcr\.io|registry\.k8s\.io)/"
)
_TAGGED: Final = re.compile(r":[^/:@]+$|@sha256:[0-9a-f]{64}$|@\$\{|:\$\{|\$\{[^}]*\}$")
_NOT_AN_IMAGE: Final = re.compile(r"^(aws/codebuild/|\$\{[^}]*\}$|\{\{resolve:)|^arn:|^[A-Za-z0-9_-]*$|^\$\.")
_SCRIPT_OF_A_STRANGER: Final = re.compile(
    r"(curl|wget)\b[^\n|;]*\|\s*(sudo\s+)?(ba|z|da)?sh\b|(ba)?sh\s+<\(\s*(curl|wget)|(ba)?sh\s+-c\s+[\"']?\$\((curl|wget)"
    r"|pip3?\s+install\b[^\n]*(--index-url|-i|--extra-index-url|--trusted-host)[ =]+(https?://)?(?!\S*amazonaws)\S+"
    r"|(curl|wget)\b[^\n]*\s(-k|--insecure|--no-check-certificate)\b|chmod\s+(-R\s+)?[0-7]?777\b|set_ulimit|/dev/tcp/|\bnc\s+-[a-z]*e",
    re.IGNORECASE,
)
"""What runs what somebody else may change, or opens what was closed."""


@rule
def known_destination(templates: Templates) -> Found:
    """Nothing is sent in the clear; of ours, nothing goes to an address or person outside that nobody has judged."""
    for resource in templates.resources:
        for path, value in leaves(resource.properties):
            for scheme, host in () if _OF_WORDS.search(path) else _ADDRESS.findall(str(value)):
                if _OF_AWS.fullmatch(host) or _is_local(host):
                    continue
                if scheme.lower() in {"http", "ws", "ftp"}:
                    yield resource, f"{path} leads to {host} in the clear."
            name = path.rpartition(".")[2]
            if resource.environment.name and name in {"Protocol", "SubscriptionType", "Type"} and value in _TO_PEOPLE:
                yield resource, f"{path} is {value}: who gets it is judged by nobody."

    for resource, words in unknown_destinations(templates):
        if resource.environment.name:
            yield resource, words


def unknown_destinations(templates: Templates) -> Found:
    """Yield what leads to addresses outside of AWS, which nobody has judged, in templates of whatever environment."""
    for resource in templates.resources:
        for path, value in leaves(resource.properties):
            for scheme, host in () if _OF_WORDS.search(path) else _ADDRESS.findall(str(value)):
                clear = scheme.lower() in {"http", "ws", "ftp"}
                if not (clear or _OF_AWS.fullmatch(host) or _is_local(host)):
                    yield resource, f"{path} leads to {host}, which nobody has judged."


@rule
def known_bucket(templates: Templates) -> Found:
    """What ours read from S3 and write to it is in a bucket of ours: a name alone tells nobody whose it is."""
    for resource in templates.resources:
        for path, value in leaves(resource.properties) if resource.environment.name else ():
            for name in _BUCKETS.findall(str(value)):
                own = "${" in name or _ASSETS.fullmatch(name) or templates.find(name) is not None
                if not own and resource.type != "AWS::EC2::VPCEndpoint":
                    yield resource, f"{path} names the bucket {name}, which is in no template."


@rule
def image_reference(templates: Templates) -> Found:
    """An image is of a private registry, and its tag or digest says which one it is; the latest may be any."""
    for resource in templates.resources:
        for path, value in _images(resource):
            text = str(value)
            if _NOT_AN_IMAGE.match(text):
                continue
            if _PUBLIC.match(text) or re.fullmatch(r"[a-z0-9_-]+(/[a-z0-9_.-]+)?(:[\w.-]+)?", text):
                yield resource, f"{path} is {text}, of a public registry."
            if text.endswith(":latest") or not _TAGGED.search(text):
                yield resource, f"{path} is {text}: it may be another image tomorrow."


def _images(resource: Resource) -> Iterator[tuple[str, Any]]:
    defined: Any = None
    if resource.type in DEFINED:
        defined = pipeline_body(resource) if resource.type.endswith("Pipeline") else definition(resource)
    for path, value in leaves(defined if defined is not None else resource.properties):
        if _IMAGE.search(path) and value:
            yield path, value


@rule
def script_closed(templates: Templates) -> Found:
    """A script that starts with a notebook, space or build runs nothing that a stranger may change."""
    for resource in templates.of(
        "AWS::SageMaker::StudioLifecycleConfig",
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        "AWS::CodeBuild::Project",
    ):
        for path, value in leaves(resource.properties):
            for text in (str(value), *decode_base64(str(value))):
                if match := _SCRIPT_OF_A_STRANGER.search(text):
                    yield resource, f"{path} does `{match[0][:60]}`."


@rule
def build_shown(templates: Templates) -> Found:
    """What a build runs is in its template: with a source from elsewhere it has no privileges, and nobody starts it."""
    for project in templates.of("AWS::CodeBuild::Project"):
        sources = [project.get("Source", {}), *as_list(project.get("SecondarySources"))]
        elsewhere = [str(get(each, "Type")) for each in sources if get(each, "Type") not in {"NO_SOURCE", None}]
        if elsewhere and str(project.get("Environment.PrivilegedMode", False)).lower() == "true":
            yield (
                project,
                f"What it builds from {', '.join(elsewhere)} has the rights of its host: PrivilegedMode is on.",
            )
        if str(project.get("Triggers.Webhook", False)).lower() == "true" and not project.get("Triggers.FilterGroups"):
            yield project, "Whoever opens a pull request starts it: its webhook has no filter."
        for each in sources:
            if re.search(r"//[^/@]+@", str(get(each, "Location", ""))):
                yield project, "The address of its source holds credentials."


@rule
def approved_by_people(templates: Templates) -> Found:
    """A version of a model is approved by a person: no template, pipeline or state machine makes one that is."""
    for resource in templates.resources:
        defined = resource.type in DEFINED
        given: Any = resource.properties
        if defined:
            given = pipeline_body(resource) if resource.type.endswith("Pipeline") else definition(resource)
        for path, value in leaves(given):
            if path.endswith("ModelApprovalStatus") and value == "Approved" and not _WAITS.search(path):
                yield resource, f"{path} is Approved."
            if defined and re.search(r"Skip(Check|)$", path) and value is True:
                yield resource, f"{path} is on: the check is not made."


_WAITS: Final = re.compile(r"\.Condition\.|^(EventPattern|FilterPolicy|FilterCriteria|SourceParameters)\.")
"""Where an approval is waited for, or asked for, and not made."""


def _is_local(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "json-schema.org", "www.w3.org", "169.254.169.254", "169.254.170.2"}


RULES: Final = (known_destination, known_bucket, image_reference, script_closed, build_shown, approved_by_people)
