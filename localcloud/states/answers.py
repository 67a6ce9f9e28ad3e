"""What an optimized integration adds to a service's answer: the HTTP metadata of the SDK that AWS calls it with.

moto leaves it out. Source: answers of AWS recorded by LocalStack in its tests of service integrations.
"""

import threading
from typing import Any, Final

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService

SERVICES: Final = frozenset({"dynamodb", "lambda", "sns", "sqs", "states"})
_last = threading.local()


def add_metadata() -> None:
    """Add the metadata to the answers of those services, however their task names its members."""
    after = StateTaskService._after_eval_execution

    def ended(self: Any, env: Any, **more: Any) -> None:  # noqa: ANN401 - moto's
        metadata, answer = getattr(_last, "metadata", None), env.stack[-1] if env.stack else None
        pattern = getattr(self.resource, "condition", None)
        if self.resource.service_name in SERVICES and pattern is None and metadata and isinstance(answer, dict):
            answer.update(metadata)
        after(self, env=env, **more)

    StateTaskService._after_eval_execution = ended


def remember(parsed: dict[str, Any], **_: object) -> None:
    """Keep the metadata of the answer that this thread has got; a handler of botocore's event `after-call`."""
    answered = parsed["ResponseMetadata"]
    headers = answered.get("HTTPHeaders", {})
    _last.metadata = {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": dict(headers),
            "HttpStatusCode": answered["HTTPStatusCode"],
        },
        "SdkResponseMetadata": {"RequestId": answered["RequestId"]},
    }
