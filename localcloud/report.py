"""What became of every resource of every stack: created, recorded or refused."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from localcloud.hooks.cloudformation import Resource

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

    def as_dict(self) -> dict[str, str]:
        """Write the entry as JSON."""
        return asdict(self)


def entries(resources: Iterable["Resource"], recorded: Mapping[str, str], refused: Iterable[Entry]) -> list[Entry]:
    """List the resources that stacks hold, then the types that templates asked for in vain."""
    lines: list[Entry] = []
    for resource in resources:
        reason = recorded.get(resource.type, "")
        status: Status = "recorded" if reason else "created"
        lines.append(Entry(resource.stack, resource.logical_id, resource.type, status, reason))
        lines += [
            Entry(
                resource.stack, f"{resource.logical_id}/{layer.rsplit(':', 2)[-2]}", "layer", "recorded", PUBLIC_LAYERS
            )
            for layer in resource.properties.get("Layers", ())
            if f":{resource.account}:" not in layer
        ]
    return lines + list(refused)
