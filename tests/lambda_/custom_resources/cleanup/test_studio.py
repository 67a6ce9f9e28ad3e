"""The end of a Studio domain, in the order that SageMaker demands, whatever people have made in it."""

from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cleanup import studio
from cleanup.studio import Studio, end_studio
from common.custom_resource import Failure
from tests.lambda_.stub import answered_by

DOMAIN = "d-0123456789ab"
INSIDE = {"App": "Apps", "Space": "Spaces", "UserProfile": "UserProfiles"}


@dataclass
class Account:
    """A domain that refuses to lose what something else is in; whatever is deleted is gone when it is looked at again.

    `deleted` has every deletion that was accepted, in order.
    """

    apps: list[dict[str, str]] = field(default_factory=list)
    spaces: list[str] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)
    domain: str | None = "InService"
    interfaces: int = 0
    stuck: bool = False
    failed_stay: bool = False
    deleted: list[str] = field(default_factory=list)
    policy: Any = None

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked.get("DomainIdEquals", asked.get("DomainId")) == DOMAIN
        if operation.startswith("List"):
            return self._list(operation.removeprefix("List"))
        if operation == "DescribeDomain":
            if self.domain is None:
                raise error("ResourceNotFound")
            found, self.domain = self.domain, "InService" if self.domain == "Pending" else self.domain
            return {"Status": found}
        return self._delete(operation.removeprefix("Delete"), asked)

    def _list(self, members: str) -> dict[str, Any]:
        if self.domain is None:
            raise error("ResourceNotFound")
        held: dict[str, list[dict[str, str]]] = {
            "Apps": self.apps,
            "Spaces": [{"SpaceName": name, "Status": "InService"} for name in self.spaces],
            "UserProfiles": [{"UserProfileName": name, "Status": "InService"} for name in self.profiles],
        }
        return {members: held[members]}

    def _delete(self, kind: str, asked: dict[str, Any]) -> dict[str, Any]:
        live = [app for app in self.apps if app["Status"] not in {"Deleted", "Failed"}]
        above = {
            "App": [],
            "Space": live,
            "UserProfile": live + self.spaces,
            "Domain": live + self.spaces + self.profiles,
        }
        if above[kind] or self.domain == "Pending":
            raise error("ResourceInUse")
        if self.stuck:
            return {}
        match kind:
            case "App":
                whose = asked.get("SpaceName") or asked["UserProfileName"]
                if self.failed_stay:
                    raise error("ValidationException")
                next(a for a in self.apps if whose in a.values() and a["AppName"] == asked["AppName"])["Status"] = (
                    "Deleted"
                )
                self.deleted.append(f"app of {whose}")
                return {}
            case "Space":
                self.spaces.remove(asked["SpaceName"])
            case "UserProfile":
                self.profiles.remove(asked["UserProfileName"])
            case "Domain":
                self.domain, self.policy = None, asked["RetentionPolicy"]
        self.deleted.append(f"{kind} {asked.get(f'{kind}Name', '')}".strip())
        return {}

    def describe_network_interfaces(self, *, Filters: Any) -> dict[str, Any]:  # noqa: N803 - AWS's name
        assert Filters == [{"Name": "group-id", "Values": ["sg-1"]}]
        self.interfaces -= 1
        return {"NetworkInterfaces": [{}] * max(0, self.interfaces)}


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "Operation")


def app(status: str = "InService", **owner: str) -> dict[str, str]:
    return {"AppType": "JupyterLab", "AppName": "default", "Status": status, **owner}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch, aws: None) -> None:
    del aws
    monkeypatch.setattr(studio, "POLL_SECONDS", 0)


def end(account: Account, *, keeps_files: bool = False, polls: int = 9, group: str | None = "sg-1") -> None:
    left = iter([True] * polls)
    client = answered_by(boto3.client("sagemaker"), account.answer)
    end_studio(Studio(DOMAIN, group, keeps_files), client, account, lambda: next(left, False))


def test_apps_end_first_then_what_people_made_and_the_domain_with_its_files_last() -> None:
    account = Account([app(SpaceName="ann"), app(UserProfileName="bob")], ["ann", "made-by-hand"], ["ann", "bob"])
    account.interfaces = 3
    end(account)
    assert account.deleted[:2] == ["app of ann", "app of bob"]
    assert account.deleted[2:] == ["Space ann", "Space made-by-hand", "UserProfile ann", "UserProfile bob", "Domain"]
    assert account.policy == {"HomeEfsFileSystem": "Delete"}
    assert account.interfaces == 0, "it waits for the network interfaces"


def test_where_files_are_kept_apps_end_and_all_else_stays() -> None:
    account = Account([app(SpaceName="ann")], ["ann"], ["ann"], interfaces=2)
    end(account, keeps_files=True)
    assert account.deleted == ["app of ann"]
    assert (account.spaces, account.profiles, account.domain) == (["ann"], ["ann"], "InService")
    assert account.interfaces == 0


@pytest.mark.parametrize("refused", [False, True])
def test_apps_that_have_ended_or_failed_keep_nothing(refused: bool) -> None:  # noqa: FBT001 - a parameter
    account = Account([app("Deleted", SpaceName="ann"), app("Failed", SpaceName="bob")], ["ann", "bob"])
    account.failed_stay = refused
    end(account)
    assert account.deleted == [*([] if refused else ["app of bob"]), "Space ann", "Space bob", "Domain"]


def test_a_domain_that_is_still_being_made_is_asked_again() -> None:
    account = Account(domain="Pending")
    end(account)
    assert account.deleted == ["Domain"]


def test_a_domain_that_never_was_has_ended() -> None:
    end(Account(domain=None))
    end(Account(domain=None), group=None)


@pytest.mark.parametrize(
    ("account", "left"),
    [
        (Account([app(SpaceName="ann")], stuck=True), "apps"),
        (Account(spaces=["ann"], stuck=True), "spaces"),
        (Account(profiles=["ann"], stuck=True), "user profiles"),
        (Account(stuck=True), "domain"),
        (Account(interfaces=9), "network interfaces"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_takes_too_long_is_named_and_the_next_try_goes_on_from_there(account: Account, left: str) -> None:
    with pytest.raises(Failure, match=f"{left} of {DOMAIN} left: [1-9].*Delete the stack again"):
        end(account, polls=1)
    account.stuck, account.interfaces = False, 0
    end(account)
    assert account.domain is None


def test_a_refusal_of_iam_is_not_hidden() -> None:
    def denied(*_: object) -> dict[str, Any]:
        raise error("AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDenied"):
        end_studio(
            Studio(DOMAIN, None, keeps_files=False), answered_by(boto3.client("sagemaker"), denied), Account(), bool
        )


def test_files_are_kept_unless_the_resource_says_otherwise() -> None:
    assert Studio.of({"DomainId": DOMAIN}) == Studio(DOMAIN, None, keeps_files=True)
    assert not Studio.of({"DomainId": DOMAIN, "KeepsFiles": "false"}).keeps_files
