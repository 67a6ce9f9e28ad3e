"""Put documented answers to a running cloud: nothing, or in what its answer differs."""

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jmespath
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from tests.localcloud.answers.case import PRESENT, Call, Case

WAIT_S = 90.0
_NAME = re.compile(r"<(\w+)>")
_EARLIER = re.compile(r"<(\d+)\.([^<>]+)>")
_UNDO = {"CreateEndpoint": ("DeleteEndpoint", "EndpointName")}


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A cloud by its clients, and what the placeholders of its account stand for."""

    client: Callable[[str], Any]
    account: Mapping[str, str]

    def difference(self, case: Case) -> str:
        """Say in what the cloud's answer is another than the documented one; nothing when it is the same."""
        asked = _Asked(client=self.client, names={**self.account, "id": f"x{uuid.uuid4().hex[:9]}"})
        try:
            return asked.difference(case)
        finally:
            asked.undo()


@dataclass(frozen=True, kw_only=True)
class _Asked:
    client: Callable[[str], Any]
    names: Mapping[str, str]
    answers: list[dict[str, Any]] = field(default_factory=list)
    made: list[Call] = field(default_factory=list)

    def difference(self, case: Case) -> str:
        try:
            for call in case.setup:
                self.answers.append(self.reach(call))
        except (ClientError, BotoCoreError, ResponseParserError, TimeoutError) as error:
            return f"cannot be set up: {error}"
        try:
            answer = self.make(case.call)
        except ClientError as error:
            return self.of_error(case, error)
        except (BotoCoreError, ResponseParserError) as error:
            return f"botocore: {error}"
        if case.members is None:
            return f"accepted; documented is {case.code}"
        return self.of_members(case.members, answer)

    def of_error(self, case: Case, error: ClientError) -> str:
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        if case.members is not None:
            return f"refused: {code}: {message}"
        if code == case.code and re.search(self.named(case.message), message, re.DOTALL):
            return ""
        return f"{code}: {message}"

    def of_members(self, members: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
        differing = []
        for path, documented in members.items():
            found = jmespath.search(self.named(path), answer)
            if not self.same(documented, found):
                differing.append(f"{path} is {found!r}")
        return "; ".join(differing)

    def same(self, documented: Any, found: Any) -> bool:
        if documented is PRESENT:
            return found is not None
        if isinstance(documented, re.Pattern):
            return re.search(self.named(documented.pattern), str(found), documented.flags) is not None
        return bool(self.filled(documented) == found)

    def reach(self, call: Call) -> dict[str, Any]:
        """Make a call, or repeat it until its answer is as wished."""
        end = time.monotonic() + WAIT_S
        while True:
            answer = self.make(call)
            if not call.until or not (left := self.of_members(call.until, answer)):
                return answer
            if time.monotonic() > end:
                raise TimeoutError(f"{call.operation}: {left}")
            time.sleep(0.1)

    def make(self, call: Call) -> dict[str, Any]:
        method = getattr(self.client(call.service), xform_name(call.operation))
        answer: dict[str, Any] = method(**self.filled(call.parameters))
        if call.operation in _UNDO:
            self.made.append(call)
        return answer

    def undo(self) -> None:
        """Take what runs out of service, so that no limit of the account is met."""
        for call in self.made:
            operation, name = _UNDO[call.operation]
            undo = Call(service=call.service, operation=operation, parameters={name: call.parameters[name]})
            end = time.monotonic() + WAIT_S
            while time.monotonic() < end:
                try:
                    self.make(undo)
                except ClientError as error:
                    if "in-progress" not in str(error):
                        break
                    time.sleep(0.1)
                else:
                    break

    def filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.filled(key): self.filled(inner) for key, inner in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, bytes):
            return [self.filled(inner) for inner in value]
        return value

    def text(self, text: str) -> Any:
        named = self.named(text)
        if whole := _EARLIER.fullmatch(named):
            return jmespath.search(whole[2], self.answers[int(whole[1])])
        return _EARLIER.sub(lambda found: str(jmespath.search(found[2], self.answers[int(found[1])])), named)

    def named(self, text: str) -> str:
        return _NAME.sub(lambda found: self.names.get(found[1], found[0]), text)
