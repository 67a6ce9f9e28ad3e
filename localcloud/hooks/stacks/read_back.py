"""CloudFormation of MiniStack: every resource is read back when it was made or changed, and to find drift."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import drift, provisioners, stacks

from localcloud.hooks.requests import calls
from localcloud.hooks.stacks.cloudformation import Resource
from localcloud.readback import verdicts
from localcloud.readback.comparison import Difference
from localcloud.readback.readers import READERS
from localcloud.readback.verdicts import Verdict

Place = tuple[str, str, str, str]
"""Account, region, stack and logical id."""
Provisioned = tuple[str, dict[str, Any]]
"""Physical id and attributes of a resource, as MiniStack has made it."""


class NotAppliedError(ValueError):
    """Properties of a resource that are neither read back as the template has them nor recorded by name."""


@dataclass(frozen=True)
class Made:
    """A resource as it was when CloudFormation had made or changed it."""

    verdicts: tuple[Verdict, ...]
    actual: Mapping[str, Any]


class ReadBack:
    """Reads resources, keeps the verdicts, and lets a deployment fail for what was dropped in silence.

    `recorded` says why every property of a type is recorded only; empty when some are applied.
    """

    def __init__(self, recorded: Callable[[str], str]) -> None:
        self._recorded = recorded
        self._made: dict[Place, Made] = {}

    def of(self, resource: Resource) -> tuple[Verdict, ...]:
        """Return what became of the properties of a resource."""
        made = self._made.get((resource.account, resource.region, resource.stack, resource.logical_id))
        return made.verdicts if made else ()

    def reads(self, name: str) -> bool:
        """Return whether what becomes of a type's properties is known: it is read back, or recorded as a whole."""
        return name in READERS or bool(self._recorded(name))

    def install(self) -> None:
        """Read after every creation and change, and let drift detection read in the same way."""
        update, update_nested = stacks._update_keeping_seed, provisioners._update_resource

        def updated(kind: str, old_id: str, *given: Any) -> tuple[Provisioned, str]:  # noqa: ANN401 - MiniStack's
            made, seed = update(kind, old_id, *given)
            self._judge_updated(kind, made, *given)
            return made, seed

        def updated_nested(kind: str, old_id: str, *given: Any) -> Provisioned:  # noqa: ANN401 - MiniStack's
            made: Provisioned = update_nested(kind, old_id, *given)
            self._judge_updated(kind, made, *given)
            return made

        stacks._provision_resource = self._reading(stacks._provision_resource)
        provisioners._provision_resource = self._reading(provisioners._provision_resource)  # of nested stacks
        stacks._update_keeping_seed, provisioners._update_resource = updated, updated_nested
        drift.supports_drift = READERS.__contains__
        drift.detect_resource_drift = self._detect

    def _reading(self, provision: Callable[..., Provisioned]) -> Callable[..., Provisioned]:
        def provisioned(kind: str, logical_id: str, properties: dict[str, Any], stack: str) -> Provisioned:
            physical_id, attributes = provision(kind, logical_id, properties, stack)
            try:
                self._judge(kind, logical_id, stack, physical_id, properties)
            except Exception:
                provisioners._delete_resource(kind, physical_id, properties, stack, logical_id)
                raise
            return physical_id, attributes

        return provisioned

    def _judge_updated(self, kind: str, made: Provisioned, *given: Any) -> None:  # noqa: ANN401 - MiniStack's
        _, new, stack, logical_id, *_ = given
        self._judge(kind, logical_id, stack, made[0], new)

    def _judge(self, kind: str, logical_id: str, stack: str, physical_id: str, properties: Mapping[str, Any]) -> None:
        if not isinstance(properties, Mapping):
            return
        properties = _own(properties)
        recorded = self._recorded(kind)
        here = responses.get_account_id(), responses.get_region()
        reading = verdicts.read(calls.asking(*here), kind, physical_id, properties)
        found = verdicts.judge(kind, properties, reading, recorded)
        self._made[*here, stack, logical_id] = Made(tuple(found), reading.actual or {})
        if refused := [verdict for verdict in found if verdict.status == "refused"]:
            listed = "; ".join(f"{verdict.path}: {verdict.reason}" for verdict in refused)
            raise NotAppliedError(f"The local cloud did not apply every property of {logical_id} ({kind}): {listed}")

    def _detect(self, stack: Mapping[str, Any], logical_id: str, record: Mapping[str, Any], timestamp: str) -> Any:  # noqa: ANN401 - MiniStack's
        kind, physical_id = record.get("ResourceType", ""), record.get("PhysicalResourceId", "")
        found = {
            "StackId": stack.get("StackId", ""),
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "Timestamp": timestamp,
        }
        here = responses.get_account_id(), responses.get_region()
        made = self._made.get((*here, stack.get("StackName", ""), logical_id))
        expected = _own(record.get("Properties") or {})
        try:
            reading = verdicts.read(calls.asking(*here), kind, physical_id, expected)
        except Exception as error:  # noqa: BLE001 - a resource that cannot be read is UNKNOWN, as documented
            return {
                **found,
                "StackResourceDriftStatus": "UNKNOWN",
                "DriftStatusReason": f"It could not be read: {error}",
            }
        if reading.actual is None:
            return {**found, "StackResourceDriftStatus": "DELETED"}
        changed = verdicts.drift(expected, reading.actual, made.actual if made else None)
        actual = {name: reading.actual.get(name) for name in expected}
        found |= {"ExpectedProperties": _json(expected), "ActualProperties": _json(actual)}
        if not changed:
            return {**found, "StackResourceDriftStatus": "IN_SYNC"}
        return {
            **found,
            "StackResourceDriftStatus": "MODIFIED",
            "PropertyDifferences": [_as_answer(each) for each in changed],
        }


def _own(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template's properties: without the tags that CloudFormation itself sets."""
    own = dict(properties)
    for name, value in properties.items():
        if name.endswith("Tags") and isinstance(value, list):
            own[name] = [tag for tag in value if not str(tag.get("Key", "")).startswith("aws:")]
        if name.endswith("Tags") and isinstance(value, dict):
            own[name] = {key: text for key, text in value.items() if not key.startswith("aws:")}
        if name.endswith("Tags") and not own[name]:
            del own[name]
    return own


def _as_answer(found: Difference) -> dict[str, str]:
    return {
        "PropertyPath": found.path,
        "ExpectedValue": _text(found.expected),
        "ActualValue": _text(found.actual),
        "DifferenceType": found.kind,
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)
