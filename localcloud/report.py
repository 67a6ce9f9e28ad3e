"""What became of every resource of every stack: created, recorded or refused."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from localcloud.hooks.stacks.cloudformation import Resource
    from localcloud.readback.verdicts import Verdict

PUBLIC_LAYERS = "the packages of a public layer come from this program's own virtual environment"
Status = Literal["created", "recorded", "refused"]


@dataclass(frozen=True)
class Entry:
    """One line of the deploy report; `reason` is empty for a resource that was created."""

    stack: str
    logical_id: str
    type: str
    status: Status
    reason: str = ""
    properties: Sequence["Verdict"] = ()
    """What became of each property of the template."""

    def as_dict(self) -> dict[str, Any]:
        """Write the entry as JSON."""
        return asdict(self)


def entries(
    resources: Iterable["Resource"],
    recorded: Mapping[str, str],
    refused: Iterable[Entry],
    properties: Callable[["Resource"], Sequence["Verdict"]] = lambda _: (),
) -> list[Entry]:
    """List the resources that stacks hold, then the types that templates asked for in vain."""
    lines: list[Entry] = []
    for resource in resources:
        reason = recorded.get(resource.type, "")
        status: Status = "recorded" if reason else "created"
        found = properties(resource)
        lines.append(Entry(resource.stack, resource.logical_id, resource.type, status, reason, found))
        lines += [
            Entry(
                resource.stack, f"{resource.logical_id}/{layer.rsplit(':', 2)[-2]}", "layer", "recorded", PUBLIC_LAYERS
            )
            for layer in resource.properties.get("Layers", ())
            if f":{resource.account}:" not in layer
        ]
    return lines + list(refused)
