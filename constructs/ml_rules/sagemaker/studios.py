"""Rules of Studio: who signs in, how much a space may have, and what runs when it starts."""

import base64
import re
from binascii import Error
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, mappings, number

Found = Iterator[tuple[Resource, str]]

_APPS: Final = {
    "JupyterServerAppSettings": "JupyterServer",
    "KernelGatewayAppSettings": "KernelGateway",
    "JupyterLabAppSettings": "JupyterLab",
    "CodeEditorAppSettings": "CodeEditor",
}
_TYPES: Final = ("AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile", "AWS::SageMaker::Space")
_STORAGE: Final = "SpaceStorageSettings.DefaultEbsStorageSettings"
_WORKDAYS: Final = re.compile(r"(Mon|Tue|Wed|Thu|Fri):(0[6-9]|1\d):\d\d", re.IGNORECASE)


@rule
def profile_signs_in(templates: Templates) -> Found:
    """A profile names the person of Identity Center where the domain signs in by it, and nobody where it does not.

    Source: SageMaker API reference, CreateUserProfile.
    """
    for profile in templates.of("AWS::SageMaker::UserProfile"):
        given = {key for key in ("SingleSignOnUserIdentifier", "SingleSignOnUserValue") if profile.get(key)}
        domain = templates.find(profile.get("DomainId"))
        mode = domain.get("AuthMode") if domain else None
        if len(given) == 1:
            yield profile, "It is refused: SingleSignOnUserIdentifier and SingleSignOnUserValue go together."
        elif given and mode == "IAM":
            yield profile, "It is refused: its domain signs people in by IAM, and it names one of Identity Center."
        elif not given and mode == "SSO":
            yield profile, "It is refused: its domain signs people in by Identity Center, and it names nobody."


@rule
def space_within(templates: Templates) -> Found:
    """A space has no more storage than its domain permits, and a default is no more than the most."""
    for space in templates.of("AWS::SageMaker::Space"):
        domain = templates.find(space.get("DomainId"))
        size = number(space.get("SpaceSettings.SpaceStorageSettings.EbsStorageSettings.EbsVolumeSizeInGb"))
        for holder in ("DefaultSpaceSettings", "DefaultUserSettings") if domain else ():
            most = number(domain.get(f"{holder}.{_STORAGE}.MaximumEbsVolumeSizeInGb")) if domain else None
            if size is not None and most is not None:
                if size > most:
                    yield space, f"It is refused: {size:g} GB are more than the {most:g} GB of its domain."
                break
    for resource in templates.of(*_TYPES):
        for item in mappings(resource.properties):
            usual = number(item.get("DefaultEbsVolumeSizeInGb"))
            most = number(item.get("MaximumEbsVolumeSizeInGb"))
            if usual is not None and most is not None and usual > most:
                yield resource, f"It is refused: {usual:g} GB are more than its {most:g} GB."


@rule
def start_fits(templates: Templates) -> Found:
    """What runs at the start of an app is for that kind of app, and the default is among those that may run.

    Source: SageMaker API reference, JupyterLabAppSettings and StudioLifecycleConfigAppType.
    """
    for resource in templates.of(*_TYPES):
        for item in mappings(resource.properties):
            for holder, kind in _APPS.items():
                settings = item.get(holder)
                if isinstance(settings, Mapping):
                    yield from _starts(templates, resource, settings, kind)


def _starts(templates: Templates, resource: Resource, settings: Mapping[str, Any], kind: str) -> Found:
    listed = as_list(settings.get("LifecycleConfigArns"))
    default = get(settings, "DefaultResourceSpec.LifecycleConfigArn")
    for each in dict.fromkeys(map(str, [*listed, *as_list(default)])):
        config = templates.find(each)
        own = config.get("StudioLifecycleConfigAppType") if config else None
        if own is not None and own != kind:
            yield resource, f"It starts {kind} with what is for {own}."
    if default is not None and default not in listed and resource.type != "AWS::SageMaker::Space":
        yield resource, f"The default start of {kind} is not among its LifecycleConfigArns."


@rule
def script_encoded(templates: Templates) -> Found:
    """A script that AWS takes in Base64 is given so.

    Source: SageMaker API reference, CreateStudioLifecycleConfig and NotebookInstanceLifecycleHook.
    """
    for config in templates.of("AWS::SageMaker::StudioLifecycleConfig"):
        raw = _raw(templates, config, "StudioLifecycleConfigContent")
        if _is_plain(raw, config.get("StudioLifecycleConfigContent")):
            yield config, "Its script is not in Base64."
    for config in templates.of("AWS::SageMaker::NotebookInstanceLifecycleConfig"):
        for hook in ("OnStart", "OnCreate"):
            for at, each in enumerate(as_list(config.get(hook))):
                raw = as_list(_raw(templates, config, hook))
                if at < len(raw) and _is_plain(raw[at], get(each, "Content")):
                    yield config, f"Its script {hook} is not in Base64."


def _raw(templates: Templates, resource: Resource, name: str) -> Any:  # noqa: ANN401 - whatever a template holds
    """Return a property as the template writes it, with its functions."""
    return get(templates.sources[resource.stack], f"Resources.{resource.logical_id}.Properties", {}).get(name)


def _is_plain(raw: Any, text: object) -> bool:  # noqa: ANN401 - whatever a template holds
    """Return whether a script is written as it is: no function encodes it, and nobody has."""
    if not isinstance(text, str) or any("Fn::Base64" in each for each in mappings(raw)):
        return False
    if text.lstrip().startswith("#!") or "\n" in text.strip():
        return True
    if "${" in text:
        return False
    try:
        base64.b64decode(text, validate=True)
    except (Error, ValueError):
        return True
    return False


@rule
def studio_sources(templates: Templates) -> Found:
    """What Studio takes in is what is meant: a version of an image, and a repository whose host shows who it is."""
    for resource in templates.of(*_TYPES):
        for item in mappings(resource.properties):
            for image in as_list(item.get("CustomImages")):
                if isinstance(image, Mapping) and "ImageVersionNumber" not in image:
                    yield resource, f"{image.get('ImageName')} may become another image: it has no ImageVersionNumber."
            if item.get("EnableDockerAccess") == "ENABLED" and not item.get("VpcOnlyTrustedAccounts"):
                yield resource, "People may take images of any account: it has no VpcOnlyTrustedAccounts."
            if str(item.get("RepositoryUrl", "")).startswith(("http://", "git://")):
                yield resource, f"Anybody on the way may change what comes from {item['RepositoryUrl']}."
    for repository in templates.of("AWS::SageMaker::CodeRepository"):
        if str(repository.get("GitConfig.RepositoryUrl", "")).startswith(("http://", "git://")):
            yield repository, "Anybody on the way may change what comes from it: it is not https."


@rule
def maintained_at_night(templates: Templates) -> Found:
    """What everybody works with is maintained when nobody works."""
    for resource in templates.of("AWS::SageMaker::MlflowApp", "AWS::SageMaker::MlflowTrackingServer"):
        start = str(resource.get("WeeklyMaintenanceWindowStart", ""))
        if _WORKDAYS.fullmatch(start):
            yield resource, f"It is maintained on {start}, when people work."


RULES: Final = (profile_signs_in, space_within, start_fits, script_encoded, studio_sources, maintained_at_night)
