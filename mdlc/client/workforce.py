"""The people of an environment who label, and their teams: its user pool."""

import secrets
import string
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from mdlc.client.aws import Cloud
from mdlc.errors import InputError

POOL: Final = "LabelingUserPoolId"
PORTAL: Final = "LabelingPortalUrl"
LETTERS: Final = 20
LEADS: Final = "leads"
"""The group of those who lead jobs, which is no team."""


class Workforce:
    """The people of an environment; raises `CommandError` where it has no labeling."""

    def __init__(self, environment: str, cloud: Cloud) -> None:
        self.pool = cloud.output(environment, POOL, "workforce")
        self.portal = cloud.output(environment, PORTAL, "labeling portal")
        self._cognito: Any = cloud.session.client("cognito-idp", endpoint_url=cloud.endpoint)

    def teams(self) -> list[str]:
        """Return the names of the teams, and of the group of those who lead."""
        pages = self._cognito.get_paginator("list_groups").paginate(UserPoolId=self.pool)
        return sorted(group["GroupName"] for page in pages for group in page["Groups"])

    def members(self, team: str) -> Iterator[tuple[str, str]]:
        """Yield name and state of everybody in a team."""
        pages = self._cognito.get_paginator("list_users_in_group").paginate(UserPoolId=self.pool, GroupName=team)
        for page in pages:
            for user in page["Users"]:
                yield user["Username"], "invited" if user["UserStatus"] == "FORCE_CHANGE_PASSWORD" else "works"

    def check(self, team: str) -> None:
        """Refuse a team that there is not, with `InputError`."""
        if team not in (known := self.teams()):
            raise InputError(
                f"There is no team {team!r}: there is {', '.join(known)}. Teams are those of Labeling(workteams=...)."
            )

    def knows(self, name: str) -> bool:
        """Return whether somebody has an account."""
        try:
            self._cognito.admin_get_user(UserPoolId=self.pool, Username=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "UserNotFoundException":
                raise
            return False
        return True

    def invite(self, name: str, team: str) -> str:
        """Let somebody into a team; return the password for the first time, empty for who has an account."""
        password = ""
        if not self.knows(name):
            password = _password()
            self._cognito.admin_create_user(
                UserPoolId=self.pool, Username=name, TemporaryPassword=password, MessageAction="SUPPRESS"
            )
        self._cognito.admin_add_user_to_group(UserPoolId=self.pool, Username=name, GroupName=team)
        return password

    def let_in(self, name: str) -> str:
        """Put somebody into every team and the group of those who lead; return a password that is good from now on."""
        password = _password()
        if not self.knows(name):
            self._cognito.admin_create_user(UserPoolId=self.pool, Username=name, MessageAction="SUPPRESS")
        self._cognito.admin_set_user_password(UserPoolId=self.pool, Username=name, Password=password, Permanent=True)
        for team in self.teams():
            self._cognito.admin_add_user_to_group(UserPoolId=self.pool, Username=name, GroupName=team)
        return password

    def leave(self, name: str, team: str) -> None:
        """Take somebody out of a team."""
        self._cognito.admin_remove_user_from_group(UserPoolId=self.pool, Username=name, GroupName=team)

    def remove(self, name: str) -> None:
        """Take somebody's account away; their answers stay, under a name that says nothing."""
        self._cognito.admin_delete_user(UserPoolId=self.pool, Username=name)


def _password() -> str:
    """Return a password with something of each kind that the pool asks for."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.!+")
    letters = [secrets.choice(kind) for kind in kinds]
    letters += [secrets.choice("".join(kinds)) for _ in range(LETTERS - len(kinds))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)
