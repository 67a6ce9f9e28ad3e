"""Which host a client calls for an action, and which names an interface endpoint answers to inside its network.

`hosts.csv` has an endpoint a line, by what its service's name has after `com.amazonaws.<region>.`, with its private
names, the actions or services whose clients call the host, and the source. A host that is among no endpoint's names
resolves to public addresses: from a network without a way out nothing answers there.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

OF_SAGEMAKER: Final = ("experiments", "studio")
"""Endpoints whose service is called `aws.sagemaker.<region>.…`."""
TABLE: Final = Path(__file__).with_name("hosts.csv")


@dataclass(frozen=True)
class Host:
    """What the clients of an action call, and the endpoint of that name; empty where none is known."""

    name: str
    endpoint: str
    private_names: str
    source: str

    @property
    def resolves_inside(self) -> bool:
        """Whether the endpoint's private names hold for the host, so that a call from inside arrives."""
        return bool(self.endpoint) and fnmatchcase(self.name, self.private_names)


@cache
def hosts() -> Mapping[str, Host]:
    """Return the host of every action (`sagemaker:InvokeEndpoint`), or of a service for all its other actions."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            called: Host(row["host"], row["endpoint"], row["private_names"], row["source"])
            for row in csv.DictReader(file)
            for called in row["called_for"].split()
        }


@cache
def endpoints() -> frozenset[str]:
    """Return every endpoint that is known, by what its service's name ends with."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return frozenset(row["endpoint"] for row in csv.DictReader(file) if row["endpoint"])


def service_name(endpoint: str, region: str) -> str:
    """Return what the service of an endpoint is called in a region."""
    begin = "aws.sagemaker" if endpoint in OF_SAGEMAKER else "com.amazonaws"
    return f"{begin}.{region}.{endpoint}"


def host_of(action: str) -> Host | None:
    """Return the host that a client calls for an action; None where it is not known."""
    return hosts().get(action) or hosts().get(action.partition(":")[0])
