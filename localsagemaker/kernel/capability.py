"""A capability: a part of the service with operations of its own."""

from collections.abc import Mapping
from typing import Protocol

from localsagemaker.kernel.authorization import Permissions
from localsagemaker.kernel.requests import Handler


class Capability(Protocol):
    """What the service needs of each of its parts."""

    @property
    def permissions(self) -> Permissions:
        """What its operations act on, and its kinds of resources."""

    def operations(self) -> Mapping[str, Handler]:
        """Return a handler for each operation of the control plane."""

    def close(self) -> None:
        """End what runs, and wait until it has ended."""
