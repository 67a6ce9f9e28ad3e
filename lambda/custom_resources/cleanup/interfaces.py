"""Waits for the network interfaces of a service, which outlive by minutes what they were for."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from common.custom_resource import Failure

POLL_SECONDS = 2.0


class Network(Protocol):
    """What is needed of the EC2 client."""

    def describe_network_interfaces(self, *, Filters: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:  # noqa: N803
        """Return the network interfaces that pass the filters."""


def count(ec2: Network, group: str) -> int:
    """Count the network interfaces that are in a security group, which is not deleted before they are gone."""
    found = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [group]}])
    return len(found["NetworkInterfaces"])


def await_none(ec2: Network, group: str, time_left: Callable[[], bool]) -> None:
    """Wait until no network interface is in a security group; `Failure` says how many are when time runs out."""
    while left := count(ec2, group):
        if not time_left():
            raise Failure(f"network interfaces in {group} left: {left}. Delete the stack again in some minutes.")
        time.sleep(POLL_SECONDS)
