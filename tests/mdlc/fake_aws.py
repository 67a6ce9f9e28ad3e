"""A small AWS in this process: every request is validated against botocore's model, then answered from Python."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def refuse(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@dataclass
class FakeAws:
    """Objects in S3, stack outputs, and canned answers of other operations by name."""

    objects: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)
    stacks: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def answer(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, parameters))
        if operation in self.answers:
            return self.answers[operation](parameters)
        method = getattr(self, operation, None)
        if method is None:
            raise AssertionError(f"the test expects no {operation}")
        result: dict[str, Any] = method(parameters)
        return result

    def called(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == operation]

    def DescribeStacks(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's name
        assert "StackName" not in parameters, "all stacks are asked for at once"
        return {
            "Stacks": [
                {
                    "StackName": name,
                    "StackStatus": "CREATE_COMPLETE",
                    "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
                }
                for name, outputs in self.stacks.items()
            ]
        }

    def PutObject(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        key = f"{parameters['Bucket']}/{parameters['Key']}"
        assert parameters["IfNoneMatch"] == "*"
        if key in self.objects:
            raise refuse("PutObject", "PreconditionFailed", "At least one of the pre-conditions did not hold")
        body = parameters["Body"]
        self.objects[key] = body if isinstance(body, bytes) else body.read()
        self.written[key] = NOW + timedelta(seconds=len(self.written))
        return {}

    def GetObject(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        content = self.objects.get(f"{parameters['Bucket']}/{parameters['Key']}")
        if content is None:
            raise refuse("GetObject", "NoSuchKey", "The specified key does not exist.")
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def HeadObject(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if f"{parameters['Bucket']}/{parameters['Key']}" not in self.objects:
            raise refuse("HeadObject", "404", "Not Found")
        return {}

    def ListObjectsV2(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        begin = f"{parameters['Bucket']}/{parameters['Prefix']}"
        found = [
            {
                "Key": key.partition("/")[2],
                "LastModified": self.written[key],
                "Size": len(self.objects[key]),
            }
            for key in sorted(self.objects)
            if key.startswith(begin)
        ]
        return {"Contents": found} if found else {}
