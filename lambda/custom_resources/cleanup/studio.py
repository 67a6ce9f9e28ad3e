"""Ends a Studio domain: its apps, then its spaces and profiles, then the domain, then its network interfaces.

Source: SageMaker developer guide, "Delete an Amazon SageMaker AI domain": a domain with apps, spaces or user profiles
is not deleted, whoever made them.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cleanup.interfaces import Network, count
from common.custom_resource import Failure

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

POLL_SECONDS = 2.0
MISSING = {"ResourceNotFound", "ResourceNotFoundException"}
BUSY = {"ResourceInUse", "ValidationException"}
"""What SageMaker says of something that is still being made, changed or left: it is asked again."""

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


@dataclass(frozen=True)
class Studio:
    """A domain, its security group if it is in a VPC, and whether people's files outlive its stack."""

    domain: str
    security_group: str | None
    keeps_files: bool

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> "Studio":
        """Read the properties of `Custom::StudioEnd`; files are kept unless it says that they are not."""
        keeps_files = properties.get("KeepsFiles") != "false"
        return cls(properties["DomainId"], properties.get("SecurityGroupId"), keeps_files)


def end_studio(studio: Studio, sagemaker: "SageMakerClient", ec2: Network, time_left: Callable[[], bool]) -> None:
    """End the apps of a domain, and unless it keeps files delete its spaces, profiles and itself.

    May be repeated after any failure: it looks at what is there. `Failure` says what is left when time runs out.
    """
    inside = _Domain(studio.domain, sagemaker)
    steps: list[tuple[str, Callable[[], int]]] = [("apps", inside.end_apps)]
    if not studio.keeps_files:
        steps += [("spaces", inside.delete_spaces), ("user profiles", inside.delete_profiles)]
        steps += [("domain", inside.delete)]
    if group := studio.security_group:
        steps += [("network interfaces", lambda: count(ec2, group))]
    for what, step in steps:
        while left := step():
            if not time_left():
                raise Failure(f"{what} of {studio.domain} left: {left}. Delete the stack again in some minutes.")
            time.sleep(POLL_SECONDS)
        logger.info("%s of %s: none left", what, studio.domain)


class _Domain:
    """What is in a domain. Each method asks for the end of what it finds, and returns how much that is."""

    def __init__(self, domain: str, sagemaker: "SageMakerClient") -> None:
        self._id = domain
        self._sagemaker = sagemaker

    def end_apps(self) -> int:
        """Pass over apps that have ended, which are listed for a day, and failed ones that cannot be deleted."""
        left = 0
        for app in self._list("list_apps", "Apps"):
            status, whose = app["Status"], "SpaceName" if app.get("SpaceName") else "UserProfileName"
            if status == "Deleted":
                continue
            asked = status == "Deleting" or _ask(
                self._sagemaker.delete_app,
                DomainId=self._id,
                AppType=app["AppType"],
                AppName=app["AppName"],
                **{whose: app[whose]},
            )
            left += asked or status != "Failed"
        return left

    def delete_spaces(self) -> int:
        spaces = list(self._list("list_spaces", "Spaces"))
        for space in spaces:
            if space["Status"] != "Deleting":
                _ask(self._sagemaker.delete_space, DomainId=self._id, SpaceName=space["SpaceName"])
        return len(spaces)

    def delete_profiles(self) -> int:
        profiles = list(self._list("list_user_profiles", "UserProfiles"))
        for profile in profiles:
            if profile["Status"] != "Deleting":
                name = profile["UserProfileName"]
                _ask(self._sagemaker.delete_user_profile, DomainId=self._id, UserProfileName=name)
        return len(profiles)

    def delete(self) -> int:
        try:
            status = self._sagemaker.describe_domain(DomainId=self._id)["Status"]
        except ClientError as error:
            if _code(error) not in MISSING:
                raise
            return 0
        if status != "Deleting":
            policy = {"HomeEfsFileSystem": "Delete"}  # where somebody has given the domain one by hand
            _ask(self._sagemaker.delete_domain, DomainId=self._id, RetentionPolicy=policy)
        return 1

    def _list(self, operation: Any, member: str) -> Iterable[Mapping[str, Any]]:  # noqa: ANN401 - one of three names
        try:
            pages = list(self._sagemaker.get_paginator(operation).paginate(DomainIdEquals=self._id))
        except ClientError as error:
            if _code(error) not in MISSING:
                raise
            return []
        return [item for page in pages for item in page[member]]


def _ask(delete: Callable[..., object], **what: Any) -> bool:  # noqa: ANN401 - the members of a request
    """Ask for a deletion; return whether it was accepted."""
    try:
        delete(**what)
    except ClientError as error:
        if _code(error) not in MISSING | BUSY:
            raise
        return False
    return True


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
