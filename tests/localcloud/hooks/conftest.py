"""Users of the local cloud."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from tests.localcloud.keyed import Aws, fresh


class User(NamedTuple):
    """A user of the account: their ARN, and what makes a client of a service in their name."""

    arn: str
    client: Callable[[str], Any]


@pytest.fixture
def user(aws: Aws) -> Iterator[Callable[..., User]]:
    """Users who may do what these statements say."""
    made: list[tuple[str, str]] = []

    def make(*statements: dict[str, Any]) -> User:
        name = fresh("user")
        arn = aws("iam").create_user(UserName=name)["User"]["Arn"]
        if statements:
            policy = {"Version": "2012-10-17", "Statement": statements}
            aws("iam").put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        key = aws("iam").create_access_key(UserName=name)["AccessKey"]
        made.append((name, key["AccessKeyId"]))
        return User(arn, lambda service: aws(service, key["AccessKeyId"], key["SecretAccessKey"]))

    yield make
    for name, identifier in made:
        aws("iam").delete_access_key(UserName=name, AccessKeyId=identifier)
        for policy in aws("iam").list_user_policies(UserName=name)["PolicyNames"]:
            aws("iam").delete_user_policy(UserName=name, PolicyName=policy)
        aws("iam").delete_user(UserName=name)


@pytest.fixture
def acting(user: Callable[..., User]) -> Callable[..., Any]:
    """Clients of a user who may do anything with a service, and with KMS what these statements say."""

    def act(service: str, *statements: dict[str, Any]) -> Any:
        return user({"Effect": "Allow", "Action": f"{service}:*", "Resource": "*"}, *statements).client(service)

    return act
