"""Roll-outs that were refused, failed or were undone: what the roll-out function answers to Lambda.

Lambda hands its answer on as an event. Source: Lambda developer guide, "Capturing records of Lambda asynchronous
invocations".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from notices.notice import Kind, Notice
from notices.settings import Settings

ROLLED_BACK = "rolled-back"


def of_rollout(detail: Mapping[str, Any], settings: Settings) -> Iterator[Notice]:
    """Yield a notice for each approval that was turned down lately, of which the function names all each time."""
    answer = detail.get("responsePayload")
    for each in (answer.get("turned_down") or ()) if isinstance(answer, Mapping) else ():
        endpoint, version = str(each["endpoint"]), int(each["version"])
        if not settings.owns(endpoint):
            continue
        system, undone = settings.system_of(endpoint), each["rollout"] == ROLLED_BACK
        of = f"{system} {version} -e {settings.environment}"
        yield Notice(
            id=f"rollout/{each['config']}/{each['rollout']}",
            kind=Kind.ROLLOUT,
            environment=settings.environment,
            system=system,
            title=f"the roll-out of version {version} was {'undone' if undone else 'refused'}",
            what=f"Version {version} was approved and does not serve at the endpoint {endpoint}: its roll-out "
            + ("was rolled back, and what served before serves again." if undone else "was refused, or failed."),
            reason=str(each["reason"]),
            commands=(f"mdlc model show {of}", f"mdlc model approve {of} --wait"),
            link=f"https://{settings.region}.console.aws.amazon.com/sagemaker/home?region={settings.region}"
            f"#/endpoints/{endpoint}",
        )
