"""Access logs of S3 that arrive late: MiniStack writes none, and S3 delivers them hours after the requests.

Source: S3 user guide, "Logging requests with server access logging": delivery is best effort, and whom a bucket policy
lets write them is the principal `logging.s3.amazonaws.com`.
"""

import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator

from ministack.core import responses
from ministack.services import cloudformation, s3
from ministack.services.cloudformation import stacks

from localcloud.hooks.callers import identity
from localcloud.hooks.stacks.failing_resources import Properties

SERVICE = "logging.s3.amazonaws.com"


def receivers() -> frozenset[str]:
    """Return the buckets of all accounts that others log to."""
    return frozenset(_element(text, "TargetBucket") for _, text in list(s3._bucket_logging_config._data.items()))


def deliver_late(late: Callable[[], Collection[str]]) -> None:
    """Deliver logs into these buckets before each resource of their stack is deleted, while their policy permits."""
    delete = stacks._delete_resource

    def deleted(kind: str, physical_id: str, properties: Properties, stack: str = "", logical_id: str = "") -> None:
        for bucket in late():
            if any(each.get("PhysicalResourceId") == bucket for each in _resources(stack)):
                _deliver(bucket)
        delete(kind, physical_id, properties, stack, logical_id)

    stacks._delete_resource = deleted


def _resources(stack: str) -> Iterator[Properties]:
    yield from list((cloudformation._stacks.get(stack) or {}).get("_resources", {}).values())


def _deliver(bucket: str) -> None:
    account = responses.get_account_id()
    for source, text in list(s3._bucket_logging_config.items()):
        if _element(text, "TargetBucket") != bucket:
            continue
        key = f"{_element(text, 'TargetPrefix')}{time.strftime('%Y-%m-%d-%H-%M-%S')}-{secrets.token_hex(8).upper()}"
        context = {"aws:SourceAccount": account, "aws:SourceArn": f"arn:aws:s3:::{source}"}
        resource = f"arn:aws:s3:::{bucket}/{key}"
        if identity.lets_service(s3._bucket_policies.get(bucket), SERVICE, "s3:PutObject", resource, account, context):
            s3._put_object(bucket, key, b"late\n", {})


def _element(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return found[1] if found else ""
