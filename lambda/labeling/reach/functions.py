"""Functions of users, which are called before and after people answer."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from labels.contract import ContractError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

TRIES: Final = 2
"""How often a function that fails is called."""


class Functions:
    """The functions that an environment lists: no others are called."""

    def __init__(self, client: "LambdaClient", allowed: Sequence[str]) -> None:
        self._client, self._allowed = client, allowed

    def require(self, arn: str, what: str) -> None:
        """Refuse a function that the environment does not list. Raises ContractError."""
        if arn not in self._allowed:
            raise ContractError(
                f"{what} is {arn}, which this environment calls for nobody: have it named in Labeling(functions=...)."
            )

    def call(self, arn: str, what: str, event: Mapping[str, Any]) -> object:
        """Return what a function answers to an event. Raises ContractError where it fails, and goes on failing."""
        self.require(arn, what)
        for _ in range(TRIES):
            answer = self._client.invoke(FunctionName=arn, Payload=json.dumps(event, ensure_ascii=False).encode())
            said: object = json.loads(answer["Payload"].read() or b"null")
            if not answer.get("FunctionError"):
                return said
        reason = said.get("errorMessage", said) if isinstance(said, Mapping) else said
        raise ContractError(f"The function {arn.rpartition(':')[2]} failed: {reason}")
