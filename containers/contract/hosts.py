"""The instances of a training job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contract.errors import InputError
from contract.job import log

if TYPE_CHECKING:
    from contract.paths import Paths


def is_first_host(paths: Paths) -> bool:
    """Say whether this host trains: with several, all have the same data and the first one does the work."""
    if not paths.resource_config.exists():
        return True
    resources = json.loads(paths.resource_config.read_text(encoding="utf-8"))
    hosts = sorted(resources.get("hosts", []))
    if len(hosts) < 2:  # noqa: PLR2004 - one host is the usual case
        return True
    channels = json.loads(paths.input_data_config.read_text(encoding="utf-8"))
    for name, channel in channels.items():
        if channel.get("S3DistributionType", "FullyReplicated") != "FullyReplicated":
            raise InputError(f"channel {name} is divided over {len(hosts)} hosts: it must be FullyReplicated")
    first = bool(resources["current_host"] == hosts[0])
    log(
        f"{len(hosts)} hosts: {hosts[0]} trains" + ("" if first else f", {resources['current_host']} has nothing to do")
    )
    return first
